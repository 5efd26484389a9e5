package client

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	socketio "github.com/go-socketio/socketio"
)

// TestShutdownWithoutPatience closes a client whose server does not answer any more.
func TestShutdownWithoutPatience(t *testing.T) {
	for _, transport := range []string{Polling, WebSocket} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.server(socketio.Options{})
			s := w.connect(Options{Transports: []string{transport}})
			w.deaf.Store(true)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			begin := time.Now()
			_ = s.Client().Shutdown(ctx) // whether the handlers have returned by then is open
			if took := time.Since(begin); took != 0 {
				t.Errorf("%s: took %v", transport, took)
			}
		})
	}
}
