package session

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-socketio/socketio/engine/frame"
)

// webSocket is one WebSocket. One goroutine reads and one writes at a time; the
// rest may be called from any.
type webSocket interface {
	// read returns the next message. A WebSocket ping is returned as opPing, for the
	// session to answer. The end of the connection is an io.EOF or a [*closeError] if
	// the server has closed it.
	read() (opcode, []byte, error)
	// write writes messages, and returns when they are on their way.
	write(items []item) error
	// close ends the connection in the orderly way, in a bounded time; nothing is
	// being written any more. abort ends it at once. Both end a read and a write.
	close()
	abort()
}

type opcode uint8

const (
	opText opcode = iota
	opBinary
	opPing
)

// closeError is the close frame of the server.
type closeError struct {
	code   int // 1005 if it gave none
	reason string
}

func (e *closeError) Error() string {
	if e.reason == "" {
		return fmt.Sprintf("the server closed the WebSocket with code %d", e.code)
	}
	return fmt.Sprintf("the server closed the WebSocket with code %d: %q", e.code, e.reason)
}

// firstPacket waits for the handshake on a new WebSocket.
func firstPacket(ctx context.Context, ws webSocket) (h handshake, err error) {
	p, err := readPacket(ctx, ws)
	if err != nil {
		return h, err
	}
	return readHandshake(p)
}

// readPacket waits for one text packet on a WebSocket, until ctx ends.
func readPacket(ctx context.Context, ws webSocket) (frame.Packet, error) {
	stop := context.AfterFunc(ctx, ws.abort)
	op, payload, err := ws.read()
	switch {
	case !stop():
		return frame.Packet{}, context.Cause(ctx)
	case err != nil:
		return frame.Packet{}, err
	case op != opText:
		return frame.Packet{}, errors.New("the first WebSocket message is not a packet")
	}
	return frame.ParsePacket(payload)
}

// runProbe tries to let a WebSocket take over. Whatever fails, the session goes on
// with polling.
func (s *Session) runProbe() {
	ctx, cancel := context.WithTimeout(s.ctx, s.conf.UpgradeTimeout)
	ws, err := s.conf.openWebSocket(ctx, s.id)
	if err == nil && !s.setProbe(ws) {
		ws.abort()
		err = errProbeLate
	}
	if err == nil {
		err = probe(ctx, ws)
	}
	cancel()
	if err == nil {
		err = s.step(event{kind: evProbed})
	}
	if err != nil {
		s.probeFailed(ws)
		return
	}
	// The server says nothing on it before it has seen "5".
	s.readWebSocket(ws)
}

func probe(ctx context.Context, ws webSocket) error {
	if err := ws.write([]item{{msg: probePacket}}); err != nil {
		return err
	}
	p, err := readPacket(ctx, ws)
	if err == nil && (p.Type != frame.Pong || string(p.Data) != probeData) {
		err = errors.New("the server did not answer the probe")
	}
	return err
}

// setProbe makes ws the probing WebSocket, if there is still to be one.
func (s *Session) setProbe(ws webSocket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.machine.upgrade != probing || s.machine.life == closed {
		return false
	}
	s.probe = ws
	return true
}

// probeFailed gives the probe up. ws is nil if there was no connection.
func (s *Session) probeFailed(ws webSocket) {
	s.mu.Lock()
	s.probe = nil
	s.perform(s.advance(event{kind: evProbeFail}))
	s.mu.Unlock()
	if ws != nil {
		ws.abort()
	}
}

// readWebSocket takes what arrives, until the connection ends.
func (s *Session) readWebSocket(ws webSocket) {
	for {
		s.awaitResume()
		op, payload, err := ws.read()
		if err != nil {
			s.lost(ws, err)
			return
		}
		switch op {
		case opText:
			p, err := frame.ParsePacket(payload)
			if err != nil {
				s.step(event{kind: evBad, err: err})
				continue
			}
			s.arrived(p)
		case opBinary:
			s.arrived(frame.Packet{Type: frame.Data, Binary: true, Data: payload})
		case opPing:
			s.step(event{kind: evWSPing, item: item{msg: frame.WebSocketPong(payload)}})
		}
	}
}

// lost is told that a WebSocket can no longer be read.
func (s *Session) lost(ws webSocket, err error) {
	s.mu.Lock()
	carries := s.ws == ws
	s.mu.Unlock()
	if !carries {
		s.probeFailed(ws)
		return
	}
	reason := ReasonTransportError
	closed := new(closeError)
	if err == io.EOF || errors.As(err, &closed) {
		reason = ReasonTransportClose
	}
	s.step(event{kind: evGone, reason: reason, err: err})
}

// writeWebSocket writes what is queued, for as long as there is something.
func (s *Session) writeWebSocket(ws webSocket) {
	for {
		items := s.lent(event{kind: evWritten})
		if len(items) == 0 {
			return
		}
		if err := ws.write(items); err != nil {
			s.step(event{kind: evGone, reason: ReasonTransportError, err: err})
			return
		}
	}
}
