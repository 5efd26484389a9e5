package oldclients

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
)

// Old clients in a browser get along with the server from a page of another origin. Those
// of versions 1 and 2 send credentials without being told to. They had JSONP until version 3.
func TestBrowser(t *testing.T) {
	for _, version := range []string{"1", "2", "3"} {
		for _, transports := range []string{"jsonp", "polling", "polling,websocket"} {
			t.Run("version "+version+"/"+transports, func(t *testing.T) {
				done := make(chan string, 1)
				page := httptest.NewServer(pageFor(version, done))
				defer page.Close()
				options := socketio.Options{AllowEIO3: version < "3"}
				if transports == "jsonp" {
					options.AllowJSONP = true
				} else {
					options.CORS = &socketio.CORS{Origins: []string{page.URL}, Credentials: version < "3"}
				}
				srv := socketio.NewServer(options)
				register(srv)
				web := httptest.NewServer(srv)
				defer web.Close()
				defer srv.Close()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				query := url.Values{"server": {web.URL}, "transports": {transports}}
				if version == "1" && transports == "polling" {
					query.Set("ascii", "")
				}
				end := browse(t, ctx, page.URL+"/?"+query.Encode())
				defer end()
				select {
				case result := <-done:
					if result != "ok" {
						t.Error(result)
					}
				case <-ctx.Done():
					t.Error("the page did not finish")
				}
			})
		}
	}
}

// pageFor serves a page that uses a version of the client, and takes what it says.
func pageFor(version string, done chan<- string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "page.html") })
	mux.HandleFunc("GET /client.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, "../node_modules/socket.io-client-v"+version+"/dist/socket.io.js")
	})
	mux.HandleFunc("POST /done", func(_ http.ResponseWriter, r *http.Request) {
		result, _ := io.ReadAll(r.Body)
		select {
		case done <- string(result):
		default: // it has said something before
		}
	})
	return mux
}

// browse opens a page in Chromium, which the function it returns ends.
func browse(t *testing.T, ctx context.Context, url string) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), url)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		cancel()
		cmd.Wait()
	}
}
