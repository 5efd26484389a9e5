package socketio_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/go-socketio/socketio"
)

func TestShutdownWaitsForHandlers(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	busy, proceed := make(chan bool), make(chan bool)
	finished := false
	srv.On("slow", func(context.Context, *socketio.Socket, socketio.Args) error {
		busy <- true
		<-proceed
		return nil
	})
	srv.OnDisconnect(func(context.Context, *socketio.Socket, socketio.Disconnect) { finished = true })
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send(`42["slow"]`)
	<-busy
	hurry, cancel := context.WithCancel(t.Context())
	cancel()
	if err := srv.Shutdown(hurry); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown while a handler runs: %v", err)
	}
	close(proceed)
	if err := srv.Shutdown(t.Context()); err != nil || !finished {
		t.Errorf("Shutdown: %v, disconnect handler has run: %v", err, finished)
	}
	if n := srv.Stats().Clients; n != 0 {
		t.Errorf("%d clients", n)
	}
}

func TestCloseFromAHandler(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	closed := make(chan error, 1)
	srv.On("close", func(context.Context, *socketio.Socket, socketio.Args) error {
		closed <- srv.Close()
		return nil
	})
	left := disconnects(srv.Of("/"))
	h := serve(t, srv)
	c := h.connect()
	c.join("/", "")
	c.send(`42["close"]`)
	if err := await(t, closed, "Close"); err != nil {
		t.Errorf("Close: %v", err)
	}
	if d := await(t, left, "the disconnect"); d.Reason != socketio.ReasonServerShutdown {
		t.Errorf("reason %q", d.Reason)
	}
	res, err := http.Get("http://" + h.addr + "/socket.io/?EIO=4&transport=polling")
	if err == nil {
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			t.Error("a closed server accepts clients")
		}
	}
}
