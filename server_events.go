package socketio

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/internal/outcome"
)

// ServerHandler handles an event that another server has sent: see [OtherServers].
// Events are handled one at a time, in the order in which each server sent them;
// questions, which args.HasAck tells, each in a goroutine of its own, so that servers
// can ask each other. An error is the answer to a question as [Handler] says, and is
// logged. The context ends when this server is closed.
type ServerHandler func(ctx context.Context, args Args) error

// ServerRegistrar is what handlers for the events of other servers can be registered
// on: a [Server], which means its main namespace, or a [Namespace].
type ServerRegistrar interface {
	OnServer(name string, h ServerHandler) (off func())
}

// OnServer registers a handler for events of other servers, and returns the function
// that removes it again.
func (ns *Namespace) OnServer(name string, h ServerHandler) (off func()) {
	entry := &h
	e := &ns.serverEvents
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.handlers == nil {
		e.handlers = make(map[string][]*ServerHandler)
	}
	e.handlers[name] = with(e.handlers[name], entry)
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if rest := without(e.handlers[name], entry); len(rest) > 0 {
			e.handlers[name] = rest
		} else {
			delete(e.handlers, name)
		}
	}
}

// OnServer registers a handler for events of other servers: see [Namespace.OnServer].
func (s *Server) OnServer(name string, h ServerHandler) (off func()) { return s.main.OnServer(name, h) }

// OnServer registers a handler for a typed event of other servers, and returns the
// function that removes it again. A question is answered with nothing, as [On] says.
func OnServer[T any](r ServerRegistrar, e event.Event[T], h func(ctx context.Context, v T) error) (off func()) {
	return r.OnServer(e.Name(), func(ctx context.Context, args Args) error {
		v, err := e.Decode(args.Args)
		if err == nil {
			err = h(ctx, v)
		}
		if err == nil {
			err = outcome.ErrNoAnswer
		}
		return err
	})
}

// HandleServer registers a handler for a typed call of other servers, and returns the
// function that removes it again.
func HandleServer[Req, Resp any](r ServerRegistrar, c event.Call[Req, Resp], h func(ctx context.Context, req Req) (Resp, error)) (off func()) {
	return r.OnServer(c.Name(), func(ctx context.Context, args Args) error {
		req, err := c.DecodeRequest(args.Args)
		if err != nil {
			return err
		}
		resp, err := h(ctx, req)
		if err != nil || !args.HasAck() {
			return err
		}
		return args.Ack(c.Answer(resp, nil)...)
	})
}

// maxServerEvents bounds the events, and the questions, of other servers that wait to
// be handled or are being handled, for each namespace.
const maxServerEvents = 10_000

// serverEvents are the events that other servers have sent to a namespace.
type serverEvents struct {
	mu       sync.Mutex
	handlers map[string][]*ServerHandler // slices are replaced, not changed
	queue    []*cluster.Message          // those without an answer
	running  bool                        // a goroutine empties the queue
	asked    int                         // questions that are being handled
	closed   bool
}

var (
	errNoServerHandler = &event.Error{Message: "the server has no handler for this event"}
	errServerBusy      = &event.Error{Message: "the server has too many unhandled events"}
)

// serverEvent takes an event of another server. It does not block.
func (ns *Namespace) serverEvent(m *cluster.Message) {
	if ns.startServerEvent(m) {
		return
	}
	ns.server.report(slog.LevelWarn, "event of another server dropped", "namespace", ns.name, "node", m.Node, "event", m.Event, "limit", maxServerEvents)
	if m.RequestID != "" {
		ns.answerServer(m, event.Failure(errServerBusy))
	}
}

// startServerEvent has an event handled, if there are not too many.
func (ns *Namespace) startServerEvent(m *cluster.Message) bool {
	e := &ns.serverEvents
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.closed:
	case m.RequestID != "":
		if e.asked >= maxServerEvents {
			return false
		}
		e.asked++
		ns.server.tasks.Go(func() { ns.handleServerQuestion(m) })
	default:
		if len(e.queue) >= maxServerEvents {
			return false
		}
		e.queue = append(e.queue, m)
		if !e.running {
			e.running = true
			ns.server.tasks.Go(ns.handleServerEvents)
		}
	}
	return true
}

// close stops taking events.
func (e *serverEvents) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
}

// next removes and returns the first event.
func (e *serverEvents) next() (m *cluster.Message, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.queue) == 0 {
		e.queue, e.running = nil, false
		return nil, false
	}
	m = e.queue[0]
	e.queue[0] = nil
	e.queue = e.queue[1:]
	return m, true
}

// handleServerEvents empties the queue. There is one at a time.
func (ns *Namespace) handleServerEvents() {
	returned := false
	defer func() {
		if !returned { // a handler has ended this goroutine with runtime.Goexit
			ns.server.tasks.Go(ns.handleServerEvents)
		}
	}()
	for {
		m, ok := ns.serverEvents.next()
		if !ok {
			returned = true
			return
		}
		ns.handleServerEvent(m, nil)
	}
}

func (ns *Namespace) handleServerQuestion(m *cluster.Message) {
	defer func() {
		ns.serverEvents.mu.Lock()
		defer ns.serverEvents.mu.Unlock()
		ns.serverEvents.asked--
	}()
	ns.handleServerEvent(m, func(values []any) error { return ns.answerServer(m, values) })
}

func (ns *Namespace) handleServerEvent(m *cluster.Message, reply func([]any) error) {
	e := &ns.serverEvents
	e.mu.Lock()
	handlers := e.handlers[m.Event]
	e.mu.Unlock()
	args := event.NewArgs(m.Args, reply)
	var all outcome.All
	for _, h := range handlers {
		all.Add(ns.runServerHandler(*h, m, args))
	}
	all.Acknowledge(args)
	if len(handlers) == 0 && args.HasAck() {
		_ = args.Ack(event.Failure(errNoServerHandler)...) // the other server will have to wait in vain
	}
}

// runServerHandler runs one handler, and answers in its place if it fails.
func (ns *Namespace) runServerHandler(h ServerHandler, m *cluster.Message, args Args) (err error) {
	err = errNoReturn
	defer func() {
		if v := recover(); v != nil {
			err = ns.server.panicked(v, "namespace", ns.name, "node", m.Node, "event", m.Event)
		}
		if !outcome.IsFailure(err) {
			return
		}
		answer, level := describe(err)
		if !errors.As(err, new(*PanicError)) {
			ns.server.report(level, "handler failed", "namespace", ns.name, "node", m.Node, "event", m.Event, "error", err)
		}
		if args.HasAck() && !args.Acknowledged() {
			ns.server.answerFailure(args, answer, "namespace", ns.name, "node", m.Node, "event", m.Event)
		}
	}()
	err = h(ns.server.closing, args)
	outcome.Examine(err)
	return err
}

// answerServer answers a question of another server.
func (ns *Namespace) answerServer(m *cluster.Message, values []any) error {
	encoded, failed := ns.encodeArgs(m.Event, values)
	if failed != nil {
		// It waits: it should at least learn that the answer is lost.
		encoded, _ = ns.encodeArgs(m.Event, event.Failure(failed))
	}
	err := ns.respond(m.Node, &cluster.Message{
		Kind: cluster.ServerSideEmitResponse, RequestID: m.RequestID, Args: encoded,
	})
	if err = errors.Join(failed, err); err != nil {
		return emitError("acknowledgement", err)
	}
	return nil
}
