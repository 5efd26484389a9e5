package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/go-socketio/socketio"
)

// What recovery costs an emit.
func BenchmarkEmit(b *testing.B) {
	for name, recovery := range map[string]*socketio.Recovery{"recovery=off": nil, "recovery=on": {}} {
		for _, n := range []int{0, 1, 100} {
			b.Run(fmt.Sprintf("%s/clients=%d", name, n), func(b *testing.B) {
				srv, s, stop := benchServer(b, recovery, n)
				defer stop()
				b.ReportAllocs()
				emit := srv.Emit
				if n == 1 {
					emit = s.Emit
				}
				for b.Loop() {
					for errors.Is(emit("event", "a string of no great length"), socketio.ErrQueueFull) {
						runtime.Gosched()
					}
				}
			})
		}
	}
}

func benchServer(tb testing.TB, recovery *socketio.Recovery, clients int) (*socketio.Server, *socketio.Socket, func()) {
	srv := socketio.NewServer(socketio.Options{Recovery: recovery, QueuePolicy: socketio.QueueError, Logger: silent})
	connected := make(chan *socketio.Socket, 1)
	srv.OnConnect(func(_ context.Context, s *socketio.Socket) { connected <- s })

	h, stop := serveInMemory(tb, srv, 1<<20)
	var s *socketio.Socket
	for range clients {
		c := h.connect()
		c.send("40")
		s = <-connected
		go io.Copy(io.Discard, c.conn)
	}
	return srv, s, stop
}
