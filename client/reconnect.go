package client

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/go-socketio/socketio/client/internal/session"
)

// This file is the loop that keeps a client connected. It runs for as long as a
// socket wants to be in its namespace.

// errIdle ends the loop: no socket wants to be connected any more.
var errIdle = errors.New("socketio: no namespace is to be joined")

// activated is told that a socket wants to join. It starts the loop, or joins at
// once if there is a connection. A socket of a closed client is told so.
func (c *Client) activated(s *Socket) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return ErrClosed
	case !c.running:
		ctx, stop := context.WithCancelCause(context.Background())
		c.running, c.stop = true, stop
		c.work.Go(func() { c.run(ctx) })
	case c.conn != nil:
		c.conn.join(s)
	}
	return nil
}

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
func (c *Client) run(ctx context.Context) {
	for attempt := 0; ; attempt++ {
		c.statuses.set(Status{State: Connecting, Attempt: attempt})
		joined, err := c.connectOnce(ctx)
		if joined {
			attempt = 0
		}
		if ctx = c.goOn(ctx, attempt, err); ctx == nil {
			return
		}
		delay := c.options.backoff(attempt)
		c.statuses.set(Status{State: Waiting, Attempt: attempt + 1, Delay: delay, Err: err})
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			if ctx = c.goOn(ctx, attempt, err); ctx == nil {
				return
			}
		}
	}
}

// goOn decides whether there is another attempt, and returns the context for it. It
// is nil if there is none; the loop has ended then.
func (c *Client) goOn(ctx context.Context, attempt int, err error) context.Context {
	o := &c.options
	if o.DisableReconnect || o.ReconnectAttempts > 0 && attempt >= o.ReconnectAttempts {
		for _, s := range c.allSockets() {
			s.end(err, nil)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.anyActive():
		c.running = false
		c.statuses.set(Status{State: Idle, Err: err})
		if c.transport != nil {
			c.transport.CloseIdleConnections()
		}
		return nil
	case ctx.Err() != nil: // a socket came when the last one had just left
		ctx, c.stop = context.WithCancelCause(context.Background())
	}
	return ctx
}

// connectOnce opens a connection and returns when it has ended. It reports whether a
// namespace was joined, and why the connection has ended.
func (c *Client) connectOnce(ctx context.Context) (joined bool, err error) {
	conn, err := c.open(ctx)
	if err != nil {
		c.mu.Lock()
		c.upgraded = false
		c.mu.Unlock()
		for _, s := range c.allSockets() {
			s.attemptFailed(err)
		}
		return false, err
	}
	<-conn.closed
	return conn.ended(), &DisconnectError{conn.reason, conn.err}
}

// open opens a connection, on which every socket that wants to then joins.
func (c *Client) open(ctx context.Context) (*conn, error) {
	dialing, cancel := context.WithTimeoutCause(ctx, c.options.ConnectTimeout, errConnectTimeout)
	defer cancel()
	s, err := session.Dial(dialing, c.sessionConfig())
	if err != nil {
		return nil, dialFailed(dialing, err)
	}
	conn := newConn(c, s)
	c.counts.connections.Add(1)
	c.statuses.set(Status{State: Connected, Transport: s.Transport()})
	s.Start(conn)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn = conn
	if c.full > 0 {
		s.SetPaused(true)
	}
	if !c.anyActive() {
		s.Close()
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
		UpgradeTimeout: o.UpgradeTimeout,
		CloseTimeout:   o.CloseTimeout,
		MaxPayload:     o.MaxPayload,
		MaxQueue:       o.MaxQueue,
		Deadlines:      c.deadlines,
		Tasks:          &c.work,
		Clock:          o.clock,
	}
}

// without1 returns a copy of list without v.
func without1(list []string, v string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(other string) bool { return other == v })
}
