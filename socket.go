package socketio

import (
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"sync"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// Socket is a client's place in a namespace, from its admission until it leaves. A
// client that comes back gets a new one, which takes the place of the old one if the
// client has recovered its connection: see [Recovery].
//
// All methods may be called from any goroutine, also after the socket has been
// disconnected. Its handlers run one at a time, in the order in which the packets
// arrived; acknowledgements, heartbeats and disconnections never wait behind a
// handler. When the socket is disconnected its context ends, its rooms are left and
// its pending acknowledgements fail, all at once; the events that it has received
// before are still handled, and after them its disconnect handlers run.
type Socket struct {
	id        string
	namespace *Namespace
	conn      *conn
	auth      *packet.Args // nil if the client has sent none
	registry  registry

	recovery *recoverySession // nil if recovery is off
	retry    *retryMemory     // set on admission; nil if retries are not recognised

	// Guarded by namespace.mu.
	joined  []string // rooms besides its own, in the order of joining
	leftOwn bool     // it has left its own room
	present bool     // it is in namespace.rooms
	settled bool     // its disconnect handlers have begun

	recovered bool // set before anybody knows the socket

	mu      sync.Mutex
	state   state
	ejected bool  // the server has ended a connected socket; set together with stateGone
	gone    error // a *DisconnectError, in stateGone
	inbox   inbox
	acks    map[uint64]ackReceiver
	context *socketContext // made when it is needed
	data    any
}

type state uint8

const (
	statePending   state = iota // the middleware has not finished
	stateConnected              // a member of the namespace
	stateGone
)

func newSocket(ns *Namespace, c *conn, auth packet.Args) *Socket {
	s := &Socket{id: newID(), namespace: ns, conn: c}
	if auth.Len() > 0 {
		s.auth = new(auth)
	}
	if ns.recovery != nil {
		s.recovery = newRecoverySession(s.id)
		s.recovery.holder = s
	}
	return s
}

// newID returns 20 characters that nobody can guess. Adapters tell the rooms that
// belong to a socket from others by this length.
func newID() string {
	var b [15]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// ID returns the id, which the client knows too. It changes with every connection that
// is not recovered, so it does not identify a user. It is also the name of the socket's own room.
func (s *Socket) ID() string { return s.id }

// Namespace returns the namespace that the socket belongs to.
func (s *Socket) Namespace() *Namespace { return s.namespace }

// Handshake returns what the client sent when it connected.
func (s *Socket) Handshake() Handshake {
	h := Handshake{Handshake: s.conn.session.Handshake()}
	if s.auth != nil {
		h.auth = *s.auth
	}
	return h
}

// Transport returns what carries the connection now: [Polling] or [WebSocket].
func (s *Socket) Transport() string { return s.conn.session.Transport() }

// Connected reports whether the socket is in its namespace: not yet in middleware,
// and no longer when it has been disconnected.
func (s *Socket) Connected() bool { return s.standing() == stateConnected }

func (s *Socket) isGone() bool { return s.standing() == stateGone }

func (s *Socket) standing() state {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Disconnect takes the socket out of its namespace and tells the client so. The
// connection stays open, and so do the client's sockets in other namespaces. A
// second call does nothing. Middleware rather returns an error, so that the client is
// told with a connect_error why it is not admitted.
func (s *Socket) Disconnect() {
	s.eject()
	s.conn.session.Flush()
}

// DisconnectConn disconnects the client from all its namespaces and closes the
// connection, after what is queued has been sent.
func (s *Socket) DisconnectConn() { s.conn.close() }

// eject ends the socket for the server's part. The caller flushes.
func (s *Socket) eject() {
	farewell, err := s.namespace.encode(packet.Header{Type: packet.Disconnect}, nil)
	if err != nil {
		s.log(slog.LevelError, "a DISCONNECT packet cannot be encoded", "error", err)
	}
	s.end(ReasonServerDisconnect, nil, farewell)
}

// end disconnects the socket. Everything that ends a socket comes through here, and
// only the first call does something. The farewell, if it is not nil, is the last
// packet that the client gets for the socket; the caller flushes.
func (s *Socket) end(reason Reason, err error, farewell *frame.Message) {
	s.mu.Lock()
	if s.state == stateGone {
		s.mu.Unlock()
		return
	}
	wasConnected := s.state == stateConnected
	s.state = stateGone
	s.ejected = wasConnected && farewell != nil
	s.gone = &DisconnectError{reason, err}
	if farewell != nil {
		// If it fails there is no client to hear it, or the session is about to end.
		_ = s.conn.session.Enqueue(farewell, engine.SendOptions{})
	}
	acks := s.acks
	s.acks = nil
	ctx := s.context
	s.mu.Unlock()

	if wasConnected {
		s.conn.addLeaving(1)
	}
	s.conn.leave(s)
	if s.retry != nil {
		s.retry.detach(s)
	}
	rooms, recoverable := s.leaveAll(reason)
	if ctx != nil { // who sees it end sees the socket gone everywhere
		ctx.cancel(s.gone)
	}
	for id, receiver := range acks {
		receiver.resolve(s, id, packet.Args{}, s.gone)
	}
	switch {
	case wasConnected:
		s.push(item{kind: disconnectItem, disconnect: &Disconnect{reason, err, rooms, recoverable}})
	case recoverable:
		s.server().tasks.Go(func() {
			defer s.server().release(s.namespace) // then it may leave the cluster
			s.namespace.recovery.save(s.recovery)
		})
	default:
		s.server().release(s.namespace)
	}
}

// enqueue queues an event or an acknowledgement for the client. The caller has encoded
// it. If receiver is not nil it gets the answer with the given id.
func (s *Socket) enqueue(m *frame.Message, o engine.SendOptions, id uint64, receiver ackReceiver) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == stateGone {
		return s.gone
	}
	if receiver != nil {
		if s.acks == nil {
			s.acks = make(map[uint64]ackReceiver)
		}
		s.acks[id] = receiver
	}
	err := s.conn.session.Enqueue(m, o)
	if err != nil && receiver != nil {
		delete(s.acks, id)
	}
	return sendError(err)
}

func (s *Socket) whyGone() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone
}

func (s *Socket) server() *Server { return s.namespace.server }
