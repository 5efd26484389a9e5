package engine

import (
	"errors"
	"syscall"
)

// write writes lent messages to the WebSocket without blocking. What does not
// fit, and what has been queued meanwhile, is left to a flusher.
func (s *Session) write(ws *wsConn, items []item) {
	b := ws.newBatch(items)
	blocked, err := s.tryWrite(ws, b)
	if blocked {
		s.spawnFlusher(ws, b, true)
		return
	}
	b.done()
	if next := s.written(ws, items, err); len(next) > 0 {
		s.spawnFlusher(ws, ws.newBatch(next), false)
	}
}

func (s *Session) spawnFlusher(ws *wsConn, b *batch, blocked bool) {
	s.server.spawn(func() { s.flush(ws, b, blocked) })
}

// tryWrite writes what the connection takes at once. If that is not everything, the
// machine knows that it is blocked.
func (s *Session) tryWrite(ws *wsConn, b *batch) (blocked bool, err error) {
	blocked, err = ws.tryWrite(b)
	if blocked {
		s.step(event{kind: evBlocked})
	}
	return blocked, err
}

// flush writes until nothing is left. It is the only one that may block, at most
// as long as a client may stay silent.
func (s *Session) flush(ws *wsConn, b *batch, blocked bool) {
	for {
		var err error
		if !blocked {
			blocked, err = s.tryWrite(ws, b)
		}
		if blocked {
			err = ws.write(b, s.server.writeLimit)
		}
		items := b.items
		b.done()
		next := s.written(ws, items, err)
		if len(next) == 0 {
			return
		}
		b, blocked = ws.newBatch(next), false
	}
}

// written tells the machine that what was lent is written, and returns what it
// lends next. If the session has ended meanwhile it closes the WebSocket.
func (s *Session) written(ws *wsConn, items []item, err error) (next []item) {
	ev := event{kind: evWritten, spare: items}
	if err != nil {
		ev = event{kind: evGone, reason: writeReason(err), err: err}
		ws.beginClose(0, false)
	}
	s.mu.Lock()
	w := s.advance(ev)
	ended, cause := s.machine.life == closed, s.machine.err
	if ended {
		s.machine.wsWriting = false
	}
	s.mu.Unlock()
	next = w.eff.ws
	w.eff.ws = nil
	s.perform(w)
	if ended {
		ws.beginClose(closeStatus(cause), true)
	}
	return next
}

// writeReason tells a peer that is gone, which a reader would have noticed in
// the same moment, from a connection that does not work.
func writeReason(err error) Reason {
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return ReasonTransportClose
	}
	return ReasonTransportError
}
