// Package client has Socket.IO clients for the load generator: they join the main
// namespace, answer heartbeats, and hand every message on as it stands on the wire.
package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-socketio/socketio/bench/internal/loop"
	"github.com/go-socketio/socketio/bench/internal/wire"
)

// Dialer makes clients.
type Dialer struct {
	loop *loop.Loop
	host string
	// Pings counts the heartbeats of all clients.
	Pings int64
	// Messages counts what all clients have received.
	Messages int64

	request []byte
}

// NewDialer returns a dialer of clients on l, which connects to host.
func NewDialer(l *loop.Loop, host string) *Dialer {
	return &Dialer{loop: l, host: host, request: upgradeRequest(host)}
}

// Events is what happens to a client. An error ends the run.
type Events struct {
	// Ready is called when the client has joined the main namespace.
	Ready func(c *WebSocket) error
	// Message is called with each message that follows. The payload is valid during
	// the call.
	Message func(c *WebSocket, op wire.Opcode, payload []byte) error
	// Closed is called when the connection is closed, by the server or after Leave. Nil
	// makes it an error.
	Closed func(c *WebSocket) error
}

// WebSocket is a client that connects with WebSocket from the start.
type WebSocket struct {
	// Index is given by the owner.
	Index int

	dialer   *Dialer
	conn     *loop.Conn
	events   *Events
	phase    phase
	leaving  bool
	fragment []byte
	opcode   wire.Opcode // of the message that fragment begins
}

type phase uint8

const (
	handshaking phase = iota // waits for 101
	opening                  // waits for the Engine.IO handshake
	joining                  // waits for the answer to CONNECT
	ready
)

var (
	joinFrame  = wire.NewFrame(wire.Text, []byte("40"))
	pongFrame  = wire.NewFrame(wire.Text, []byte("3"))
	closeFrame = wire.NewFrame(wire.Close, []byte{0x03, 0xe8})
)

// WebSocket starts to connect a client.
func (d *Dialer) WebSocket(index int, e *Events, o loop.Options) (*WebSocket, error) {
	c := &WebSocket{Index: index, dialer: d, events: e}
	conn, err := d.loop.Dial(c, o)
	if err != nil {
		return nil, err
	}
	c.conn = conn
	return c, nil
}

// Send sends a frame.
func (c *WebSocket) Send(f *wire.Frame) error { return c.conn.Write(f.Bytes()) }

// Pause stops reading, until Resume.
func (c *WebSocket) Pause() error { return c.conn.Pause() }

// Resume reads again.
func (c *WebSocket) Resume() error { return c.conn.Resume() }

// Leave sends a close frame. The connection is closed when the server has answered.
func (c *WebSocket) Leave() error {
	c.leaving = true
	return c.Send(closeFrame)
}

// Opened implements loop.Handler.
func (c *WebSocket) Opened(conn *loop.Conn) error { return conn.Write(c.dialer.request) }

// Closed implements loop.Handler.
func (c *WebSocket) Closed(_ *loop.Conn, err error) error {
	if c.events.Closed == nil {
		return fmt.Errorf("client %d: the server closed the connection: %w", c.Index, err)
	}
	if !c.leaving && !errors.Is(err, io.EOF) {
		return fmt.Errorf("client %d: %w", c.Index, err)
	}
	return c.events.Closed(c)
}

// Received implements loop.Handler.
func (c *WebSocket) Received(conn *loop.Conn, data []byte) (consumed int, err error) {
	if c.phase == handshaking {
		consumed, err = c.handshake(data)
		if consumed == 0 || err != nil {
			return 0, err
		}
	}
	for {
		f, n, err := wire.ParseFrame(data[consumed:])
		if err != nil {
			return 0, fmt.Errorf("client %d: %w", c.Index, err)
		}
		if n == 0 {
			return consumed, nil
		}
		consumed += n
		if f.Opcode == wire.Close {
			conn.Close()
			return consumed, c.Closed(conn, io.EOF)
		}
		if err := c.frame(f); err != nil {
			return 0, fmt.Errorf("client %d: %w", c.Index, err)
		}
	}
}

func (c *WebSocket) handshake(data []byte) (consumed int, err error) {
	r, n, err := wire.ParseHead(data)
	if n == 0 || err != nil {
		return 0, err
	}
	if r.Status != 101 || string(r.Header.Get("Sec-WebSocket-Accept")) != handshakeAccept {
		return 0, fmt.Errorf("client %d: the answer to the handshake is %q", c.Index, data[:n])
	}
	if ext := r.Header.Get("Sec-WebSocket-Extensions"); len(ext) > 0 {
		return 0, fmt.Errorf("the server has chosen the extension %q: turn compression off", ext)
	}
	c.phase = opening
	return n, nil
}

func (c *WebSocket) frame(f wire.ServerFrame) error {
	switch f.Opcode {
	case wire.Text, wire.Binary:
		if f.Final {
			return c.message(f.Opcode, f.Payload)
		}
		c.opcode, c.fragment = f.Opcode, append([]byte(nil), f.Payload...)
		return nil
	case wire.Continuation:
		c.fragment = append(c.fragment, f.Payload...)
		if !f.Final {
			return nil
		}
		return c.message(c.opcode, c.fragment)
	}
	return fmt.Errorf("a frame with the opcode %d", f.Opcode)
}

func (c *WebSocket) message(op wire.Opcode, payload []byte) error {
	if op == wire.Text && len(payload) == 1 && payload[0] == '2' {
		c.dialer.Pings++
		return c.Send(pongFrame)
	}
	switch c.phase {
	case opening:
		if op != wire.Text || !bytes.HasPrefix(payload, []byte(`0{"sid":"`)) {
			return unexpected("the Engine.IO handshake", payload)
		}
		c.phase = joining
		return c.Send(joinFrame)
	case joining:
		if op != wire.Text || !bytes.HasPrefix(payload, []byte(`40{"sid":"`)) {
			return unexpected("the answer to CONNECT", payload)
		}
		c.phase = ready
		return c.events.Ready(c)
	}
	c.dialer.Messages++
	return c.events.Message(c, op, payload)
}

func unexpected(what string, got []byte) error {
	return fmt.Errorf("%q instead of %s", got[:min(len(got), 200)], what)
}
