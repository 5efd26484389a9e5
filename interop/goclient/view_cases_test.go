package goclient

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"time"

	"github.com/go-socketio/socketio/client"
)

// viewCase is something that a client does, for the sake of what the server sees. The
// same cases are in view.mjs.
type viewCase struct {
	name        string
	transports  []string // nil is both, one after the other
	connections int      // 0 is one
	run         func(e *env)
}

var upgrading = []string{"polling", "websocket"}

var comingBack = client.Options{ReconnectDelay: 10 * time.Millisecond, ReconnectDelayMax: 20 * time.Millisecond}

var viewCases = []viewCase{
	{"upgrade", upgrading, 0, func(e *env) {
		s := e.connect("/", client.Options{})
		s.next("upgraded")
		s.ask("echo", "text", []byte{0, 1, 255})
	}},
	{"upgrade, text only", upgrading, 0, func(e *env) {
		s := e.connect("/", client.Options{ForceBase64: true})
		s.next("upgraded")
		s.ask("echo", "text", []byte{0, 1, 255})
	}},
	{"no upgrade", upgrading, 0, func(e *env) {
		e.connect("/", client.Options{DisableUpgrade: true}).ask("echo", "text")
	}},
	{"cookies", upgrading, 0, func(e *env) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			e.t.Fatal(err)
		}
		transport := &http.Transport{}
		e.t.Cleanup(transport.CloseIdleConnections)
		s := e.connect("/", client.Options{HTTPClient: &http.Client{Jar: jar, Transport: transport}})
		s.next("upgraded")
		s.ask("echo", "text")
	}},
	{"reconnection", nil, 2, func(e *env) {
		o := comingBack
		o.Auth, o.Query = map[string]any{"token": "x"}, map[string]string{"q": "1"}
		s := e.connect("/", o)
		s.next("welcome")
		back := joined(s.Socket)
		s.emit("drop me")
		<-back
		s.ask("echo", "again")
	}},
	{"reconnection in two namespaces", nil, 2, func(e *env) {
		s := e.connect("/", comingBack)
		s.next("welcome")
		other := &socket{Socket: s.Client().Of("/custom"), e: e}
		back, otherBack := joined(s.Socket), joined(other.Socket)
		if err := other.Connect(e.ctx); err != nil {
			e.t.Fatal(err)
		}
		<-otherBack
		s.emit("drop me")
		<-back
		<-otherBack
		other.ask("echo", "again")
		other.Disconnect()
		s.ask("echo", "still here")
	}},
	{"recovery", nil, 2, func(e *env) {
		o := comingBack
		o.Auth = map[string]any{"token": "x"}
		s := e.connect("/", o)
		s.next("welcome")
		back := joined(s.Socket)
		s.emit("drop me")
		<-back
		s.ask("echo", "again")
	}},
	{"events before the connection", nil, 0, func(e *env) {
		var early *client.Socket
		s := e.connect("/custom", client.Options{
			Setup: func(s *client.Socket) { early = s },
			AuthFunc: func(context.Context, string) (any, error) {
				return nil, errors.Join(early.Emit("echo", 1), early.Emit("echo", []byte{0, 1, 255}))
			},
		})
		s.next("echo")
		s.next("echo")
	}},
	{"events and then the end", nil, 0, func(e *env) {
		s := e.connect("/", client.Options{})
		for i := range 3 {
			s.emit("swallow", i)
		}
	}},
	// Over polling it is dropped if the POST before it has not been answered yet.
	{"volatile", []string{"websocket"}, 0, func(e *env) {
		s := e.connect("/", client.Options{})
		if err := whenNotBusy(func() error { return s.Volatile().Emit("echo", 1) }); err != nil {
			e.t.Error(err)
		}
		s.next("echo")
	}},
	{"not compressed", nil, 0, func(e *env) {
		s := e.connect("/", client.Options{})
		if err := s.Compress(false).Emit("echo", 1); err != nil {
			e.t.Error(err)
		}
		s.next("echo")
	}},
	{"retries", nil, 0, func(e *env) {
		s := e.connect("/", client.Options{Retries: 2})
		s.emit("echo", 1)
		s.ask("echo", 2)
	}},
	{"retries in vain", nil, 0, func(e *env) {
		s := e.connect("/", client.Options{Retries: 2, AckTimeout: 50 * time.Millisecond})
		s.EmitWithAck(e.ctx, "swallow")
	}},
}

// joined is told each time that the socket has joined.
func joined(s *client.Socket) <-chan struct{} {
	c := make(chan struct{}, 10)
	s.OnConnect(func(context.Context, *client.Socket) { c <- struct{}{} })
	return c
}
