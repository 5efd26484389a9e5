package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/event"
)

// The order of everything that is registered for an event, and what a refusal does.
func TestPacketMiddleware(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	var order []string
	step := func(what string) func(context.Context, *socketio.Socket, string, socketio.Args) error {
		return func(_ context.Context, _ *socketio.Socket, name string, args socketio.Args) error {
			order = append(order, what)
			if name == what {
				return &event.Error{Message: "not " + name, Data: args.Len()}
			}
			if name == what+" secretly" {
				return errors.New("a secret")
			}
			return nil
		}
	}
	failed := make(chan error, 10)
	srv.OnError(func(_ context.Context, _ *socketio.Socket, name string, err error) {
		order = append(order, "error of "+name)
		failed <- err
	})
	srv.UsePacket(step("ns 1"))
	srv.UsePacket(step("ns 2"))
	srv.OnAny(func(_ context.Context, _ *socketio.Socket, name string, _ socketio.Args) {
		order = append(order, "any")
	})
	srv.OnConnect(func(_ context.Context, s *socketio.Socket) {
		s.UsePacket(step("socket"))
		for _, name := range []string{"ok", "ns 2", "socket secretly", "socket"} {
			s.On(name, func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
				order = append(order, "handler")
				if args.HasAck() {
					return args.Ack("done")
				}
				return nil
			})
		}
	})
	c := serve(t, srv).connect()
	c.join("/", "")
	for _, test := range []struct {
		send, answer string
		order        []string
	}{
		{`420["ok"]`, `430["done"]`, []string{"any", "ns 1", "ns 2", "socket", "handler"}},
		{`421["ns 2",0,0]`, `431[{"error":"not ns 2","data":2}]`, []string{"any", "ns 1", "ns 2", "error of ns 2"}},
		{`422["socket secretly"]`, `432[{"error":"internal error"}]`, []string{"any", "ns 1", "ns 2", "socket", "error of socket secretly"}},
		{`423["ns 1"]`, `433[{"error":"not ns 1","data":0}]`, []string{"any", "ns 1", "error of ns 1"}}, // although nothing handles it
		{`42["socket"]`, "", []string{"any", "ns 1", "ns 2", "socket", "error of socket"}},
	} {
		order = nil
		c.send(test.send)
		if slices.ContainsFunc(test.order, func(s string) bool { return strings.HasPrefix(s, "error") }) {
			await(t, failed, "the error")
		}
		if test.answer != "" {
			c.expect(test.answer)
		}
		if !slices.Equal(order, test.order) {
			t.Errorf("%s: %q, want %q", test.send, order, test.order)
		}
	}
	if n := srv.Stats().RefusedEvents; n != 4 {
		t.Errorf("%d events counted as refused", n)
	}
}

func TestErrorHandlersLearnOfPanics(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	errs := make(chan error, 1)
	srv.OnConnect(func(_ context.Context, s *socketio.Socket) {
		s.OnError(func(_ context.Context, _ *socketio.Socket, _ string, err error) { errs <- err })
	})
	srv.On("x", func(context.Context, *socketio.Socket, socketio.Args) error { panic("ouch") })
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send(`420["x"]`)
	c.expect(`430[{"error":"internal error"}]`)
	var panicked *socketio.PanicError
	if err := await(t, errs, "the error"); !errors.As(err, &panicked) || panicked.Value != "ouch" || len(panicked.Stack) == 0 {
		t.Errorf("told of %#v", err)
	}
}

func TestOnce(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	greeting := event.New[string]("greeting")
	var n atomic.Int32
	connected := sockets(srv.Of("/"))
	socketio.Once(srv, greeting, func(_ context.Context, s *socketio.Socket, v string) error {
		n.Add(1)
		return s.Emit("first", v)
	})
	srv.OnConnect(func(_ context.Context, s *socketio.Socket) {
		s.Once("own", func(_ context.Context, s *socketio.Socket, args socketio.Args) error { return s.Emit("own", args) })
		off := s.Once("never", func(context.Context, *socketio.Socket, socketio.Args) error { panic("never") })
		off()
	})
	echo(srv)
	h := serve(t, srv)
	for i := range 2 {
		c := h.connect()
		c.join("/", "")
		<-connected
		c.send(`42["greeting","hi"]`, `42["greeting","hi"]`, `42["own",1]`, `42["own",2]`, `42["never"]`, `42["echo"]`)
		if i == 0 {
			c.expect(`42["first","hi"]`)
		}
		c.expect(`42["own",1]`, `42["echo"]`)
	}
	if n.Load() != 1 {
		t.Errorf("ran %d times", n.Load())
	}
}

// What OnAnyOutgoing is told: direct events and broadcasts, for each recipient, and no
// acknowledgements.
func TestOnAnyOutgoing(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	a, b := h.connect(), h.connect()
	a.join("/", "")
	sa := <-connected
	b.join("/", "")
	sb := <-connected
	var seen []string
	describe := func(who string) socketio.OutgoingHandler {
		return func(s *socketio.Socket, name string, args socketio.Args) {
			var first any
			if args.Len() > 0 {
				args.Decode(&first)
			}
			seen = append(seen, fmt.Sprint(who, " ", s == sa, " ", name, " ", args.Len(), " ", first))
		}
	}
	expect := func(what string, want ...string) {
		t.Helper()
		if !slices.Equal(seen, want) {
			t.Errorf("%s: %q, want %q", what, seen, want)
		}
		seen = nil
	}
	off := srv.OnAnyOutgoing(describe("all"))
	sa.OnAnyOutgoing(describe("own"))
	sa.Emit("direct", 1, []byte{2})
	expect("an event", "all true direct 2 1", "own true direct 2 1")
	srv.Emit("x", []byte{7})
	slices.Sort(seen)
	expect("a broadcast", "all false x 1 [7]", "all true x 1 [7]", "own true x 1 [7]")
	off()
	srv.Except(sb.ID()).Emit("y", "z")
	sb.Emit("unseen")
	expect("after off", "own true y 1 z")
	asked := make(chan error)
	go func() {
		_, err := sa.EmitWithAck(t.Context(), "q")
		asked <- err
	}()
	a.expect(`451-["direct",1,{"_placeholder":true,"num":0}]`)
	a.receiveBinary()
	a.expect(`451-["x",{"_placeholder":true,"num":0}]`)
	a.receiveBinary()
	a.expect(`42["y","z"]`, `420["q"]`)
	a.send(`430[]`)
	<-asked
	expect("a question", "own true q 0 <nil>")
	sa.Disconnect()
	sa.Emit("gone")
	expect("after the disconnect")
}
