package client

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/go-socketio/socketio/client/internal/session"
	"github.com/go-socketio/socketio/packet"
)

// This file is the loop that keeps a client connected. It runs for as long as a
// socket wants to be in its namespace.

// errIdle ends the loop: no socket wants to be connected any more.
var errIdle = errors.New("socketio: no namespace is to be joined")

// attempt is one try to connect: from dialling until the connection has ended.
type attempt struct {
	ctx    context.Context // ends when no socket wants a connection any more
	number uint64          // of all that the client has made
	row    int             // how many there have been in a row without joining a namespace
}

// activate adds a call of Connect to those that wait for the socket to join; it returns
// nil if that has joined. If the socket becomes active by it, the loop is started, or it
// joins at once if there is a connection. The socket of a closed client is not to stay
// active: that is the error.
func (c *Client) activate(s *Socket) (*connectWaiter, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w, started := s.addWaiter(c.attempts)
	switch {
	case !started:
	case c.closed:
		return w, ErrClosed
	case !c.running:
		c.running = true
		first := c.newAttempt()
		c.work.Go(func() { c.run(first) })
	case c.conn != nil && c.conn.attempt == c.attempts:
		c.conn.join(s)
	}
	return w, nil
}

// newAttempt returns the first attempt in a row. The caller holds the lock.
func (c *Client) newAttempt() attempt {
	ctx, stop := context.WithCancelCause(context.Background())
	c.stop = stop
	return attempt{ctx: ctx, number: c.attempts}
}

// endAttempt says that an attempt is over: sockets that become active from now on are
// to wait for the next. The caller holds the lock.
func (c *Client) endAttempt(number uint64) { c.attempts = max(c.attempts, number+1) }

// endIfIdle closes the connection, or stops trying to open one, if no socket wants it.
func (c *Client) endIfIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.running || c.anyActive() {
		return
	}
	if c.conn != nil {
		c.conn.session.Close()
	}
	c.endAttempt(c.attempts)
	c.stop(errIdle)
}

// abort ends the connection without sending what is queued.
func (c *Client) abort() {
	if conn := c.present(); conn != nil {
		conn.session.Abort(session.ReasonForcedClose, nil)
	}
}

// anyActive is called with the lock held.
func (c *Client) anyActive() bool {
	return slices.ContainsFunc(c.sockets, (*Socket).Active)
}

// run connects, and connects again, until no socket wants to be connected.
func (c *Client) run(a attempt) {
	for {
		c.statuses.set(Status{State: Connecting, Attempt: a.row})
		joined, err := c.connectOnce(a)
		if joined {
			a.row = 0
		}
		next, more := c.next(a, err)
		if more && next.row > 0 {
			next, more = c.pause(next, err)
		}
		if !more {
			return
		}
		a = next
	}
}

// pause waits before an attempt. It returns the attempt to make, which is another one
// if nobody wanted the given one in the end.
func (c *Client) pause(a attempt, err error) (next attempt, more bool) {
	delay := c.options.backoff(a.row - 1)
	c.statuses.set(Status{State: Waiting, Attempt: a.row, Delay: delay, Err: err})
	timer := time.NewTimer(delay)
	select {
	case <-timer.C:
		return a, true
	case <-a.ctx.Done():
		timer.Stop()
		return c.next(a, err)
	}
}

// next returns the attempt that follows one that is over. There is none if no socket is
// active; the loop has ended then. Sockets that have come since begin a new row: what
// has become of an attempt without them is nothing to wait for, or to give up for.
func (c *Client) next(a attempt, err error) (next attempt, more bool) {
	o := &c.options
	if o.DisableReconnect || o.ReconnectAttempts > 0 && a.row >= o.ReconnectAttempts {
		for _, s := range c.allSockets() {
			s.endAttempt(a.number, err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.anyActive():
		c.running = false
		c.statuses.set(Status{State: Idle, Err: err})
		c.closeIdleConnections()
		return attempt{}, false
	case !slices.ContainsFunc(c.sockets, func(s *Socket) bool { return s.tookPart(a.number) }):
		return c.newAttempt(), true
	}
	return attempt{a.ctx, c.attempts, a.row + 1}, true
}

// connectOnce opens a connection and returns when it has ended. It reports whether a
// namespace was joined, and why the connection has ended.
func (c *Client) connectOnce(a attempt) (joined bool, err error) {
	conn, err := c.open(a)
	if err != nil {
		c.mu.Lock()
		c.upgraded = false
		c.endAttempt(a.number)
		c.mu.Unlock()
		for _, s := range c.allSockets() {
			s.attemptFailed(a.number, err)
		}
		return false, err
	}
	<-conn.closed
	return conn.ended(), &DisconnectError{conn.reason, conn.err}
}

// open opens a connection, on which every socket that wants to then joins.
func (c *Client) open(a attempt) (*conn, error) {
	var decoder packet.Decoder
	if !c.guard("Codec", func() { decoder = c.options.Codec.NewDecoder(c.options.Limits) }) {
		return nil, &ConnectError{Step: StepOptions, Fault: FaultCaller, Err: errPanic}
	}
	dialing, cancel := context.WithTimeoutCause(a.ctx, c.options.ConnectTimeout, errConnectTimeout)
	defer cancel()
	s, err := session.Dial(dialing, c.sessionConfig())
	if err != nil {
		return nil, dialFailed(dialing, err)
	}
	conn := newConn(c, s, decoder, a.number)
	c.counts.connections.Add(1)
	c.statuses.set(Status{State: Connected, Transport: s.Transport()})
	s.Start(conn)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn = conn
	if c.full > 0 {
		s.SetPaused(true)
	}
	if c.attempts > a.number { // nobody wants it any more
		s.Close()
		return conn, nil
	}
	for _, socket := range c.sockets {
		if socket.Active() {
			conn.join(socket)
		}
	}
	return conn, nil
}

func (c *Client) sessionConfig() *session.Config {
	o := &c.options
	transports := o.Transports
	c.mu.Lock()
	remembered := o.RememberUpgrade && c.upgraded
	c.mu.Unlock()
	if remembered && slices.Contains(transports, WebSocket) {
		transports = append([]string{WebSocket}, without1(transports, WebSocket)...)
	}
	return &session.Config{
		URL:            c.url,
		Header:         o.Header,
		HTTP:           c.http,
		Transports:     transports,
		TryAll:         o.TryAllTransports,
		NoUpgrade:      o.DisableUpgrade,
		Base64:         o.ForceBase64,
		Deflate:        o.CompressThreshold,
		UpgradeTimeout: o.UpgradeTimeout,
		CloseTimeout:   o.CloseTimeout,
		MaxPayload:     o.MaxPayload,
		MaxQueue:       o.MaxQueue,
		Upgraded:       c.closeIdleConnections,
		Deadlines:      c.deadlines,
		Tasks:          &c.work,
		Clock:          o.clock,
	}
}

// without1 returns a copy of list without v.
func without1(list []string, v string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(other string) bool { return other == v })
}
