package socketio_test

import (
	"context"
	"errors"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/event"
)

// A client that waits for the answer to an event gets an empty one if all handlers are
// typed and have returned; and none that would come before that of somebody else.
func TestEmptyAcknowledgements(t *testing.T) {
	number := event.New[int]("number")
	typed := func(srv *socketio.Server, err error) {
		socketio.On(srv, number, func(context.Context, *socketio.Socket, int) error { return err })
	}
	untyped := func(srv *socketio.Server, answer ...any) {
		srv.On("number", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
			if len(answer) == 0 {
				return nil
			}
			return args.Ack(answer...)
		})
	}
	call := func(srv *socketio.Server) {
		socketio.Handle(srv, event.NewCall[int, string]("number"), func(context.Context, *socketio.Socket, int) (string, error) {
			return "called", nil
		})
	}
	const asks, waits = `421["number",1]`, `42["number",1]`
	for name, c := range map[string]struct {
		register func(srv *socketio.Server)
		sent     string
		want     string // nothing if there is no answer
	}{
		"one":            {func(srv *socketio.Server) { typed(srv, nil) }, asks, `431[]`},
		"several":        {func(srv *socketio.Server) { typed(srv, nil); typed(srv, nil) }, asks, `431[]`},
		"nobody waits":   {func(srv *socketio.Server) { typed(srv, nil) }, waits, ""},
		"no handler":     {func(*socketio.Server) {}, asks, ""},
		"no number":      {func(srv *socketio.Server) { typed(srv, nil) }, `421["number","x"]`, `431[{"error":"invalid arguments"}]`},
		"an error":       {func(srv *socketio.Server) { typed(srv, nil); typed(srv, errTest) }, asks, `431[{"error":"internal error"}]`},
		"untyped":        {func(srv *socketio.Server) { untyped(srv) }, asks, ""},
		"untyped too":    {func(srv *socketio.Server) { typed(srv, nil); untyped(srv) }, asks, ""},
		"answered after": {func(srv *socketio.Server) { typed(srv, nil); untyped(srv, "mine") }, asks, `431["mine"]`},
		"answered first": {func(srv *socketio.Server) { untyped(srv, "mine"); typed(srv, nil) }, asks, `431["mine"]`},
		"a call":         {func(srv *socketio.Server) { typed(srv, nil); call(srv) }, asks, `431["called"]`},
		"watched": {func(srv *socketio.Server) {
			srv.OnAny(func(context.Context, *socketio.Socket, string, socketio.Args) {})
			typed(srv, nil)
		}, asks, `431[]`},
		"refused": {func(srv *socketio.Server) {
			srv.UsePacket(func(_ context.Context, _ *socketio.Socket, name string, _ socketio.Args) error {
				if name == "number" {
					return errTest
				}
				return nil
			})
			typed(srv, nil)
		}, asks, `431[{"error":"internal error"}]`},
		"panic": {func(srv *socketio.Server) {
			socketio.On(srv, number, func(context.Context, *socketio.Socket, int) error { panic("oh") })
		}, asks, `431[{"error":"internal error"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			srv := socketio.NewServer(socketio.Options{Logger: silent})
			c.register(srv)
			srv.On("done", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack() })
			client := serve(t, srv).connect()
			client.join("/", "")
			client.send(c.sent, `422["done"]`)
			if c.want != "" {
				client.expect(c.want)
			}
			client.expect(`432[]`)
		})
	}
}

var errTest = errors.New("something is wrong")

// A handler for one event only acknowledges that one.
func TestEmptyAcknowledgementOnce(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	socketio.Once(srv, event.New[int]("number"), func(context.Context, *socketio.Socket, int) error { return nil })
	srv.On("done", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack() })
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send(`421["number",1]`, `422["number",2]`, `423["done"]`)
	c.expect(`431[]`, `433[]`)
}

// The answer comes when the last handler has returned.
func TestEmptyAcknowledgementComesLast(t *testing.T) {
	number := event.New[int]("number")
	srv := socketio.NewServer(socketio.Options{})
	running, proceed := make(chan int), make(chan struct{})
	for i := range 2 {
		socketio.On(srv, number, func(context.Context, *socketio.Socket, int) error {
			running <- i
			<-proceed
			return nil
		})
	}
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send(`421["number",1]`)
	for i := range 2 {
		if got := await(t, running, "the handler"); got != i {
			t.Errorf("handler %d", got)
		}
		srv.Emit("still running")
		c.expect(`42["still running"]`)
		proceed <- struct{}{}
	}
	c.expect(`431[]`)
}

// An event that is sent again until it is acknowledged is handled once.
func TestEmptyAcknowledgementOfARetriedEvent(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Retries: new(socketio.Retries)})
	handled := 0
	socketio.On(srv, event.New[int]("number"), func(context.Context, *socketio.Socket, int) error {
		handled++
		return nil
	})
	srv.On("count", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack(handled) })
	c := serve(t, srv).retrying("")
	for range 2 {
		c.send(`421073741824["number",1]`)
		c.expect(`431073741824[]`)
	}
	c.send(`421["count"]`)
	c.expect(`431[1]`)
}
