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
			server := startGo(t, socketio.Options{PingInterval: 200 * time.Millisecond, PingTimeout: 800 * time.Millisecond}, "127.0.0.1:0")
			come, gone := make(chan string, 10), make(chan string, 10)
			server.io.OnConnect(func(_ context.Context, s *socketio.Socket) { come <- s.ID() })
			server.io.OnDisconnect(func(_ context.Context, s *socketio.Socket, _ socketio.Disconnect) { gone <- s.ID() })
			cmd := program{URL: "http://" + server.addr, Transport: transport}.command(t)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { cmd.Process.Kill(); cmd.Wait() }()
			failsafe := time.After(3 * patience)
			next := func(come, gone <-chan string) (id string, here bool) {
				select {
				case id := <-come:
					return id, true
				case id := <-gone:
					return id, false
				case <-failsafe:
					t.Fatal("nothing happened")
					return "", false
				}
			}
			current, _ := next(come, nil)
			for range 3 {
				cmd.Process.Signal(syscall.SIGSTOP)
				// On a busy machine the program may have been late and come back before.
				for id, here := next(come, gone); here || id != current; id, here = next(come, gone) {
					if here {
						current = id
					}
				}
				cmd.Process.Signal(syscall.SIGCONT)
				id, _ := next(come, nil)
				if id == current {
					t.Error("back without having noticed")
				}
				current = id
			}
		})
	}
}
