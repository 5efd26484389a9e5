package socketio

import (
	"errors"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

// This file is what becomes of a retried event between its arrival and its answer.

// isRetried reports whether an event with the given acknowledgement id may be a repeat.
func (s *Socket) isRetried(id uint64) bool { return s.retry != nil && isRetryID(id) }

// isRepeat reports whether an event is one that was received before, and answers it if
// its answer is known. It is asked when an event arrives, not when its turn comes: what
// has arrived will be handled, also if the connection ends before.
func (s *Socket) isRepeat(p *packet.Packet) bool {
	if !p.HasID || !s.isRetried(p.ID) {
		return false
	}
	fresh, answer := s.retry.begin(p.ID)
	if answer != nil {
		_ = s.enqueueAck(answer) // if it fails the client asks again
		s.conn.session.Flush()
	}
	return !fresh
}

// enqueueAnswer queues an answer of the handlers for the connection that the client has
// now, which may be another one. It is no error if there is none.
func (s *Socket) enqueueAnswer(id uint64, m *frame.Message) (to *Socket, err error) {
	if !s.isRetried(id) {
		return s, s.enqueueAck(m)
	}
	to, kept := s.retry.finish(id, m)
	if to == nil {
		to = s
	}
	if err = to.enqueueAck(m); kept && errors.Is(err, ErrDisconnected) {
		err = nil
	}
	return to, err
}

func (s *Socket) enqueueAck(m *frame.Message) error {
	err := s.enqueue(m, engine.SendOptions{}, 0, nil)
	if err == nil {
		s.server().hooks.packetSent(s, PacketInfo{Type: packet.Ack, Size: m.Size()})
	}
	return err
}

// isInterrupted reports whether a handler has failed because, for all one can tell, its
// context has ended. That is no answer to an event that the client sends again.
func (s *Socket) isInterrupted(err error) bool {
	return s.retry != nil && s.isGone() && !errors.As(err, new(*event.Error))
}

// abandon is told that nothing has handled an event, so that a repeat is not ignored.
func (s *Socket) abandon(p *packet.Packet) {
	if p.HasID && s.isRetried(p.ID) {
		s.retry.abandon(p.ID)
	}
}
