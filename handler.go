package socketio

import (
	"context"
	"sync/atomic"

	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/internal/outcome"
)

// Args are the arguments of an event, decoded when they are asked for, and the way
// to acknowledge it.
type Args = event.Args

// The functions that an application registers.
type (
	// Handler handles an event. If the client waits for an acknowledgement, args.Ack
	// gives it; without that a handler that returns nil answers nothing, unlike one of [On].
	// Ack may also be called later, from any goroutine, while the socket is connected. An
	// event that has no handler is not answered either.
	//
	// An error that is returned answers a client that waits and has no answer yet, with
	// an object as the only argument: {"error": "…", "data": …}. That has the message and
	// the data of an [*event.Error], wrapped or not. Otherwise the message is "invalid
	// arguments" for a [*packet.DecodeError], as Args.Decode returns, and "internal
	// error" for everything else, panics included. Each error also goes to an
	// [ErrorHandler], or else to the log.
	//
	// The context ends when the socket is disconnected, with a [*DisconnectError] as its
	// cause, and not when the handler returns. It also tells calls that wait for an
	// acknowledgement that a handler waits: see [Socket.EmitWithAck]. So do the contexts
	// of the other kinds of handlers and of [Middleware], unless they say otherwise.
	Handler func(ctx context.Context, s *Socket, args Args) error

	// AnyHandler is told of every event, before its handlers run.
	AnyHandler func(ctx context.Context, s *Socket, event string, args Args)

	// OutgoingHandler is told of every event that is queued for a client, whether it
	// was emitted to the socket or broadcast, and of no acknowledgement. The arguments are
	// those that were emitted: the one that [Recovery] adds is not there. It runs in the
	// goroutine that emits, so it may run several times at once; for what other servers of
	// a cluster emit it has a goroutine of its own.
	OutgoingHandler func(s *Socket, event string, args Args)

	// PacketMiddleware runs for every event after the handlers of OnAny and before
	// those of the event's name. If it returns an error they do not run: the event is
	// dropped, the client stays, and the error is treated as one of a [Handler].
	PacketMiddleware func(ctx context.Context, s *Socket, event string, args Args) error

	// ErrorHandler is told of each error that a handler or packet middleware has
	// returned for an event, before the client is. A panic is a [*PanicError]. If
	// there is an ErrorHandler, errors are not logged as well, only panics are.
	ErrorHandler func(ctx context.Context, s *Socket, event string, err error)

	// Middleware runs before a client is admitted to a namespace, and refuses it by
	// returning an error: see [ConnectError]. Middleware of different sockets runs in
	// parallel. The context also ends if the client leaves.
	Middleware func(ctx context.Context, s *Socket) error

	// ConnectHandler is told that a client has been admitted to a namespace. It runs
	// before any event of the socket is handled.
	ConnectHandler func(ctx context.Context, s *Socket)

	// DisconnectHandler is told that a socket has left a namespace. It is the last
	// handler of the socket to run. Its context does not end with the socket.
	DisconnectHandler func(ctx context.Context, s *Socket, d Disconnect)
)

// Registrar is what handlers can be registered on: a [Server], which means its main
// namespace, a [Namespace], which means all its sockets, a [ParentNamespace], which
// means those of all its children, or a [Socket].
type Registrar interface {
	On(name string, h Handler) (off func())
	Once(name string, h Handler) (off func())
}

// On registers a handler for a typed event, and returns the function that removes it
// again. A payload that is not a T does not reach the handler: the client is
// told so, if it waits for an acknowledgement.
//
// The handler has nothing to answer, unless it returns an error. A client that waits for
// an acknowledgement gets an empty one when the handler has returned nil; or when all have,
// if there are several for the event, and not if one of them is a [Handler], which could
// still answer.
func On[T any](r Registrar, e event.Event[T], h func(ctx context.Context, s *Socket, v T) error) (off func()) {
	return r.On(e.Name(), typed(e, h))
}

// Once is [On] for the first event only.
func Once[T any](r Registrar, e event.Event[T], h func(ctx context.Context, s *Socket, v T) error) (off func()) {
	return r.Once(e.Name(), typed(e, h))
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

// first returns a handler that runs h for one event only, and calls off before.
func first(h Handler, off func()) Handler {
	var ran atomic.Bool
	return func(ctx context.Context, s *Socket, args Args) error {
		if ran.Swap(true) { // the event was on its way already
			return outcome.ErrNotRun
		}
		off()
		return h(ctx, s, args)
	}
}

// Handle registers a handler for a typed call, and returns the function that removes
// it again. What the handler returns is the answer; an error is answered as
// [Handler] says. A call that the client does not want an answer to is handled too.
func Handle[Req, Resp any](r Registrar, c event.Call[Req, Resp], h func(ctx context.Context, s *Socket, req Req) (Resp, error)) (off func()) {
	return r.On(c.Name(), func(ctx context.Context, s *Socket, args Args) error {
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
