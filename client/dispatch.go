package client

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/internal/outcome"
	"github.com/go-socketio/socketio/packet"
)

const msgInternalError = "internal error"

var errPanic = errors.New("panic")

// handle runs the handlers for an item of the inbox.
func (s *Socket) handle(it item) {
	ctx := &handlerContext{Context: context.Background(), socket: s}
	if it.member != nil {
		ctx.Context = it.member.context
	}
	defer ctx.end()
	r := &s.registry
	switch it.kind {
	case connectItem:
		for _, h := range lookup(r, &r.connect) {
			s.guard("OnConnect", func() { (*h)(ctx, s) })
		}
	case eventItem:
		s.handleEvent(ctx, it.member, it.packet)
	case disconnectItem:
		for _, h := range lookup(r, &r.disconnect) {
			s.guard("OnDisconnect", func() { (*h)(context.WithoutCancel(ctx), s, it.disconnect) })
		}
	case connectErrorItem:
		for _, h := range lookup(r, &r.connectError) {
			s.guard("OnConnectError", func() { (*h)(ctx, s, it.err, it.final) })
		}
	}
}

// handleEvent runs the handlers of an event.
func (s *Socket) handleEvent(ctx context.Context, m *membership, p packet.Packet) {
	anyEvent, named := s.registry.handlersOf(p.Event)
	if len(anyEvent)+len(named) == 0 {
		return
	}
	var reply func([]any) error
	if p.HasID {
		reply = func(values []any) error { return s.sendAck(m, p.ID, values) }
	}
	args := event.NewArgs(p.Args, reply)
	for _, h := range anyEvent {
		s.guard(p.Event, func() { (*h)(ctx, s, p.Event, args) })
	}
	var all outcome.All
	for _, h := range named {
		all.Add(s.runHandler(ctx, *h, p.Event, args))
	}
	all.Acknowledge(args)
}

// runHandler runs one handler of an event, and answers in its place if it fails.
func (s *Socket) runHandler(ctx context.Context, h Handler, name string, args Args) (err error) {
	ok := s.guard(name, func() {
		err = h(ctx, s, args)
		outcome.Examine(err)
	})
	if !ok {
		err = errPanic
	}
	if !outcome.IsFailure(err) {
		return err
	}
	told := s.blame(ctx, name, err)
	if args.HasAck() && !args.Acknowledged() {
		_ = args.Ack(event.Failure(told)...) // fails if the connection is lost, or another handler has answered
	}
	return err
}

// blame logs the error of a handler, and returns what the server may know of it.
func (s *Socket) blame(ctx context.Context, name string, err error) *event.Error {
	var told *event.Error
	var decoding *packet.DecodeError
	switch {
	case errors.Is(err, errPanic):
		// logged already
	case errors.As(err, &told):
		s.log(slog.LevelDebug, "handler refused an event", "event", name, "error", err)
		return told
	case errors.As(err, &decoding):
		s.log(slog.LevelWarn, "event with wrong arguments", "event", name, "error", err)
		return &event.Error{Message: "invalid arguments"}
	case errors.Is(err, ErrDisconnected) && ctx.Err() != nil:
		s.log(slog.LevelDebug, "connection lost while an event was handled", "event", name, "error", err)
	default:
		s.log(slog.LevelError, "handler failed", "event", name, "error", err)
	}
	return &event.Error{Message: msgInternalError}
}

func (s *Socket) guard(what string, call func()) (ok bool) {
	return s.client.guard(what, call, "namespace", s.namespace)
}

// guard calls a function of the application. If that panics it says so in the log,
// and returns false.
func (c *Client) guard(what string, call func(), attrs ...any) (ok bool) {
	defer func() {
		if ok {
			return
		}
		// Also true for runtime.Goexit, which cannot and need not be stopped.
		if v := recover(); v != nil {
			c.panicked(what, v, attrs...)
		}
	}()
	call()
	return true
}

// panicked counts and logs a panic of the application's code, in the deferred call that
// has recovered it.
func (c *Client) panicked(what string, value any, attrs ...any) {
	c.counts.panics.Add(1)
	attrs = append(attrs, "function", what, "panic", value, "stack", string(debug.Stack()))
	c.options.Logger.Error("panic in a function of the application", attrs...)
}

func (s *Socket) log(level slog.Level, msg string, args ...any) {
	s.client.options.Logger.Log(context.Background(), level, msg, append([]any{"namespace", s.namespace}, args...)...)
}

// On registers a handler for the event with the given name, and returns the function
// that removes it again. An event may have several handlers: they run in the order
// of their registration.
func (s *Socket) On(name string, h Handler) (off func()) {
	s.warnReserved(name)
	return s.registry.on(name, h)
}

// Once is [Socket.On] for the first such event only.
func (s *Socket) Once(name string, h Handler) (off func()) {
	s.warnReserved(name)
	return s.registry.once(name, h)
}

func (s *Socket) warnReserved(name string) {
	if reserved(name) {
		s.log(slog.LevelWarn, "servers do not send an event of this name; use OnConnect, OnDisconnect or OnConnectError", "event", name)
	}
}

// OnAny registers a handler for every event, and returns the function that removes it
// again. It runs before the handlers of the event's name.
func (s *Socket) OnAny(h AnyHandler) (off func()) { return register(&s.registry, &s.registry.any, h) }

// OnAnyOutgoing registers a handler for every event that is emitted, and returns the
// function that removes it again. Acknowledgements are not events.
func (s *Socket) OnAnyOutgoing(h OutgoingHandler) (off func()) {
	return register(&s.registry, &s.registry.outgoing, h)
}

// OnConnect registers a handler for having joined the namespace, which happens again
// after each lost connection, and returns the function that removes it again.
func (s *Socket) OnConnect(h ConnectHandler) (off func()) {
	return register(&s.registry, &s.registry.connect, h)
}

// OnDisconnect registers a handler for lost connections and for having left the
// namespace, and returns the function that removes it again.
func (s *Socket) OnDisconnect(h DisconnectHandler) (off func()) {
	return register(&s.registry, &s.registry.disconnect, h)
}

// OnConnectError registers a handler for attempts to join that have failed, and
// returns the function that removes it again. Those that end a call of
// [Socket.Connect] are reported to both.
func (s *Socket) OnConnectError(h ConnectErrorHandler) (off func()) {
	return register(&s.registry, &s.registry.connectError, h)
}
