package engine

import (
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/engine/frame"
)

// errPeerClosed is that the client has sent a close frame.
var errPeerClosed = errors.New("the client closed the WebSocket")

// serveWebSocket reads from c until it is closed, which it does itself in the end.
// main is false while c only probes the session.
//
// What is handled here makes the goroutine's stack grow, and it does not shrink
// enough while the goroutine waits: 4 KiB, where a new one waits in 2 KiB. So
// whenever nothing more is to be expected soon, a new one goes on.
func (s *Session) serveWebSocket(c *wsConn, main bool) {
	waits := false
	defer func() { // also if a receiver exits the goroutine
		if !waits {
			s.server.dropConn(c)
		}
	}()
	if waits = s.readWebSocket(c, main); waits {
		s.server.running.Start()
		go s.continueWebSocket(c)
	}
}

// continueWebSocket is a goroutine that takes over from another one. Each heartbeat of
// each connection starts one, so it is started without any closure but the runtime's.
func (s *Session) continueWebSocket(c *wsConn) {
	defer s.server.running.Done()
	s.serveWebSocket(c, true)
}

// readWebSocket returns true when the session now probably waits for long, and false
// when c is to be closed.
func (s *Session) readWebSocket(c *wsConn, main bool) (waits bool) {
	early := c.in != nil // bytes that came with the handshake
	for {
		if !early {
			err := c.fill()
			if c.givenUp(err) {
				c.beginClose(0, true)
				continue // until the peer closes too
			}
			if err != nil {
				s.webSocketGone(c, main, err)
				return false
			}
		}
		early = false
		var err error
		if main, err = s.readBatch(c, main); err != nil {
			s.webSocketGone(c, main, err)
			return false
		}
		if main {
			if resumed := s.whenResumed(); resumed != nil {
				c.dropBuffer()
				<-resumed
			}
			if c.quiet {
				if c.dropBuffer(); c.in == nil {
					c.quiet = false
					return true
				}
			}
		}
	}
}

// readBatch handles everything complete that was read. It reports whether c
// carries the session.
func (s *Session) readBatch(c *wsConn, main bool) (bool, error) {
	deliver, delivered := false, false
	begun := false
	defer func() { s.finishDelivery(deliver, delivered) }()
	for {
		op, payload, ok, err := c.in.next()
		if err != nil || !ok {
			return main, err
		}
		switch op {
		case ws.OpPing:
			if main {
				s.Send(frame.WebSocketPong(payload), SendOptions{})
			}
			continue
		case ws.OpClose:
			return main, c.closeFrame(payload)
		case ws.OpPong:
			continue
		}
		p, err := parseWebSocket(op, payload, s.machine.revision)
		switch {
		case !main && err != nil:
			return false, err
		case !main:
			if main = s.probeInput(c, p); main {
				begun = true
				deliver, _ = s.beginTurn()
				s.upgraded(deliver)
			}
			continue
		case err != nil:
			s.step(event{kind: evBadPacket, err: err})
			continue
		}
		if !begun {
			begun = true
			deliver, _ = s.beginTurn()
		}
		if s.receive(p, deliver) {
			delivered = true
		}
		c.quiet = c.quiet || p.Type != frame.Data // a heartbeat
	}
}

// parseWebSocket parses a WebSocket message as a packet.
func parseWebSocket(op ws.OpCode, payload []byte, r revision) (frame.Packet, error) {
	if r == revision3 {
		return frame.ParsePacket3(payload, op == ws.OpBinary)
	}
	if op == ws.OpBinary {
		return frame.Packet{Type: frame.Data, Binary: true, Data: payload}, nil
	}
	return frame.ParsePacket(payload)
}

// closeFrame takes the peer's close frame. The error is errPeerClosed unless the frame
// breaks the rules of RFC 6455, section 7.4.
func (c *wsConn) closeFrame(payload []byte) error {
	if len(payload) == 0 {
		return errPeerClosed
	}
	status, reason := ws.ParseCloseFrameData(payload)
	switch {
	case status >= 1000 && status <= 1014 && (status < 1004 || status > 1006), status >= 3000 && status <= 4999:
	default: // also if it is only one byte
		return &wsError{ws.StatusProtocolError, errCloseFrame}
	}
	if !utf8.ValidString(reason) {
		return &wsError{ws.StatusInvalidFramePayloadData, errInvalidUTF8}
	}
	c.peerStatus = status
	return errPeerClosed
}

// webSocketGone is told why reading from c has ended, and parts with the peer
// in the way that err calls for.
func (s *Session) webSocketGone(c *wsConn, main bool, err error) {
	c.forget()
	if errors.Is(err, errPeerClosed) {
		c.peerClosed.Store(true)
	}
	if !main {
		s.probeGone(c)
	} else {
		s.step(goneEvent(err))
	}
	switch {
	case errors.Is(err, io.EOF):
	case errors.Is(err, errPeerClosed) && c.closeSent.Load():
	case !main:
		c.beginClose(closeStatus(err), true)
		c.linger()
	case errors.Is(err, errPeerClosed), closeStatus(err) != 0:
		c.linger() // the session's end sends the close frame
	}
}

// goneEvent tells a client that leaves from one that breaks the rules.
func goneEvent(err error) event {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, errPeerClosed):
		return event{kind: evGone, reason: ReasonTransportClose}
	case closeStatus(err) != 0:
		return event{kind: evGone, reason: ReasonTransportError, err: err}
	default:
		return event{kind: evGone, reason: ReasonTransportClose, err: err}
	}
}

// linger reads and forgets what still comes, until the peer closes or the
// deadline that beginClose has set. Closing at once would reset the connection,
// and the peer might never see the close frame.
func (c *wsConn) linger() {
	in := c.takeBuffer()
	defer c.dropBuffer()
	for {
		if _, err := c.conn.Read(in.buf); err != nil {
			return
		}
	}
}

// writeProbePong answers the probe. It is called by the goroutine that reads
// from c; nobody else writes to c yet.
func (c *wsConn) writeProbePong() {
	c.conn.SetWriteDeadline(time.Now().Add(handshakeLimit))
	if c.hurried.Load() {
		c.hurry()
	}
	c.conn.Write(probePongFrame) // if it fails, reading does too
	c.conn.SetWriteDeadline(time.Time{})
}

var probePongFrame = frame.Control(frame.Pong, probeData).WebSocket()
