// Package routers checks that a server can be mounted in the routers people use.
package routers

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"

	"github.com/go-socketio/socketio"
)

// routers mount a server, behind the middleware that many programs have.
var routers = map[string]func(srv http.Handler) http.Handler{
	"net/http": func(srv http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/socket.io/", srv)
		return mux
	},
	"chi": func(srv http.Handler) http.Handler {
		r := chi.NewRouter()
		r.Use(middleware.RequestID, middleware.Recoverer)
		r.Handle("/socket.io/*", srv)
		return r
	},
	"gin": func(srv http.Handler) http.Handler {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		r.Use(gin.Recovery())
		r.Any("/socket.io/*any", gin.WrapH(srv))
		return r
	},
	"echo": func(srv http.Handler) http.Handler {
		e := echo.New()
		e.Use(echomiddleware.Recover(), echomiddleware.RequestID())
		e.Any("/socket.io/*", echo.WrapHandler(srv))
		return e
	},
}

func TestMount(t *testing.T) {
	for name, mount := range routers {
		t.Run(name, func(t *testing.T) {
			srv := socketio.NewServer(socketio.Options{})
			defer srv.Close()
			srv.On("hello", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
				return args.Ack("world")
			})
			ts := httptest.NewServer(mount(srv))
			defer ts.Close()
			t.Run("polling", func(t *testing.T) { poll(t, ts.URL) })
			t.Run("websocket", func(t *testing.T) { dial(t, ts.URL) })
		})
	}
}

// poll opens a session, joins the main namespace and asks, all over polling.
func poll(t *testing.T, url string) {
	url += "/socket.io/?EIO=4&transport=polling"
	open := request(t, http.MethodGet, url, "")
	_, rest, _ := strings.Cut(open, `"sid":"`)
	sid, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no session id in %q", open)
	}
	url += "&sid=" + sid
	request(t, http.MethodPost, url, "40")
	if got := request(t, http.MethodGet, url, ""); !strings.HasPrefix(got, `40{"sid":`) {
		t.Fatalf("joined with %q", got)
	}
	request(t, http.MethodPost, url, `420["hello"]`)
	if got := request(t, http.MethodGet, url, ""); got != `430["world"]` {
		t.Errorf("answered with %q", got)
	}
}

func request(t *testing.T, method, url, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %q %v", method, res.Status, text, err)
	}
	return string(text)
}

// dial does the same over a WebSocket.
func dial(t *testing.T, url string) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, rw, _, err := ws.Dial(ctx, "ws"+strings.TrimPrefix(url, "http")+"/socket.io/?EIO=4&transport=websocket")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var r io.Reader = conn
	if rw != nil {
		r = rw // what came with the handshake
	}
	stream := struct {
		io.Reader
		io.Writer
	}{r, conn}
	expect := func(prefix string) {
		t.Helper()
		got, err := wsutil.ReadServerText(stream)
		if err != nil || !strings.HasPrefix(string(got), prefix) {
			t.Fatalf("received %q %v, want %s", got, err, prefix)
		}
	}
	expect("0{")
	if err := wsutil.WriteClientText(conn, []byte("40")); err != nil {
		t.Fatal(err)
	}
	expect(`40{"sid":`)
	if err := wsutil.WriteClientText(conn, []byte(`420["hello"]`)); err != nil {
		t.Fatal(err)
	}
	expect(`430["world"]`)
}
