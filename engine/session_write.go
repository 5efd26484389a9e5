package engine

import (
	"errors"
	"syscall"
)

// write writes lent messages to the WebSocket without blocking. What does not
// fit, and what has been queued meanwhile, is left to a flusher.
func (s *Session) write(ws *wsConn, items []item) {
	b := batch{items: items, form: ws.form}
	rest, more, err := ws.tryWrite(&b)
	if more {
		s.spawnFlusher(ws, rest, b)
		return
	}
	b.done()
	if next := s.written(ws, items, err); len(next) > 0 {
		s.spawnFlusher(ws, nil, batch{items: next, form: ws.form})
	}
}

func (s *Session) spawnFlusher(ws *wsConn, rest []byte, b batch) {
	s.server.spawn(func() { s.flush(ws, rest, b) })
}

// flush writes until nothing is left. It is the only one that may block, at most
// as long as a client may stay silent.
func (s *Session) flush(ws *wsConn, rest []byte, b batch) {
	for {
		err := ws.write(rest, &b, s.server.writeLimit)
		b.done()
		next := s.written(ws, b.items, err)
		if len(next) == 0 {
			return
		}
		rest, b = nil, batch{items: next, form: ws.form}
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
