package engine

import (
	"runtime/debug"

	"github.com/go-socketio/socketio/engine/frame"
)

// This file is a session's way in: who may call the receiver, and with what.
//
// Whoever has input takes the turn. The transports give input one after the
// other, so nobody waits for it; what it settles is that Closed comes last.

// beginTurn reports whether messages may be delivered. If so, endTurn must follow.
// The error is ErrClosed if the session has ended.
func (s *Session) beginTurn() (deliver bool, err error) {
	s.mu.Lock()
	w := s.advance(event{kind: evActivity})
	ok := s.machine.life == open && !s.turn
	s.turn = s.turn || ok
	s.mu.Unlock()
	s.perform(w)
	return ok, w.eff.refused
}

// endTurn gives the turn back. If the session ended meanwhile it calls Closed.
func (s *Session) endTurn() {
	s.mu.Lock()
	s.turn = false
	farewell := s.farewell
	s.farewell = false
	reason, err := s.machine.reason, s.machine.err
	s.mu.Unlock()
	if farewell {
		s.tellClosed(reason, err)
	}
}

// receive takes one packet; the caller has the turn if deliver is true. It
// reports whether it was a message and has been delivered.
func (s *Session) receive(p frame.Packet, deliver bool) (delivered bool) {
	if p.Type != frame.Data {
		s.step(event{kind: evPacket, packet: p})
		return false
	}
	if !deliver || s.deaf.Load() {
		return false
	}
	defer s.caught()
	if p.Binary {
		s.receiver.ReceiveBinary(p.Data)
	} else {
		s.receiver.ReceiveText(p.Data)
	}
	return true
}

// upgraded follows the packet with which a WebSocket has taken over; the caller has the
// turn if deliver is true.
func (s *Session) upgraded(deliver bool) {
	if r, ok := s.receiver.(UpgradeReceiver); ok && deliver {
		defer s.caught()
		r.Upgraded()
	}
}

// finishDelivery follows the last packet of a turn.
func (s *Session) finishDelivery(deliver, delivered bool) {
	if delivered {
		s.endBatch()
	}
	if deliver {
		s.endTurn()
	}
}

func (s *Session) endBatch() {
	defer s.caught()
	s.receiver.EndBatch()
}

// caught is deferred around each call of the receiver, which is the application's and may
// be made in a goroutine that nobody else watches. A panic ends the session.
func (s *Session) caught() {
	if v := recover(); v != nil {
		s.server.opts.Logger.Error("engine: panic in a receiver", "address", s.handshake.Address(), "panic", v, "stack", string(debug.Stack()))
		s.Abort(ReasonForcedClose, errPanicked)
	}
}
