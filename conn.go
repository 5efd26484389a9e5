package socketio

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/deadline"
	"github.com/go-socketio/socketio/packet"
)

// conn is one client connection, which may have joined several namespaces. It is
// the receiver of an Engine.IO session, and takes each packet to its socket.
type conn struct {
	server  *Server
	session *engine.Session

	// Used by the session's receiving calls only, which come one at a time.
	decoder packet.Decoder
	batch   int32 // events of the present batch

	ended     atomic.Bool  // what still arrives is ignored
	unhandled atomic.Int32 // events in inboxes and handlers, and one for an unfinished batch
	held      atomic.Bool  // the session is held, until unhandled is 0

	version2 bool // the client is one of Socket.IO 2

	mu      sync.Mutex
	closed  bool
	offence error                // why the server has ended the connection, if that is worth telling
	paused  bool                 // because of full and leaving
	full    int32                // sockets whose inbox is full
	leaving int32                // sockets that have ended, whose handlers have not yet returned
	sockets []*Socket            // of the namespaces joined and being joined
	asked   map[*asking]struct{} // for namespaces that are being looked for
	ejected []string             // the latest namespaces that the server has ended: see leave
	timeout *deadline.Entry      // ends a connection that joins no namespace; nil once it has, and if it need not
}

// open makes the receiver of a new session, or returns nil, which ends it.
func (s *Server) open(session *engine.Session) (receiver engine.Receiver) {
	defer func() {
		if v := recover(); v != nil {
			s.panicked(v, "address", session.Handshake().Address(), "event", "Options.Codec")
			receiver = nil
		}
	}()
	return newConn(s, session)
}

func newConn(server *Server, session *engine.Session) *conn {
	c := &conn{server: server, session: session, version2: session.Protocol() == 3}
	c.decoder = server.options.Codec.NewDecoder(c.decoderLimits())
	if limit := server.options.ConnectTimeout; limit > 0 {
		c.timeout = new(deadline.Entry)
		server.deadlines.Set(c.timeout, c, time.Now().Add(limit))
	}
	server.hooks.connectionOpened(session)
	if c.version2 {
		c.joinMain()
	}
	return c
}

// Expire ends a connection that has joined no namespace in time.
func (c *conn) Expire(time.Time) {
	err := fmt.Errorf("no namespace joined within ConnectTimeout (%v)", c.server.options.ConnectTimeout)
	c.mu.Lock()
	expired := c.timeout != nil
	if expired {
		c.offence = err
	}
	c.mu.Unlock()
	if expired {
		c.debug("connect time-out", "error", err)
		c.ended.Store(true)
		c.session.Close(engine.ReasonForcedClose)
	}
}

// ReceiveText takes a text message.
func (c *conn) ReceiveText(data []byte) {
	if !c.ended.Load() {
		defer c.caught()
		c.received(c.decoder.Text(data))
	}
}

// ReceiveBinary takes a binary message.
func (c *conn) ReceiveBinary(data []byte) {
	if !c.ended.Load() {
		defer c.caught()
		c.received(c.decoder.Binary(data))
	}
}

// caught is deferred around what is done with a packet outside of handlers: the codec,
// and what it makes of arguments, may be the application's. A panic ends the connection,
// which may have missed a part of what came.
func (c *conn) caught() {
	if v := recover(); v != nil {
		c.expel(c.server.panicked(v, "address", c.session.Handshake().Address(), "event", "Options.Codec"))
	}
}

func (c *conn) received(p packet.Packet, complete bool, err error) {
	switch {
	case err != nil:
		c.refuse(err)
	case complete:
		c.route(p)
	}
}

// route takes a packet to where it belongs.
func (c *conn) route(p packet.Packet) {
	if p.Type == packet.Connect {
		c.connect(p)
		return
	}
	if c.version2 {
		p.Namespace, _, _ = strings.Cut(p.Namespace, "?")
	}
	s, ejected := c.socket(p.Namespace)
	switch {
	case s == nil && ejected:
		// The client has not heard yet that it is no longer in this namespace.
	case s == nil:
		c.refuse(fmt.Errorf("%s packet for namespace %q, which the client has not joined", p.Type, p.Namespace))
	case p.Type == packet.Event:
		c.server.hooks.packetReceived(s, &p)
		if !s.isRepeat(&p) {
			c.hand(s, item{kind: eventItem, packet: p})
		}
	case p.Type == packet.Ack:
		c.server.hooks.packetReceived(s, &p)
		s.acknowledged(p.ID, p.Args)
	case p.Type == packet.Disconnect:
		s.end(ReasonClientDisconnect, nil, nil)
	default:
		c.refuse(fmt.Errorf("%s packet from a client", p.Type))
	}
}

// socket returns the socket that is connected to the namespace. If there is none, it
// says whether the server, and not the client, ended it.
func (c *conn) socket(namespace string) (s *Socket, ejected bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sockets {
		if s.namespace.name != namespace {
			continue
		}
		switch s.standing() {
		case stateConnected:
			return s, false
		case stateGone:
			ejected = s.ejected // and about to be forgotten
		}
	}
	return nil, ejected || slices.Contains(c.ejected, namespace)
}

// hand gives an event to its socket. If a batch has several events, what their
// handlers emit is held back so that it leaves together.
func (c *conn) hand(s *Socket, it item) {
	c.batch++
	switch c.batch {
	case 1:
		c.unhandled.Add(1)
	case 2:
		c.session.Hold()
		c.held.Store(true) // only now: who sees it may release
	}
	c.unhandled.Add(1)
	if !s.push(it) {
		s.abandon(&it.packet)
		c.handled()
	}
}

// EndBatch is told that nothing more is ready to be received.
func (c *conn) EndBatch() {
	if c.batch > 0 {
		c.batch = 0
		c.handled()
	}
}

// handled is called when the handlers of an event have returned, and at the end of
// a batch.
func (c *conn) handled() {
	if c.unhandled.Add(-1) == 0 {
		c.release()
	}
}

// release sends what is held back.
func (c *conn) release() {
	if c.held.Load() && c.held.Swap(false) {
		c.session.Release()
	}
}

// refuse ends the connection because of what the client sent.
func (c *conn) refuse(err error) {
	c.server.invalidPackets.Add(1)
	c.debug("invalid packet", "error", err)
	c.expel(err)
}

// expel ends the connection because it cannot go on. What is queued is still sent, and a
// client that polls is told of the end by its next poll, as officially.
func (c *conn) expel(err error) {
	c.ended.Store(true)
	c.mu.Lock()
	c.offence = err
	c.mu.Unlock()
	for _, s := range c.takeAll() {
		s.end(ReasonForcedClose, err, nil)
	}
	c.session.Close(engine.ReasonForcedClose)
}

// Upgraded is told that a WebSocket has taken over from polling.
func (c *conn) Upgraded() { c.server.hooks.connectionUpgraded(c.session) }

// Closed is told that the session has ended.
func (c *conn) Closed(reason engine.Reason, err error) {
	c.mu.Lock()
	if err == nil {
		err = c.offence
	}
	c.mu.Unlock()
	for _, s := range c.takeAll() {
		s.end(Reason(reason), err, nil)
	}
	c.server.hooks.connectionClosed(c.session, Reason(reason), err)
}

// takeAll ends the connection for every socket, and returns them.
func (c *conn) takeAll() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.stopTimeout()
	for a := range c.asked {
		a.cancel(ErrDisconnected)
	}
	sockets := c.sockets
	c.sockets = nil
	return sockets
}

// stopTimeout is for a connection that has joined, or is ending. The caller holds the
// lock.
func (c *conn) stopTimeout() {
	if c.timeout != nil {
		c.server.deadlines.Clear(c.timeout)
		c.timeout = nil
	}
}

// leave forgets a socket. If the server ended it, packets that the client has sent
// in the meantime are ignored until it joins again: officially they end the
// connection, and all its other namespaces with it.
func (c *conn) leave(s *Socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.sockets, s)
	if i < 0 {
		return
	}
	c.sockets = slices.Delete(c.sockets, i, i+1)
	back := slices.ContainsFunc(c.sockets, func(other *Socket) bool { return other.namespace == s.namespace })
	if s.ejected && !back {
		if len(c.ejected) >= c.maxEjected() {
			c.ejected = slices.Delete(c.ejected, 0, 1)
		}
		c.ejected = append(c.ejected, s.namespace.name)
	}
}

// maxEjected bounds how many namespaces are remembered that the server has ended.
func (c *conn) maxEjected() int {
	if limit := c.server.options.MaxNamespaces; limit > 0 {
		return limit
	}
	return defaultMaxEjected
}

// defaultMaxEjected is the bound if a client may be in any number of namespaces.
const defaultMaxEjected = 1024

// close ends all sockets of the connection, and then the connection.
func (c *conn) close() {
	c.ended.Store(true)
	for _, s := range c.takeAll() {
		s.eject()
	}
	c.session.Close(engine.ReasonForcedClose)
}

// addFull counts sockets whose inbox is full. While there is one nothing is read.
func (c *conn) addFull(n int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.full += n
	c.pause()
}

// maxLeaving is up to how many sockets of a connection may have ended and still have
// events to handle before nothing more is read. A client that joined and left without
// end would otherwise have any number of handlers run for it, and inboxes filled. What
// has been read already may bring twice as many; then joining is refused.
const maxLeaving = 32

// addLeaving counts sockets that have ended and whose handlers have not yet returned.
func (c *conn) addLeaving(n int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaving += n
	c.pause()
}

// pause has the session read or not, as it should be. The caller holds the lock.
func (c *conn) pause() {
	if paused := c.full > 0 || c.leaving > maxLeaving; paused != c.paused {
		c.paused = paused
		c.session.SetPaused(paused)
	}
}

// addWaiting counts handlers of the socket that wait for an answer to come over its own
// connection.
func (s *Socket) addWaiting(n int32) {
	s.mu.Lock()
	s.inbox.waiting += n
	stuck := s.inbox.stuck()
	s.mu.Unlock()
	if stuck {
		s.conn.endStuck()
	}
}

var errStuck = errors.New("a handler waits for an acknowledgement that cannot be read, because the inbox is full")

// endStuck ends a connection that would never go on: the handler waits for an
// answer, and the answer for the handler to make room.
func (c *conn) endStuck() {
	if c.ended.Swap(true) {
		return
	}
	c.server.inboxFull.Add(1)
	c.debug("inbox full", "error", errStuck)
	c.session.Abort(engine.Reason(ReasonInboxFull), errStuck)
}

// deny tells the client that it cannot join a namespace.
func (c *conn) deny(namespace, message string) {
	m, err := c.server.encodeRefusal(namespace, refusal{Message: message})
	if err != nil {
		c.expel(err) // it would wait for ever
		return
	}
	// It fails if the session has ended or the queue is full. Then the session says so.
	_ = c.session.Send(m, engine.SendOptions{})
}

func (c *conn) debug(msg string, args ...any) {
	c.server.options.Logger.Debug("client disconnected: "+msg, append([]any{"address", c.session.Handshake().Address()}, args...)...)
}
