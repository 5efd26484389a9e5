package socketio

import (
	"context"
	"errors"
	"log/slog"

	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/internal/outcome"
	"github.com/go-socketio/socketio/packet"
)

// handle runs the handlers for an item of the inbox.
func (s *Socket) handle(it *item) {
	switch it.kind {
	case connectItem:
		s.handleConnect()
	case eventItem:
		defer s.conn.handled()
		s.handleEvent(&it.packet)
	case disconnectItem:
		defer s.server().release(s.namespace)
		defer s.conn.addLeaving(-1)
		if s.recovery != nil {
			s.settle()
		}
		if it.disconnect.Recoverable {
			s.namespace.recovery.save(s.recovery)
		}
		s.handleDisconnect(*it.disconnect)
	}
}

func (s *Socket) handleConnect() {
	s.server().hooks.socketConnected(s)
	for _, l := range s.layers() {
		for _, h := range l.connect {
			s.guard("OnConnect", func() { (*h)(s.handlerContext(), s) })
		}
	}
}

// handleDisconnect runs the disconnect handlers. By now the socket's context has
// ended, but they may have to tidy up.
func (s *Socket) handleDisconnect(d Disconnect) {
	s.server().hooks.socketDisconnected(s, d)
	layers := s.layers()
	n := 0
	for _, l := range layers {
		n += len(l.disconnect)
	}
	if n == 0 {
		return
	}
	ctx := context.WithoutCancel(s.handlerContext())
	for _, l := range layers {
		for _, h := range l.disconnect {
			s.guard("OnDisconnect", func() { (*h)(ctx, s, d) })
		}
	}
}

// handleEvent runs what is registered for an event: the handlers of OnAny, packet
// middleware, and the handlers of the event's name.
func (s *Socket) handleEvent(p *packet.Packet) {
	layers := s.layers()
	n := 0
	for _, l := range layers {
		n += len(l.any) + len(l.packetMiddleware) + len(l.events[p.Event])
	}
	if n == 0 {
		s.abandon(p)
		return
	}
	var reply func([]any) error
	if id := p.ID; p.HasID { // not p, which would have to be kept
		reply = func(values []any) error { return s.sendAck(id, values) }
	}
	args := event.NewArgs(p.Args, reply)
	err := errNoReturn
	defer func() {
		if err != nil && !args.Acknowledged() {
			s.abandon(p)
		}
	}()
	hooks := &s.server().hooks
	if hooks.event == nil {
		err = s.runEvent(s.handlerContext(), layers, p.Event, args)
		return
	}
	ctx, done := hooks.startEvent(s.handlerContext(), s, p.Event)
	defer func() { hooks.endEvent(done, err) }()
	err = s.runEvent(ctx, layers, p.Event, args)
}

// runEvent runs what is registered for an event. It returns the first error.
func (s *Socket) runEvent(ctx context.Context, layers [3]*handlers, name string, args Args) error {
	for _, l := range layers {
		for _, h := range l.any {
			s.guard(name, func() { (*h)(ctx, s, name, args) })
		}
	}
	for _, l := range layers {
		for _, m := range l.packetMiddleware {
			if err := s.attempt(ctx, name, args, func() error { return s.admitEvent(ctx, m, name, args) }); err != nil {
				return err
			}
		}
	}
	var all outcome.All
	for _, l := range layers {
		for _, h := range l.events[name] {
			all.Add(s.attempt(ctx, name, args, func() error { return (*h)(ctx, s, args) }))
		}
	}
	all.Acknowledge(args)
	return all.Failed()
}

// admitEvent calls packet middleware.
func (s *Socket) admitEvent(ctx context.Context, m PacketMiddleware, name string, args Args) error {
	err := m(ctx, s, name, args)
	if err != nil {
		s.server().refusedEvents.Add(1)
	}
	return err
}

// attempt calls a function of the application for an event, and answers in its place
// if it fails.
func (s *Socket) attempt(ctx context.Context, name string, args Args, call func() error) (err error) {
	err = errNoReturn
	defer func() {
		if !outcome.IsFailure(err) {
			return
		}
		answer := s.blame(ctx, name, err)
		if args.HasAck() && !args.Acknowledged() && !s.isInterrupted(err) {
			s.server().answerFailure(args, answer, "namespace", s.namespace.name, "socket", s.id, "event", name)
		}
	}()
	panicked := s.guard(name, func() {
		err = call()
		outcome.Examine(err)
	})
	if panicked != nil {
		err = panicked
	}
	return err
}

// answerFailure answers an event with an error, unless the client has left or another
// handler has answered. If the error's data cannot be encoded it says so in the log.
func (s *Server) answerFailure(args Args, answer error, attrs ...any) {
	err := args.Ack(event.Failure(answer)...)
	if errors.As(err, new(*packet.EncodeError)) {
		s.report(slog.LevelError, "the data of an event.Error cannot be encoded", append(attrs, "error", err)...)
	}
}

// errNoReturn: the handler has ended its goroutine.
var errNoReturn = errors.New("socketio: the handler did not return")

// blame reports the error of a handler, and returns what the client may know of it.
func (s *Socket) blame(ctx context.Context, name string, err error) *event.Error {
	watched := false
	for _, l := range s.layers() {
		for _, h := range l.failure {
			watched = true
			s.guard("OnError", func() { (*h)(ctx, s, name, err) })
		}
	}
	answer, level := describe(err)
	if errors.Is(err, ErrDisconnected) {
		level = slog.LevelDebug // of no interest any more
	}
	if !watched && !errors.As(err, new(*PanicError)) { // which has been logged
		s.log(level, "handler failed", "event", name, "error", err)
	}
	return answer
}

// describe returns what a client may know of an error, and how grave it is: errors
// that clients can cause as they like are for debugging.
func describe(err error) (*event.Error, slog.Level) {
	var told *event.Error
	var decoding *packet.DecodeError
	switch {
	case errors.As(err, &told):
		return told, slog.LevelDebug
	case errors.As(err, &decoding):
		return &event.Error{Message: "invalid arguments"}, slog.LevelDebug
	default:
		return &event.Error{Message: msgInternalError}, slog.LevelError
	}
}

// guard calls a function of the application. If that panics it says so in the log,
// and returns a [*PanicError].
func (s *Socket) guard(what string, call func()) (err error) {
	defer func() {
		// Nil after runtime.Goexit too, which cannot and need not be stopped.
		if v := recover(); v != nil {
			err = s.server().panicked(v, "namespace", s.namespace.name, "socket", s.id, "event", what)
		}
	}()
	call()
	return nil
}

func (s *Socket) log(level slog.Level, msg string, args ...any) {
	s.server().report(level, msg, append([]any{"namespace", s.namespace.name, "socket", s.id}, args...)...)
}

func (s *Socket) handlerContext() context.Context { return &s.needContext().handler }
