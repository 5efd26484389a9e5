//go:build !nogathering

package socketio_test

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/internal/memconn"
)

// What the handlers of one batch emit leaves together. That a single event is not
// held, and that waiting ends a hold, shows in virtual time: a hold lasts until its
// time is up.
func TestGathering(t *testing.T) {
	tests := map[string]struct {
		send   []string
		expect []string
		writes int           // at most
		after  time.Duration // until all has arrived
	}{
		"a single event is not held": {
			send: []string{`42["slow"]`}, expect: []string{`42["slow"]`}, writes: 1, after: 0,
		},
		"a batch leaves together": {
			send:   []string{`42["quick"]`, `42["quick"]`, `42["quick"]`, `42["quick"]`, `42["quick"]`, `42["quick"]`},
			expect: []string{`42["quick"]`, `42["quick"]`, `42["quick"]`, `42["quick"]`, `42["quick"]`, `42["quick"]`},
			writes: 2, // one if the first handler begins late enough
			after:  60 * time.Microsecond,
		},
		"waiting ends the hold": {
			send: []string{`42["quick"]`, `42["wait"]`, `42["quick"]`}, expect: []string{`42["quick"]`, `420["question"]`}, writes: 2,
			after: 10 * time.Microsecond,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := socketio.NewServer(socketio.Options{})
				srv.On("slow", func(_ context.Context, s *socketio.Socket, _ socketio.Args) error {
					err := s.Emit("slow")
					time.Sleep(time.Second)
					return err
				})
				srv.On("quick", func(_ context.Context, s *socketio.Socket, _ socketio.Args) error {
					err := s.Emit("quick")
					time.Sleep(10 * time.Microsecond) // enough to be sent alone if it were not held
					return err
				})
				srv.On("wait", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) error {
					_, err := s.EmitWithAck(ctx, "question")
					return err
				})
				left := disconnects(srv.Of("/"))
				var writes atomic.Int32
				l := &countingListener{memconn.Listen(0), &writes}
				web := &http.Server{Handler: srv}
				served := make(chan error)
				go func() { served <- web.Serve(l) }()
				c := (&host{t, l.DialContext, "memory"}).connect()
				c.join("/", "")
				time.Sleep(time.Second) // the greeting is held for a moment too
				before, start := writes.Load(), time.Now()
				c.send(tt.send...)
				c.expect(tt.expect...)
				if d := time.Since(start); d > tt.after {
					t.Errorf("arrived after %v, want %v", d, tt.after)
				}
				if n := int(writes.Load() - before); n > tt.writes {
					t.Errorf("%d writes, want at most %d", n, tt.writes)
				}
				c.conn.Close()
				<-left
				if err := srv.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				web.Close()
				<-served
			})
		})
	}
}

// countingListener counts the writes to the connections it accepts.
type countingListener struct {
	*memconn.Listener
	writes *atomic.Int32
}

func (l *countingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return countingConn{c, l.writes}, nil
}

type countingConn struct {
	net.Conn
	writes *atomic.Int32
}

func (c countingConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}
