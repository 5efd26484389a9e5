package goclient

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"

	socketio "github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/interop/internal/doctable"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// sheetRow is a row of a table of docs/cheatsheet.md about the client. What comes out of
// it, as JSON, must be the same for its Go and for its JavaScript, with every server.
type sheetRow struct {
	what string
	want string
	run  func(e *sheet) any
}

// checkSheet runs the rows of a table. Its JavaScript is in program, its Go in file.
func checkSheet(t *testing.T, heading, program, file string, rows []sheetRow) {
	const page = "../../docs/cheatsheet.md"
	javaScript, golang := doctable.Open(t, page, heading, 1, program), doctable.Open(t, page, heading, 2, file)
	var names []string
	for _, row := range rows {
		javaScript.Try(row.what)
		golang.Try(row.what)
		names = append(names, row.what)
	}
	for name, servers := range map[string]map[string]string{"official server": officialServers(t), "our server": ourServers(t)} {
		t.Run("official client/"+name, func(t *testing.T) {
			results := runProgram(t, program, map[string]any{
				"url": servers["plain"], "servers": servers, "cases": names, "transports": []string{client.WebSocket},
			})
			for _, row := range rows {
				t.Run(row.what, func(t *testing.T) { sameJSON(t, results[row.what], row.want) })
			}
		})
		t.Run("Go client/"+name, func(t *testing.T) {
			for _, row := range rows {
				t.Run(row.what, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(context.Background(), patience)
					defer cancel()
					e := &env{t, ctx, servers["plain"], []string{client.WebSocket}, nil}
					sameJSON(t, row.run(&sheet{e, servers}), row.want)
				})
			}
		})
	}
}

// officialServers and ourServers return the URLs of servers that differ in one thing
// each, by that.
func officialServers(t *testing.T) map[string]string {
	return elsewhere(t, map[string]string{
		"plain":          start(t, "server.mjs", map[string]any{"giveCookie": "mine=1"}).URL,
		"elsewhere":      start(t, "server.mjs", map[string]any{"path": "/live/"}).URL,
		"only WebSocket": start(t, "server.mjs", map[string]any{"transports": []string{"websocket"}}).URL,
		"MessagePack":    start(t, "server.mjs", map[string]any{"parser": "msgpack"}).URL,
	})
}

func ourServers(t *testing.T) map[string]string {
	return elsewhere(t, map[string]string{
		"plain":          plainServer(t),
		"elsewhere":      "http://" + startGo(t, socketio.Options{Path: "/live/"}, "127.0.0.1:0").addr,
		"only WebSocket": "http://" + startGo(t, socketio.Options{Transports: []string{socketio.WebSocket}}, "127.0.0.1:0").addr,
		"MessagePack":    "http://" + startGo(t, socketio.Options{Codec: msgpack.Codec}, "127.0.0.1:0").addr,
	})
}

// plainServer is one of ours that gives each client a cookie, and tells it which one it
// has sent last.
func plainServer(t *testing.T) string {
	var cookies sync.Map // by the id of the session
	s := startGo(t, socketio.Options{
		InitialHeaders: func(h http.Header, _ *http.Request) { h.Set("Set-Cookie", "mine=1") },
		OnRequest:      func(s *engine.Session, r *http.Request) { cookies.Store(s.ID(), r.Header.Get("Cookie")) },
	}, "127.0.0.1:0")
	s.io.On("cookie", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		cookie, _ := cookies.Load(s.Session().ID())
		return args.Ack(cookie)
	})
	return "http://" + s.addr
}

// elsewhere adds where no server is, and one that accepts connections and says nothing.
func elsewhere(t *testing.T, servers map[string]string) map[string]string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	servers["silent"] = "http://" + l.Addr().String()
	servers["nowhere"] = "http://127.0.0.1:1"
	return servers
}

// sheet is where the Go of a row is run.
type sheet struct {
	*env
	servers map[string]string
}

// open connects with exactly the given options, over both transports unless they say
// otherwise.
func (e *sheet) open(server string, o client.Options) *socket {
	e.t.Helper()
	one := env{e.t, e.ctx, e.servers[server], o.Transports, o.Codec}
	return one.connect("/", o)
}

func (e *sheet) check(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *sheet) await(said <-chan any) any {
	e.t.Helper()
	select {
	case v := <-said:
		return v
	case <-e.ctx.Done():
		e.t.Fatal("nothing was said")
		return nil
	}
}

// serverView is what a server says of a client's handshake and connection.
type serverView struct {
	Auth      map[string]any    `json:"auth"`
	Query     map[string]string `json:"query"`
	Headers   map[string]string `json:"headers"`
	Transport string            `json:"transport"`
}

func (e *sheet) view(s *client.Socket) (v serverView) {
	e.t.Helper()
	answer, err := s.EmitWithAck(e.ctx, "describe")
	e.check(err)
	e.check(answer.Decode(&v))
	return v
}
