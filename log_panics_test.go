package socketio_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
)

// faultyLog is a handler of the application's log that panics about everything.
type faultyLog struct{ slog.Handler }

func (faultyLog) Enabled(context.Context, slog.Level) bool      { return true }
func (faultyLog) Handle(context.Context, slog.Record) (_ error) { panic("in the log") }

// A log that panics is written to in many goroutines, and ends none of them.
func TestLogThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{ConnectTimeout: time.Second, Logger: slog.New(faultyLog{slog.DiscardHandler})})
		srv.On("fail", func(context.Context, *socketio.Socket, socketio.Args) error { return errors.New("no") })
		srv.On("panic", func(context.Context, *socketio.Socket, socketio.Args) error { panic("no") })
		srv.OfFunc(func(context.Context, string, socketio.Args) (bool, error) { return false, errors.New("no") })
		h, stop := serveInMemory(t, srv, 0)
		idle := h.connect() // whose end is logged by the one timer that there is
		c := h.connect()
		c.join("/", "")
		c.send("40/dynamic,")
		c.expect(`44/dynamic,{"message":"Invalid namespace"}`)
		for _, event := range []string{"fail", "panic"} {
			c.send(`421["` + event + `"]`)
			c.expect(`431[{"error":"internal error"}]`)
		}
		c.send("4nonsense")
		c.expectClosed()
		time.Sleep(2 * time.Second)
		idle.expectClosed()
		if n := srv.Stats().Panics; n != 6 {
			t.Errorf("%d panics counted", n)
		}
		stop()
	})
}
