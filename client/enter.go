package client

import (
	"context"
	"fmt"

	"github.com/go-socketio/socketio/client/internal/session"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// This file is what happens to a socket while it is joining, and when it has joined.

// beginJoin reports whether a CONNECT packet is to be sent: not if the socket is in
// the namespace, or has asked already and not been answered.
func (s *Socket) beginJoin(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.joining == c || s.member != nil {
		return false
	}
	s.joining = c
	return true
}

// stillJoining reports whether the socket still wants to join. If not, it no longer
// counts as having asked.
func (s *Socket) stillJoining(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.joining == c && !s.takesPart(c.attempt) {
		s.joining = nil
	}
	return s.joining == c
}

// sendConnect sends the CONNECT packet, if the socket still wants to join.
func (s *Socket) sendConnect(c *conn, m *frame.Message) {
	if s.stillJoining(c) {
		c.asked.Store(true)
		// It fails if the connection has ended, which then is reported anyway.
		_ = c.session.Send(m, session.SendOptions{Force: true})
	}
}

// endJoin is told that the server has refused, or cannot be asked, and reports whether
// it matters.
func (s *Socket) endJoin(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.joining != c {
		return false
	}
	s.joining, s.early, s.earlyCost = nil, nil, 0
	return s.takesPart(c.attempt)
}

// recoveryData returns what the CONNECT packet carries for the server to remember us by.
func (s *Socket) recoveryData() recovery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.recovery
}

// enter makes the socket a member of the namespace. What was queued is sent before
// anything that is emitted from now on.
func (s *Socket) enter(c *conn, id, pid, rid string) {
	s.mu.Lock()
	if s.joining != c {
		s.mu.Unlock()
		return
	}
	s.joining = nil
	if !s.takesPart(c.attempt) { // it has left while the server was thinking
		s.mu.Unlock()
		s.sayGoodbye(c)
		return
	}
	c.joined.Store(true)
	m := &membership{conn: c, id: id}
	m.context, m.cancel = context.WithCancelCause(context.Background())
	s.member = m
	s.recovered = pid != "" && pid == s.recovery.pid
	if !s.recovered {
		s.recovery.offset = ""
	}
	s.recovery.pid, s.recovery.rid = pid, rid
	s.lastFail = nil
	items := append([]item{{kind: connectItem, member: m}}, s.early...)
	s.early, s.earlyCost = nil, 0
	for i := range items[1:] {
		items[i+1].member = m
	}
	becameFull, start := s.putLocked(items)
	s.flushBuffer()
	failed := s.tryFirst() // what was in flight is sent again at once
	waiters := s.waiters
	s.waiters = nil
	s.signal()
	s.mu.Unlock()

	s.started(becameFull, start)
	for _, w := range waiters {
		w.result <- nil
	}
	for _, receiver := range failed {
		receiver(answer{err: ErrAckTimeout})
	}
	if pid != "" {
		for _, it := range items[1:] {
			s.noteOffset(m, it.packet)
		}
	}
}

// sayGoodbye leaves the namespace on the server's side only.
func (s *Socket) sayGoodbye(c *conn) {
	m, err := s.client.encode(packet.Header{Type: packet.Disconnect, Namespace: s.namespace}, nil)
	if err == nil {
		_ = c.session.Send(m, session.SendOptions{Force: true}) // it fails if the connection has ended
	}
}

// attemptFailed is told that the attempt with the given number has failed. If somebody
// waits for the first one, that is the end of it.
func (s *Socket) attemptFailed(attempt uint64, err error) {
	s.mu.Lock()
	if !s.takesPart(attempt) || s.member != nil {
		s.mu.Unlock()
		return
	}
	s.lastFail = err
	first := false
	for _, w := range s.waiters {
		first = first || w.started
	}
	if first && !s.client.options.KeepTrying {
		tell := s.deactivate(err, nil)
		s.mu.Unlock()
		tell()
		return
	}
	s.mu.Unlock()
	s.push(item{kind: connectErrorItem, err: err})
}

// received takes an event.
func (s *Socket) received(c *conn, p packet.Packet) {
	it := item{kind: eventItem, packet: p}
	it.cost = it.size()
	s.mu.Lock()
	hasOffset := false
	switch {
	case s.member != nil && s.member.conn == c:
		it.member = s.member
		hasOffset = s.recovery.pid != ""
	case s.joining == c && s.takesPart(c.attempt):
		// A server that restores a session sends what was missed before its answer.
		s.early = append(s.early, it)
		s.earlyCost += it.cost
		over := s.earlyCost > s.client.options.MaxInbox
		s.mu.Unlock()
		if over {
			c.broken.Store(true)
			c.session.Abort(session.ReasonTransportError, fmt.Errorf("more than MaxInbox arrived before the answer to CONNECT"))
		}
		return
	default:
		s.mu.Unlock()
		return
	}
	becameFull, start := s.putLocked([]item{it})
	s.mu.Unlock()
	s.started(becameFull, start)
	if hasOffset {
		s.noteOffset(it.member, p)
	}
}

// noteOffset remembers the offset that a server which can restore sessions adds to
// events, as their last argument. Such events ask for no acknowledgement. Nothing
// tells an offset from an argument, so any string counts. The codec may be the
// application's, so it is asked without the lock.
func (s *Socket) noteOffset(m *membership, p packet.Packet) {
	last := p.Args.Len() - 1
	if p.HasID || last < 0 {
		return
	}
	if raw := p.Args.Raw(last); raw != nil && (raw[0] != '"' || len(raw) > maxToken) {
		return
	}
	var offset string
	if p.Args.Decode(last, &offset) != nil || len(offset) > maxToken {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.member == m {
		s.recovery.offset = offset
	}
}
