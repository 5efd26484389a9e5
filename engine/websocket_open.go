package engine

import (
	"net/http"
	"time"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/engine/frame"
)

// handshakeLimit bounds how long the answer to a WebSocket handshake may take to
// be written.
const handshakeLimit = 10 * time.Second

// openWebSocket opens a session that begins on a WebSocket.
func (s *Server) openWebSocket(w http.ResponseWriter, r *http.Request, p params, id string, value any) {
	if !s.begin() {
		s.refuseStart(w, r, true, http.ErrServerClosed)
		return
	}
	defer s.running.Done()
	session := s.newSession(r, p, id, value, onWebSocket)
	conn, err := s.upgradeHTTP(w, r, p, true)
	if err != nil {
		return // the client was told
	}
	started := false // also if open panics
	defer func() {
		if !started {
			s.dropConn(conn)
		}
	}()
	session.ws = conn
	if err := session.start(); err != nil {
		return
	}
	started = true
	session.Flush()
	// The request's goroutine has a large stack by now, and the server's handler
	// should return: reading begins on a fresh one.
	s.spawn(func() { session.serveWebSocket(conn, true) })
}

// serveUpgrade opens the WebSocket that may take over a polling session.
func (s *Server) serveUpgrade(w http.ResponseWriter, r *http.Request, p params, session *Session) {
	if !s.begin() {
		s.refuseStart(w, r, true, http.ErrServerClosed)
		return
	}
	defer s.running.Done()
	s.requested(session, r)
	conn, err := s.upgradeHTTP(w, r, p, false)
	if err != nil {
		return
	}
	if !session.probeArrived(conn) {
		// The official server accepts the WebSocket and closes it, so that the client
		// sees an orderly end.
		conn.beginClose(0, true)
	}
	s.spawn(func() { session.serveWebSocket(conn, false) })
}

// upgradeHTTP makes the request's connection a WebSocket. When it fails the
// client has been told.
func (s *Server) upgradeHTTP(w http.ResponseWriter, r *http.Request, p params, initial bool) (*wsConn, error) {
	header := w.Header().Clone() // CORS, and what middleware has set
	s.responseHeaders(header, r, initial)
	var offer deflateOffer
	upgrader := ws.HTTPUpgrader{
		Timeout: handshakeLimit,
		Header:  header,
		// They mean nothing here, but browsers insist on an answer.
		Protocol: func(string) bool { return true },
	}
	if s.opts.PerMessageDeflate != nil {
		upgrader.Negotiate = offer.answer
	}
	conn, rw, _, err := upgrader.Upgrade(r, w)
	if err != nil {
		if conn != nil {
			conn.Close()
		}
		refused := refuse(CodeBadRequest, "the WebSocket handshake failed: "+err.Error())
		refused.Err = err
		s.report(r, refused)
		return nil, err
	}
	form := frame.Form{Base64: p.base64, Revision3: p.revision == revision3}
	if offer.accepted {
		form.Deflate = s.opts.PerMessageDeflate.threshold()
	}
	c := newWSConn(conn, s.opts.MaxPayload, form)
	early, _ := rw.Reader.Peek(rw.Reader.Buffered()) // no more than what is there
	c.preload(early)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed { // nobody would wait for what is started now
		conn.Close()
		return nil, http.ErrServerClosed
	}
	s.conns[c] = struct{}{}
	return c, nil
}

// dropConn closes a WebSocket's connection for good.
func (s *Server) dropConn(c *wsConn) {
	c.conn.Close()
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
}

// probeArrived makes c the WebSocket that probes the session, unless that is not
// possible.
func (s *Session) probeArrived(c *wsConn) bool {
	s.mu.Lock()
	w := s.advance(event{kind: evProbe})
	if w.eff.refused == nil {
		s.probe = c
	}
	s.mu.Unlock()
	s.perform(w)
	return w.eff.refused == nil
}

// probeInput takes a packet that arrived on the probing WebSocket c, and reports
// whether c carries the session from now on.
func (s *Session) probeInput(c *wsConn, p frame.Packet) bool {
	s.mu.Lock()
	if s.probe != c {
		s.mu.Unlock()
		return false
	}
	w := s.advance(event{kind: evProbeInput, packet: p})
	adopted := s.ws == c
	s.mu.Unlock()
	s.perform(w)
	return adopted
}

// probeGone is told that c, which never took over, is closed.
func (s *Session) probeGone(c *wsConn) {
	s.mu.Lock()
	var w work
	if s.probe == c {
		s.probe = nil
		w = s.advance(event{kind: evProbeGone})
	}
	s.mu.Unlock()
	s.perform(w)
}
