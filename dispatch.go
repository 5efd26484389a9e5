package socketio

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

// handle runs the handlers for an item of the inbox.
func (s *Socket) handle(it item) {
	switch it.kind {
	case connectItem:
		s.handleConnect()
	case eventItem:
		defer s.conn.handled()
		s.handleEvent(it.packet)
	case disconnectItem:
		s.handleDisconnect(*it.disconnect)
	}
}

func (s *Socket) handleConnect() {
	for _, h := range s.namespace.registry.load().connect {
		s.guard("OnConnect", func() { (*h)(s.handlerContext(), s) })
	}
}

// handleDisconnect runs the disconnect handlers. By now the socket's context has
// ended, but they may have to tidy up.
func (s *Socket) handleDisconnect(d Disconnect) {
	ns, own := s.namespace.registry.load().disconnect, s.registry.load().disconnect
	if len(ns)+len(own) == 0 {
		return
	}
	ctx := context.WithoutCancel(s.handlerContext())
	for _, handlers := range [][]*DisconnectHandler{ns, own} {
		for _, h := range handlers {
			s.guard("OnDisconnect", func() { (*h)(ctx, s, d) })
		}
	}
}

// handleEvent runs the handlers of an event: those of the namespace, then those of
// the socket.
func (s *Socket) handleEvent(p packet.Packet) {
	ns, own := s.namespace.registry.load(), s.registry.load()
	nsHandlers, ownHandlers := ns.events[p.Event], own.events[p.Event]
	if len(ns.any)+len(own.any)+len(nsHandlers)+len(ownHandlers) == 0 {
		return
	}
	var reply func([]any) error
	if p.HasID {
		reply = func(values []any) error { return s.sendAck(p.ID, values) }
	}
	args := event.NewArgs(p.Args, reply)
	ctx := s.handlerContext()
	for _, handlers := range [][]*AnyHandler{ns.any, own.any} {
		for _, h := range handlers {
			s.guard(p.Event, func() { (*h)(ctx, s, p.Event, args) })
		}
	}
	for _, handlers := range [][]*Handler{nsHandlers, ownHandlers} {
		for _, h := range handlers {
			s.runHandler(ctx, *h, p.Event, args)
		}
	}
}

// runHandler runs one handler of an event, and answers in its place if it fails.
func (s *Socket) runHandler(ctx context.Context, h Handler, name string, args Args) {
	err := errNoReturn
	defer func() {
		if err == nil {
			return
		}
		answer := s.blame(name, err)
		if args.HasAck() && !args.Acknowledged() {
			_ = args.Ack(event.Failure(answer)...) // fails if the client has left, or another handler has answered
		}
	}()
	s.guard(name, func() { err = h(ctx, s, args) })
}

// errNoReturn: the handler has panicked, or ended its goroutine.
var errNoReturn = errors.New("the handler did not return")

// blame logs the error of a handler, and returns what the client may know of it.
func (s *Socket) blame(name string, err error) *event.Error {
	var told *event.Error
	var decoding *packet.DecodeError
	switch {
	case errors.Is(err, errNoReturn):
		// A panic has been logged.
	case errors.As(err, &told):
		s.log(slog.LevelDebug, "handler refused an event", "event", name, "error", err)
		return told
	case errors.As(err, &decoding):
		s.log(slog.LevelDebug, "event with wrong arguments", "event", name, "error", err)
		return &event.Error{Message: "invalid arguments"}
	case errors.Is(err, ErrDisconnected) && s.isGone():
		s.log(slog.LevelDebug, "client left while its event was handled", "event", name, "error", err)
	default:
		s.log(slog.LevelError, "handler failed", "event", name, "error", err)
	}
	return &event.Error{Message: msgInternalError}
}

// guard calls a function of the application. If that panics it says so in the log,
// and returns false.
func (s *Socket) guard(what string, call func()) (ok bool) {
	defer func() {
		if ok {
			return
		}
		// Also true for runtime.Goexit, which cannot and need not be stopped.
		if v := recover(); v != nil {
			s.server().panics.Add(1)
			s.log(slog.LevelError, "panic in a handler", "event", what, "panic", v, "stack", string(debug.Stack()))
		}
	}()
	call()
	return true
}

func (s *Socket) log(level slog.Level, msg string, args ...any) {
	s.server().options.Logger.Log(context.Background(), level, msg,
		append([]any{"namespace", s.namespace.name, "socket", s.id}, args...)...)
}

func (s *Socket) handlerContext() context.Context { return &s.needContext().handler }
