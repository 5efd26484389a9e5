package socketio

import (
	"errors"

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
	encoded   *packet.Args // made from message when somebody asks
	to        []*Socket
	dropped   []drop
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
	if e == nil {
		return
	}
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

func (e *emission) arguments() Args {
	if e.encoded == nil {
		args := e.namespace.clusterArgs(e.message, e.event, e.args)
		e.encoded = &args
	}
	return event.NewArgs(*e.encoded, nil)
}
