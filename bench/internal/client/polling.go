package client

import (
	"bytes"
	"fmt"
	"io"

	"github.com/go-socketio/socketio/bench/internal/loop"
	"github.com/go-socketio/socketio/bench/internal/wire"
)

// Polling is a client that stays on long-polling. As browsers do, it keeps one
// connection for the GET that waits and one for POST.
type Polling struct {
	// Index is given by the owner.
	Index int

	dialer *Dialer
	events *PollingEvents
	get    request
	post   request
	phase  phase
	poll   []byte // the GET request of the session
	query  string // what names the session
	pong   bool   // the next POST answers a heartbeat
	began  bool   // Ready has been called
}

// PollingEvents is what happens to a client. An error ends the run.
type PollingEvents struct {
	// Ready is called when the client has joined the main namespace.
	Ready func(c *Polling) error
	// Message is called with each message that follows, valid during the call.
	Message func(c *Polling, payload []byte) error
	// Posted is called when a POST of [Polling.Send] has been answered.
	Posted func(c *Polling) error
}

// request is one connection, and the requests that follow each other on it.
type request struct {
	client  *Polling
	conn    *loop.Conn
	waiting bool
	answer  func(body []byte) error
}

// Polling starts to connect a client.
func (d *Dialer) Polling(index int, e *PollingEvents) (*Polling, error) {
	c := &Polling{Index: index, dialer: d, events: e}
	c.get = request{client: c, answer: c.polled}
	c.post = request{client: c, answer: c.posted}
	for _, r := range []*request{&c.get, &c.post} {
		conn, err := d.loop.Dial(r, loop.Options{})
		if err != nil {
			return nil, err
		}
		r.conn = conn
	}
	return c, nil
}

// Send posts a packet, which must be text. The one before must have been answered.
func (c *Polling) Send(packet []byte) error {
	if c.pong {
		c.pong = false
		packet = append([]byte("3\x1e"), packet...)
	}
	return c.post.send(postRequest(c.dialer.host, c.query, packet))
}

func (r *request) send(request []byte) error {
	if r.waiting {
		return fmt.Errorf("client %d: a second request on a connection that waits for an answer", r.client.Index)
	}
	r.waiting = true
	return r.conn.Write(request)
}

// Opened implements loop.Handler.
func (r *request) Opened(*loop.Conn) error {
	if r == &r.client.get {
		return r.send(pollRequest(r.client.dialer.host, ""))
	}
	return nil
}

// Closed implements loop.Handler.
func (r *request) Closed(_ *loop.Conn, err error) error {
	return fmt.Errorf("client %d: the server closed the connection: %w", r.client.Index, err)
}

// Received implements loop.Handler.
func (r *request) Received(_ *loop.Conn, data []byte) (consumed int, err error) {
	response, n, err := wire.ParseResponse(data)
	if err != nil {
		return 0, fmt.Errorf("client %d: %w", r.client.Index, err)
	}
	if n == 0 {
		return 0, nil
	}
	if response.Status != 200 {
		return 0, fmt.Errorf("client %d: status %d, %q", r.client.Index, response.Status, response.Body)
	}
	if !r.waiting {
		return 0, fmt.Errorf("client %d: an answer that nobody asked for: %q", r.client.Index, response.Body)
	}
	r.waiting = false
	if err := r.answer(response.Body); err != nil {
		return 0, fmt.Errorf("client %d: %w", r.client.Index, err)
	}
	return n, nil
}

func (c *Polling) posted(body []byte) error {
	if string(body) != "ok" {
		return unexpected(`"ok"`, body)
	}
	if !c.began {
		return c.begin()
	}
	return c.events.Posted(c)
}

// begin calls Ready once CONNECT has been answered and its POST too, whichever comes
// last.
func (c *Polling) begin() error {
	if c.phase != ready || c.post.waiting {
		return nil
	}
	c.began = true
	return c.events.Ready(c)
}

func (c *Polling) polled(body []byte) error {
	if c.phase == handshaking {
		return c.open(body)
	}
	for len(body) > 0 {
		packet, rest, _ := bytes.Cut(body, []byte{0x1e})
		body = rest
		if err := c.packet(packet); err != nil {
			return err
		}
	}
	return c.get.send(c.poll)
}

func (c *Polling) open(body []byte) error {
	rest, found := bytes.CutPrefix(body, []byte(`0{"sid":"`))
	sid, _, closed := bytes.Cut(rest, []byte(`"`))
	if !found || !closed {
		return unexpected("the Engine.IO handshake", body)
	}
	c.phase = joining
	c.query = "&sid=" + string(sid)
	c.poll = pollRequest(c.dialer.host, c.query)
	if err := c.get.send(c.poll); err != nil {
		return err
	}
	return c.Send([]byte("40"))
}

func (c *Polling) packet(packet []byte) error {
	switch {
	case string(packet) == "2":
		c.dialer.Pings++
		c.pong = true
		return nil
	case string(packet) == "6":
		return nil
	case string(packet) == "1":
		return io.ErrUnexpectedEOF
	case c.phase == joining:
		if !bytes.HasPrefix(packet, []byte(`40{"sid":"`)) {
			return unexpected("the answer to CONNECT", packet)
		}
		c.phase = ready
		return c.begin()
	}
	c.dialer.Messages++
	return c.events.Message(c, packet)
}
