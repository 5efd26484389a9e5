package socketio

import (
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

// tell tells those who watch. It is called without a lock.
func (e *emission) tell() {
	if e == nil {
		return
	}
	for _, s := range e.to {
		for _, l := range s.layers() {
			for _, h := range l.outgoing {
				s.guard("OnAnyOutgoing", func() { (*h)(s, e.event, e.arguments()) })
			}
		}
	}
}

func (e *emission) arguments() Args {
	if e.encoded == nil {
		args := e.namespace.clusterArgs(e.message, e.event, e.args)
		e.encoded = &args
	}
	return event.NewArgs(*e.encoded, nil)
}
