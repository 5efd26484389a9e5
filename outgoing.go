package socketio

import (
	"errors"
	"log/slog"
	"sync"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

// emission is an event on its way to clients, for those who watch what is sent. It
// is nil, and nothing is done, if nobody does.
type emission struct {
	namespace *Namespace
	event     string
	message   *frame.Message
	args      []any
	logged    bool         // message has an offset behind args
	encoded   *packet.Args // made when somebody asks
	to        []*Socket
	dropped   []drop
	later     bool // those who watch are told in another goroutine
}

// drop is a client for which an event could not be queued.
type drop struct {
	socket *Socket
	err    error
}

// watching returns what those who watch are told about an event, or nil.
func (s *Server) watching(ns *Namespace, name string, m *frame.Message, args []any) *emission {
	if !s.watched.Load() {
		return nil
	}
	return &emission{namespace: ns, event: name, message: m, args: args}
}

// watching is that of the server, for an event of this broadcast.
func (b Broadcast) watching(name string, m *frame.Message, args []any) *emission {
	e := b.namespace.server.watching(b.namespace, name, m, args)
	if e != nil {
		e.later = b.fromBus
	}
	return e
}

// watchingLogged is watching for a message that has an offset.
func (b Broadcast) watchingLogged(name string, m *frame.Message, args []any) *emission {
	e := b.watching(name, m, args)
	if e != nil {
		e.logged = true
	}
	return e
}

// queued notes that the event is queued for a client.
func (e *emission) queued(s *Socket) {
	if e != nil {
		e.to = append(e.to, s)
	}
}

// failed notes that the event could not be queued for a client.
func (e *emission) failed(s *Socket, err error) {
	if e != nil && (errors.Is(err, ErrDropped) || errors.Is(err, ErrQueueFull)) {
		e.dropped = append(e.dropped, drop{s, err})
	}
}

// tell tells those who watch. It is called without a lock.
func (e *emission) tell() {
	switch {
	case e == nil, len(e.to) == 0 && len(e.dropped) == 0:
	case e.later:
		e.namespace.relayed.add(e)
	default:
		e.call()
	}
}

// call calls those who watch.
func (e *emission) call() {
	hooks := &e.namespace.server.hooks
	for _, s := range e.to {
		hooks.packetSent(s, PacketInfo{packet.Event, e.event, e.message.Size()})
		for _, l := range s.layers() {
			for _, h := range l.outgoing {
				s.guard("OnAnyOutgoing", func() { (*h)(s, e.event, e.arguments()) })
			}
		}
	}
	for _, d := range e.dropped {
		hooks.eventDropped(d.socket, e.event, d.err)
	}
}

// done tells of an event to a single client.
func (e *emission) done(s *Socket, err error) {
	if e == nil {
		return
	}
	if err == nil {
		e.queued(s)
	} else {
		e.failed(s, err)
	}
	e.tell()
}

// relayedEmissions are the events of other servers that those who watch have not been
// told of yet. The bus delivers them, and must not wait until they have.
type relayedEmissions struct {
	mu      sync.Mutex
	queue   []*emission
	running bool // a goroutine empties the queue
}

// maxRelayed bounds the events of one namespace that wait for those who watch.
const maxRelayed = 10_000

func (r *relayedEmissions) add(e *emission) {
	if !r.put(e) {
		e.namespace.server.report(slog.LevelWarn, "those who watch what is sent do not keep up", "namespace", e.namespace.name, "event", e.event, "limit", maxRelayed)
	}
}

// put queues an event, unless there are too many.
func (r *relayedEmissions) put(e *emission) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) >= maxRelayed {
		return false
	}
	r.queue = append(r.queue, e)
	if !r.running {
		r.running = true
		server := e.namespace.server
		server.tasks.Go(func() { r.run(server) })
	}
	return true
}

// next removes and returns the first event, or nil.
func (r *relayedEmissions) next() (e *emission) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		r.queue, r.running = nil, false
		return nil
	}
	e = r.queue[0]
	r.queue[0] = nil
	r.queue = r.queue[1:]
	return e
}

// run empties the queue. There is one at a time.
func (r *relayedEmissions) run(server *Server) {
	returned := false
	defer func() {
		if !returned { // a handler has ended this goroutine with runtime.Goexit
			server.tasks.Go(func() { r.run(server) })
		}
	}()
	for e := r.next(); e != nil; e = r.next() {
		e.call()
	}
	returned = true
}

// arguments returns what was emitted, without what recovery adds.
func (e *emission) arguments() Args {
	if e.encoded == nil {
		var args packet.Args
		if e.logged || e.namespace.server.options.Codec != packet.JSON {
			args, _ = e.namespace.encodeArgs(e.event, e.args) // none if there is no JSON for them
		} else {
			args, _ = e.namespace.argsOf(e.message, packet.JSON)
		}
		e.encoded = &args
	}
	return event.NewArgs(*e.encoded, nil)
}
