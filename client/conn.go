package client

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/client/internal/session"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/deadline"
	"github.com/go-socketio/socketio/packet"
)

// conn is one open connection. It is the receiver of an Engine.IO session, and takes
// each packet to its socket.
type conn struct {
	client  *Client
	session *session.Session
	attempt uint64         // its number
	timeout deadline.Entry // ends a connection that joins no namespace

	// ctx is that of the application's AuthFunc. It ends with the connection.
	ctx    context.Context
	cancel context.CancelCauseFunc

	// Used by the session's receiving calls only, which come one at a time.
	decoder packet.Decoder

	broken atomic.Bool // what still arrives is ignored
	asked  atomic.Bool // a CONNECT packet has been sent
	joined atomic.Bool // a namespace has been joined at some time

	closed chan struct{} // closed when the two below are set
	reason Reason
	err    error
}

func newConn(client *Client, s *session.Session, decoder packet.Decoder, attempt uint64) *conn {
	c := &conn{
		client:  client,
		session: s,
		attempt: attempt,
		decoder: decoder,
		closed:  make(chan struct{}),
	}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	client.deadlines.Set(&c.timeout, c, time.Now().Add(client.options.ConnectTimeout))
	return c
}

// Expire ends a connection that has joined no namespace in time.
func (c *conn) Expire(time.Time) {
	if c.joined.Load() {
		return
	}
	err := errJoinTimeout
	if !c.asked.Load() {
		err = errAuthTimeout
	}
	c.broken.Store(true)
	c.session.Abort(session.ReasonTransportError, err)
}

// ReceiveText takes a text message.
func (c *conn) ReceiveText(data []byte) {
	if !c.broken.Load() {
		defer c.caught()
		c.received(c.decoder.Text(data))
	}
}

// ReceiveBinary takes a binary message.
func (c *conn) ReceiveBinary(data []byte) {
	if !c.broken.Load() {
		defer c.caught()
		c.received(c.decoder.Binary(data))
	}
}

// caught is deferred around what is done with a packet outside of handlers: the codec,
// and what it makes of arguments, may be the application's. A panic ends the connection,
// which may have missed a part of what came.
func (c *conn) caught() {
	if v := recover(); v != nil {
		c.client.panicked("Codec", v)
		c.end(errPanic)
	}
}

func (c *conn) received(p packet.Packet, complete bool, err error) {
	switch {
	case err != nil:
		c.end(err)
	case complete:
		c.route(p)
	}
}

// end ends the connection to a server that does not keep to the protocol.
func (c *conn) end(err error) {
	c.broken.Store(true)
	c.session.Abort(session.ReasonParseError, err)
}

// route takes a packet to where it belongs. One for a namespace that nobody has asked
// for is ignored, as the official client does, except from a server of Socket.IO 2: that
// lets everybody into "/" without being asked, and says so in its own way.
func (c *conn) route(p packet.Packet) {
	if p.Type == packet.Connect && p.Args.Len() == 0 {
		c.end(errNoID)
		return
	}
	s := c.client.socket(p.Namespace)
	if s == nil {
		return
	}
	switch p.Type {
	case packet.Connect:
		s.granted(c, p.Args)
	case packet.ConnectError:
		s.refused(c, p.Args)
	case packet.Event:
		s.received(c, p)
	case packet.Ack:
		s.acknowledged(c, p.ID, p.Args)
	case packet.Disconnect:
		s.ejected(c)
	}
}

// Closed is told that the session has ended.
func (c *conn) Closed(reason session.Reason, err error) {
	c.reason, c.err = Reason(reason), err
	if reason == session.ReasonForcedClose {
		c.reason = ReasonClientDisconnect
	}
	close(c.closed)
}

// ended tells the sockets that the connection has ended. It reports whether a
// namespace had been joined.
func (c *conn) ended() (joined bool) {
	c.cancel(&DisconnectError{c.reason, c.err})
	c.client.deadlines.Clear(&c.timeout)
	c.client.mu.Lock()
	c.client.conn = nil
	c.client.endAttempt(c.attempt)
	c.client.upgraded = c.session.Transport() == WebSocket
	c.client.mu.Unlock()
	for _, s := range c.client.allSockets() {
		s.lost(c)
	}
	return c.joined.Load()
}

var errNothingEncoded = errors.New("the codec has written no message, or not by the rules of a frame.Builder")

// encode makes the message for a packet of a namespace. It calls methods of the
// application, whose panics become errors: much is encoded where nobody else would catch
// them.
func (c *Client) encode(h packet.Header, args []any) (m *frame.Message, err error) {
	defer func() {
		if v := recover(); v != nil {
			c.panicked("Codec", v, "namespace", h.Namespace, "event", h.Event)
			err = &packet.EncodeError{Index: -1, Err: errPanic}
		}
	}()
	var b frame.Builder
	if err := c.options.Codec.Encode(&b, h, args); err != nil {
		return nil, err
	}
	if m = b.Message(); m.Size() == 0 {
		return nil, &packet.EncodeError{Index: -1, Err: errNothingEncoded}
	}
	return m, nil
}

// addFull counts sockets whose inbox is full. While there is one nothing is read.
func (c *Client) addFull(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.full > 0
	c.full += n
	if c.conn != nil && before != (c.full > 0) {
		c.conn.session.SetPaused(c.full > 0)
	}
}

var errStuck = errors.New("a handler waits for an acknowledgement that cannot be read, because the inbox is full")

// endIfStuck ends a connection that would never go on: a handler waits for an answer,
// nothing is read because the inbox of its own socket is full, and that is emptied by
// nobody but this handler. The full inbox of another socket is, by its own handlers.
func (s *Socket) endIfStuck() {
	c := s.client
	c.mu.Lock()
	defer c.mu.Unlock()
	s.mu.Lock()
	stuck := s.inbox.full && s.waiting > 0
	s.mu.Unlock()
	if stuck && c.conn != nil && !c.conn.broken.Swap(true) {
		c.conn.session.Abort(session.Reason(ReasonInboxFull), errStuck)
	}
}
