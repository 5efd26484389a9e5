package official

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/interop/internal/nodejs"
)

// A server that is closed refuses clients with status 503. They go on trying until there
// is another one.
func TestRestart(t *testing.T) {
	for _, list := range transports {
		t.Run(list, func(t *testing.T) {
			var present atomic.Pointer[socketio.Server]
			present.Store(socketio.NewServer(socketio.Options{}))
			var refused atomic.Int32
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				present.Load().ServeHTTP(statusCounter{w, &refused}, r)
			}))
			defer web.Close()
			next := follow(t, "restart.mjs", web.URL, list)
			if got := next(); got != "connect" {
				t.Fatal(got)
			}
			present.Load().Close()
			for _, want := range []string{"disconnect: transport ", "connect_error: ", "connect_error: "} {
				if got := next(); !strings.HasPrefix(got, want) {
					t.Fatalf("%q, want %q", got, want)
				}
			}
			if refused.Load() < 2 {
				t.Error("it was not refused with status 503")
			}
			present.Store(socketio.NewServer(socketio.Options{}))
			defer present.Load().Close()
			got := next()
			for strings.HasPrefix(got, "connect_error: ") {
				got = next()
			}
			if got != "connect" {
				t.Errorf("%q, want connect", got)
			}
		})
	}
}

// statusCounter counts the answers with status 503.
type statusCounter struct {
	http.ResponseWriter
	n *atomic.Int32
}

func (c statusCounter) WriteHeader(status int) {
	if status == http.StatusServiceUnavailable {
		c.n.Add(1)
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c statusCounter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// follow starts a program of this folder, which ends with the test, and returns a function
// that returns the next line that it prints.
func follow(t *testing.T, args ...string) (next func() string) {
	t.Helper()
	lines := bufio.NewScanner(nodejs.Start(t, t.Context(), args...).Out)
	return func() string {
		t.Helper()
		if !lines.Scan() {
			t.Fatalf("%v has ended: %v", args, lines.Err())
		}
		return lines.Text()
	}
}
