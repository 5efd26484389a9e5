//go:build unix

package goclient

import (
	"context"
	"syscall"
	"testing"
	"time"

	socketio "github.com/go-socketio/socketio"
)

// TestSuspendedProcess stops a whole process until the server has given it up, and lets
// it go on: it comes back by itself, as somebody else.
func TestSuspendedProcess(t *testing.T) {
	for _, transport := range []string{"polling", "websocket"} {
		t.Run(transport, func(t *testing.T) {
			server := startGo(t, socketio.Options{PingInterval: 100 * time.Millisecond, PingTimeout: 200 * time.Millisecond}, "127.0.0.1:0")
			come, gone := make(chan string, 10), make(chan string, 10)
			server.io.OnConnect(func(_ context.Context, s *socketio.Socket) { come <- s.ID() })
			server.io.OnDisconnect(func(_ context.Context, s *socketio.Socket, _ socketio.Disconnect) { gone <- s.ID() })
			cmd := program{URL: "http://" + server.addr, Transport: transport}.command(t)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { cmd.Process.Kill(); cmd.Wait() }()
			next := func(c <-chan string) string {
				select {
				case id := <-c:
					return id
				case <-time.After(patience):
					t.Fatal("nothing happened")
					return ""
				}
			}
			first := next(come)
			for range 3 {
				cmd.Process.Signal(syscall.SIGSTOP)
				if id := next(gone); id != first {
					t.Fatalf("%s is gone, and not %s", id, first)
				}
				cmd.Process.Signal(syscall.SIGCONT)
				id := next(come)
				if id == first {
					t.Error("back without having noticed")
				}
				first = id
			}
		})
	}
}
