package socketio_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/internal/memconn"
)

// An http.Server does not know of WebSockets; registered with it, Shutdown ends them
// as well as waiting polls.
func TestShutdownWithAnHTTPServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{Bus: cluster.NewMemory()})
		left := disconnects(srv.Of("/"))
		l := memconn.Listen(0)
		web := &http.Server{Handler: srv}
		ended := make(chan error, 1)
		web.RegisterOnShutdown(func() { ended <- srv.Shutdown(context.Background()) })
		served := make(chan error, 1)
		go func() { served <- web.Serve(l) }()
		h := &host{t, l.DialContext, "memory"}
		c := h.connect()
		c.join("/", "")
		p := h.poll()
		p.send("40")
		p.receive()
		polled := make(chan []string, 1)
		go func() { polled <- p.receive() }()
		synctest.Wait()

		if err := web.Shutdown(t.Context()); err != nil {
			t.Errorf("http.Server.Shutdown: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		c.expectClosed()
		<-polled
		for range 2 {
			if d := <-left; d.Reason != socketio.ReasonServerShutdown {
				t.Errorf("reason %q", d.Reason)
			}
		}
		if err := <-served; err != http.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
		// A second time does nothing, and a namespace can still be named.
		if err := srv.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if err := srv.Of("/late").Emit("nobody"); err != nil {
			t.Error(err)
		}
		p.http.CloseIdleConnections()
	})
}
