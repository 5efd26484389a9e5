package socketio

import (
	"errors"
	"log/slog"
	"slices"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// How a client joins a namespace:
//
//	conn.connect        the CONNECT packet is checked
//	conn.look           for a dynamic namespace: see connect_dynamic.go
//	conn.join           a pending socket is made
//	Socket.admission    the middleware runs, in a goroutine of its own
//	Namespace.admit     the socket becomes a member, the reply is queued
//	Socket.run          OnConnect handlers, then events

// The answers to a CONNECT packet that is refused.
const (
	msgInvalidNamespace  = "Invalid namespace" // the official text
	msgTooManyNamespaces = "Too many namespaces"
	msgInternalError     = "internal error"
)

// grant is the payload of the answer to a CONNECT packet that is granted.
type grant struct {
	SID string `json:"sid"`
	PID string `json:"pid,omitempty"` // by which it can be recovered
	RID string `json:"rid,omitempty"` // by which repeats are recognised
}

// refusal is the payload of the answer to a CONNECT packet that is refused.
type refusal struct {
	Message string `json:"message"`
	Data    any    `json:"data,omitzero"`
}

// connect handles a CONNECT packet.
func (c *conn) connect(p packet.Packet) {
	if c.version2 {
		var err error
		if p, err = c.translateConnect(p); err != nil {
			c.refuse(err)
			return
		}
	}
	ns := c.server.namespace(p.Namespace)
	switch {
	case ns == nil && !c.server.hasParents():
		c.deny(p.Namespace, msgInvalidNamespace)
	case ns == nil || !ns.isReady() || ns.parent != nil && (ns.parent.accept != nil || !c.server.claimExisting(ns)):
		c.look(p)
	default:
		c.join(ns, p.Args, nil)
	}
}

// join makes a client join a namespace, which is claimed for it if it is dynamic. If
// it had to be looked for, a is what was noted meanwhile.
func (c *conn) join(ns *Namespace, auth packet.Args, a *asking) {
	s := newSocket(ns, c, auth)
	if c.version2 {
		s.takeVersion2ID()
	}
	switch c.enter(s, a) {
	case entered:
	case closed:
		c.server.release(ns)
		return
	case alreadyIn:
		c.server.release(ns)
		c.refuse(secondConnect(ns.name))
		return
	case tooMany:
		c.server.release(ns)
		c.deny(ns.name, msgTooManyNamespaces)
		return
	}
	var wanted recoveryRequest
	if !c.version2 {
		wanted = ns.recoveryRequest(auth)
	}
	if wanted.PID != "" && ns.recovery.store == nil {
		ns.recovery.recover(s, wanted)
		wanted = recoveryRequest{}
	}
	if wanted.PID != "" || len(s.middleware()) > 0 {
		c.server.tasks.Start()
		go s.admission(wanted)
		return
	}
	if s.admit() {
		c.greet()
		s.start()
	}
}

func secondConnect(namespace string) error {
	return errors.New("second CONNECT packet for namespace " + namespace)
}

// middleware returns what runs for a client that asks to join.
func (ns *Namespace) middleware() []Middleware {
	own := ns.registry.load().middleware
	if ns.parent == nil {
		return own
	}
	return slices.Concat(ns.parent.registry.load().middleware, own)
}

// greet sends the reply to a CONNECT packet, and gathers what the connect handlers
// emit for the moment that a hold lasts. That saves writes, and the reply comes by
// itself: there are clients that begin to listen only when they have seen it.
func (c *conn) greet() {
	c.session.Flush()
	c.session.Hold()
}

type entry int

const (
	entered entry = iota
	alreadyIn
	tooMany
	closed
)

// enter adds a pending socket to the connection, in the place of a if that is not nil.
func (c *conn) enter(s *Socket, a *asking) entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.checkEntry(s.namespace.name, a)
	c.forgetLocked(a)
	if c.closed { // while the namespace was looked for
		return closed
	}
	if e != entered {
		return e
	}
	c.sockets = append(c.sockets, s)
	if i := slices.Index(c.ejected, s.namespace.name); i >= 0 {
		c.ejected = slices.Delete(c.ejected, i, i+1)
	}
	return entered
}

// checkEntry says whether the connection may join one more namespace, besides what a
// is for.
func (c *conn) checkEntry(namespace string, a *asking) entry {
	present := 0
	for _, other := range c.sockets {
		if other.isGone() { // and about to be forgotten
			continue
		}
		present++
		if other.namespace.name == namespace {
			return alreadyIn
		}
	}
	for other := range c.asked {
		if other == a {
			continue
		}
		present++
		if other.namespace == namespace {
			return alreadyIn
		}
	}
	if limit := c.server.options.MaxNamespaces; limit > 0 && present >= limit || c.leaving > 2*maxLeaving {
		return tooMany
	}
	return entered
}

// middleware returns what has to run before the socket is admitted.
func (s *Socket) middleware() []Middleware {
	if s.recovered && !s.namespace.recovery.options.RunMiddleware {
		return nil
	}
	return s.namespace.middleware()
}

// admission gets what the client wants to recover, if it is elsewhere, and runs the
// middleware, and then the handlers, of a pending socket.
func (s *Socket) admission(wanted recoveryRequest) {
	defer s.conn.caught()
	admitted := false
	err := errors.New(msgInternalError) // unless the middleware returns
	defer func() {
		if err != nil {
			s.deny(err)
		}
		if !admitted {
			s.server().tasks.Done()
		}
	}()
	if wanted.PID != "" {
		s.namespace.recovery.recoverStored(s, wanted)
	}
	err = s.runMiddleware(s.middleware())
	if err == nil && s.admit() {
		admitted = true
		s.conn.greet()
		s.run() // also marks the task as done
	}
}

func (s *Socket) runMiddleware(middleware []Middleware) error {
	ctx := s.Context()
	for _, m := range middleware {
		var err error
		panicked := s.guard("middleware", func() {
			if err = m(ctx, s); err != nil {
				_ = refusalFor(err) // whose methods may panic: see outcome.Examine
			}
		})
		if panicked != nil {
			return errors.New(msgInternalError)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// deny tells the client why it is not admitted, if it is still there.
func (s *Socket) deny(err error) {
	m, encodeErr := s.encodeRefusal(refusalFor(err))
	if encodeErr != nil {
		s.conn.expel(encodeErr) // the client would wait for ever
		return
	}
	s.end(ReasonServerDisconnect, err, m)
	s.conn.session.Flush()
}

// refusalFor returns what a client is told of an error that refuses it.
func refusalFor(err error) refusal {
	var refused *ConnectError
	if errors.As(err, &refused) {
		return refusal(*refused)
	}
	return refusal{Message: err.Error()}
}

// encodeRefusal makes a CONNECT_ERROR packet. Data that cannot be encoded is left out.
func (s *Server) encodeRefusal(namespace string, r refusal) (*frame.Message, error) {
	h := packet.Header{Type: packet.ConnectError, Namespace: namespace}
	m, err := s.encode(h, []any{r})
	if err != nil {
		s.report(slog.LevelError, "a CONNECT_ERROR packet cannot be encoded", "namespace", namespace, "error", err)
		if r.Data != nil {
			m, err = s.encode(h, []any{refusal{Message: r.Message}})
		}
	}
	return m, err
}

// admit makes a pending socket a member of the namespace. It returns false if that
// cannot be. The caller flushes, and runs the socket's inbox.
func (s *Socket) admit() bool {
	err := s.namespace.admit(s)
	switch {
	case err == errMissed:
		// Its client believes that it recovers, and has to begin anew.
		s.conn.debug("recovery failed", "error", err)
		s.conn.session.Abort(engine.ReasonForcedClose, err)
	case err != nil && err != errLeft:
		s.log(slog.LevelError, "the answer to a CONNECT packet cannot be encoded", "error", err)
		s.conn.expel(err) // the client would wait for ever
	}
	return err == nil
}

var errLeft = errors.New("the client has left")

// admit makes a pending socket a member of the namespace. That and the reply to the
// client are one step, so that no broadcast overtakes the reply, and so that a client
// that recovers gets each event that it has missed once. The error is errLeft,
// errMissed if the client cannot recover, or that of the codec.
func (ns *Namespace) admit(s *Socket) error {
	granted := grant{SID: s.id}
	if s.recovery != nil {
		granted.PID = s.recovery.pid
	}
	var memory *retryMemory
	if retries := ns.server.retries; retries != nil {
		memory = retries.find(ns.name, s.Handshake().auth)
		granted.RID = memory.rid
	}
	reply, err := ns.encode(packet.Header{Type: packet.Connect}, s.conn.grantPayload(granted))
	if err != nil {
		return err
	}
	if !s.conn.markJoined() {
		return errLeft
	}
	ns.mu.Lock()
	defer ns.unlockRooms()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != statePending {
		return errLeft
	}
	if ns.recovery != nil {
		if err := ns.recovery.replay(s); err != nil {
			return err
		}
	}
	s.state = stateConnected
	if memory != nil {
		s.retry = memory
		memory.attach(s)
	}
	s.inbox.put(item{kind: connectItem}, 0)
	s.inbox.running = true
	s.present = true
	ns.used.Store(true)
	ns.rooms.add(s)
	// If the session has ended or the queue is full, the session is about to say so.
	_ = s.conn.session.Enqueue(reply, engine.SendOptions{})
	return nil
}

// markJoined stops the connect time-out. It returns false if the connection has ended.
func (c *conn) markJoined() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.stopTimeout()
	return true
}
