package client

import (
	"context"

	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/internal/outcome"
)

// Args are the arguments of an event, decoded when they are asked for, and the way
// to acknowledge it.
type Args = event.Args

// The functions that an application registers.
type (
	// Handler handles an event. If the server waits for an acknowledgement, args.Ack
	// gives it; without that a handler that returns nil answers nothing, unlike one of [On].
	// Ack may also be called later, from any goroutine, on the same connection. An event that has no
	// handler is not answered either.
	//
	// An error that is returned is logged, and answers a server that waits and has no
	// answer yet, with an object as the only argument: {"error": "…", "data": …}. That has
	// the message and the data of an [*event.Error], wrapped or not. Otherwise the
	// message is "invalid arguments" for a [*packet.DecodeError], and "internal error" for
	// everything else, panics included.
	//
	// The context ends when the connection is lost or the namespace left, with a
	// [*DisconnectError] as its cause, and not when the handler returns. It also tells
	// calls that wait for an acknowledgement that a handler waits: see
	// [Socket.EmitWithAck]. So do the contexts of the other kinds of handlers, unless they
	// say otherwise.
	Handler func(ctx context.Context, s *Socket, args Args) error

	// AnyHandler is told of every event, before its handlers run.
	AnyHandler func(ctx context.Context, s *Socket, event string, args Args)

	// OutgoingHandler is told of every event that is about to be emitted, in the
	// goroutine that emits it, also if it then cannot be sent. It must not change the
	// arguments.
	OutgoingHandler func(s *Socket, event string, args []any)

	// ConnectHandler is told that the namespace has been joined, each time. It runs
	// before any event that came since.
	ConnectHandler func(ctx context.Context, s *Socket)

	// DisconnectHandler is told that the namespace has been left, or the connection
	// lost. It runs after the events that came before. Its context does not end with
	// the connection.
	DisconnectHandler func(ctx context.Context, s *Socket, d Disconnect)

	// ConnectErrorHandler is told of each attempt to join that has failed. The
	// client tries again unless final is true.
	ConnectErrorHandler func(ctx context.Context, s *Socket, err error, final bool)
)

// On registers a handler for a typed event, and returns the function that removes it
// again. A payload that is not a T does not reach the handler: the server is
// told so, if it waits for an acknowledgement. When the handler has returned nil, a server
// that waits gets an empty acknowledgement; or when all have, if there are several for the
// event, and not if one of them is a [Handler], which could still answer.
func On[T any](s *Socket, e event.Event[T], h func(ctx context.Context, s *Socket, v T) error) (off func()) {
	return s.On(e.Name(), typed(e, h))
}

// Once is [On] for the first event only.
func Once[T any](s *Socket, e event.Event[T], h func(ctx context.Context, s *Socket, v T) error) (off func()) {
	return s.Once(e.Name(), typed(e, h))
}

func typed[T any](e event.Event[T], h func(ctx context.Context, s *Socket, v T) error) Handler {
	return func(ctx context.Context, s *Socket, args Args) error {
		v, err := e.Decode(args.Args)
		if err == nil {
			err = h(ctx, s, v)
		}
		if err == nil {
			err = outcome.ErrNoAnswer
		}
		return err
	}
}

// Handle registers a handler for a typed call, and returns the function that removes
// it again. What the handler returns is the answer; an error is answered as
// [Handler] says. A call that the server does not want an answer to is handled too.
func Handle[Req, Resp any](s *Socket, c event.Call[Req, Resp], h func(ctx context.Context, s *Socket, req Req) (Resp, error)) (off func()) {
	return s.On(c.Name(), func(ctx context.Context, s *Socket, args Args) error {
		req, err := c.DecodeRequest(args.Args)
		if err != nil {
			return err
		}
		resp, err := h(ctx, s, req)
		if err != nil || !args.HasAck() {
			return err
		}
		return args.Ack(c.Answer(resp, nil)...)
	})
}
