package goclient

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	socketio "github.com/go-socketio/socketio"
)

// breaking lets so many connections break, each after some more bytes from the server
// than the one before, so that what is lost is an acknowledgement now and then.
func breaking(n int, end ending) func(int) *fault {
	return func(connection int) *fault {
		if connection >= n {
			return nil
		}
		return &fault{then: end, downstream: 330 + 37*connection}
	}
}

// TestRetriesOverBrokenConnections asks both servers over connections that break: every
// event has its answer, and ours, which recognises repeats, handles it once and in order.
func TestRetriesOverBrokenConnections(t *testing.T) {
	const events = 30
	official := start(t, "server.mjs", map[string]any{"pingInterval": 200, "pingTimeout": 150})
	for name, end := range map[string]ending{"reset": reset, "shut": shut, "half-open": halfOpen} {
		for _, transport := range []string{"polling", "websocket"} {
			ask := func(t *testing.T, addr, event string) {
				p := newProxy(t, addr)
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				defer cancel()
				o := impatient([]string{transport})
				o.KeepTrying = true
				p.setFaults(breaking(12, end))
				e := &env{t, ctx, "http://" + p.addr, []string{transport}, nil}
				s := e.connect("/", o)
				for i := range events {
					if got := s.ask(event, i); got[0] != float64(i) {
						t.Fatalf("event %d was answered with %v", i, got)
					}
				}
			}
			t.Run(fmt.Sprint("official server/", transport, "/", name), func(t *testing.T) {
				ask(t, strings.TrimPrefix(official.URL, "http://"), "echo")
			})
			t.Run(fmt.Sprint("our server/", transport, "/", name), func(t *testing.T) {
				server := startGo(t, socketio.Options{
					Retries: new(socketio.Retries), PingInterval: 200 * time.Millisecond, PingTimeout: 150 * time.Millisecond,
				}, "127.0.0.1:0")
				var mu sync.Mutex
				var got, want []int
				server.io.On("put", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
					var i int
					if err := args.Decode(&i); err != nil {
						return err
					}
					mu.Lock()
					got = append(got, i)
					mu.Unlock()
					return args.Ack(i)
				})
				ask(t, server.addr, "put")
				for i := range events {
					want = append(want, i)
				}
				mu.Lock()
				defer mu.Unlock()
				if !slices.Equal(got, want) {
					t.Errorf("handled %v", got)
				}
				if stats := server.io.Stats(); stats.Opened < 2 {
					t.Errorf("no connection broke: %+v", stats)
				} else {
					t.Logf("%+v over %d connections", stats.Retries, stats.Opened)
				}
			})
		}
	}
}
