package socketio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// Namespace is a part of a server that clients join separately, over the same
// connection: each client that does has a [Socket] in it. [Server.Of] makes one.
//
// All methods may be called from any goroutine. What is registered takes effect
// for the packets that arrive from then on.
type Namespace struct {
	server   *Server
	name     string
	registry registry
	ackIDs   atomic.Uint64

	// The place in the cluster; both are nil without a bus.
	member    cluster.Member
	joining   error         // why there is no member
	inCluster chan struct{} // closed when these are set
	ready     chan struct{} // closed when clients may join

	parent *ParentNamespace // nil if the namespace is not dynamic
	used   atomic.Bool      // a client has been admitted
	// Guarded by server.namespaces.mu, for dynamic ones.
	claims  int  // clients that are in it, are joining, or have handlers to run
	kept    bool // it stays without claims
	counted bool // it is one of the dynamic ones that are limited
	removal removal

	mu    sync.Mutex // also guards Socket.joined, leftOwn and present
	rooms rooms

	recovery *recovery // nil if it is off

	requests       requests
	remoteRequests remoteRequests
	relayed        relayedEmissions
	serverEvents   serverEvents
}

func newNamespace(server *Server, name string, parent *ParentNamespace) *Namespace {
	return &Namespace{
		server: server, name: name, parent: parent,
		inCluster: make(chan struct{}), ready: make(chan struct{}),
		requests: requests{left: make(chan struct{})},
	}
}

func (ns *Namespace) isReady() bool {
	select {
	case <-ns.ready:
		return true
	default:
		return false
	}
}

// Name returns the name, which begins with a slash.
func (ns *Namespace) Name() string { return ns.name }

// Emit sends an event to every client of the namespace: see [Broadcast.Emit].
func (ns *Namespace) Emit(name string, args ...any) error { return ns.All().Emit(name, args...) }

// EmitContext is [Namespace.Emit] with a context: see [Broadcast.EmitContext].
func (ns *Namespace) EmitContext(ctx context.Context, name string, args ...any) error {
	return ns.All().EmitContext(ctx, name, args...)
}

// EmitWithAck sends an event to every client of the namespace and waits for their
// answers: see [Broadcast.EmitWithAck].
func (ns *Namespace) EmitWithAck(ctx context.Context, name string, args ...any) ([]Args, error) {
	return ns.All().EmitWithAck(ctx, name, args...)
}

// All selects every socket, for [Broadcast.Join], [Broadcast.Disconnect] and the like.
func (ns *Namespace) All() Broadcast { return Broadcast{namespace: ns} }

// To selects the sockets that are in any of the rooms: see [Broadcast.To].
func (ns *Namespace) To(rooms ...string) Broadcast { return ns.All().To(rooms...) }

// In is [Namespace.To].
func (ns *Namespace) In(rooms ...string) Broadcast { return ns.All().To(rooms...) }

// Except selects the sockets that are in none of the rooms: see [Broadcast.Except].
func (ns *Namespace) Except(rooms ...string) Broadcast { return ns.All().Except(rooms...) }

// Local selects the sockets at this server: see [Broadcast.Local].
func (ns *Namespace) Local() Broadcast { return ns.All().Local() }

// Volatile selects every socket, for events that may be dropped: see [Broadcast.Volatile].
func (ns *Namespace) Volatile() Broadcast { return ns.All().Volatile() }

// Compress selects every socket: see [Broadcast.Compress].
func (ns *Namespace) Compress(compress bool) Broadcast { return ns.All().Compress(compress) }

// Sockets returns the sockets that are connected to this server.
func (ns *Namespace) Sockets() []*Socket {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	return slices.Clone(ns.rooms.all.list)
}

// FetchSockets returns the sockets of the whole cluster: see [Broadcast.FetchSockets].
func (ns *Namespace) FetchSockets(ctx context.Context) ([]*RemoteSocket, error) {
	return ns.All().FetchSockets(ctx)
}

// Socket returns the socket with the given id, if it is connected to this server.
func (ns *Namespace) Socket(id string) (s *Socket, ok bool) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	s, ok = ns.rooms.byID[id]
	return s, ok
}

// encode makes the message for a packet of this namespace.
func (ns *Namespace) encode(h packet.Header, args []any) (*frame.Message, error) {
	h.Namespace = ns.name
	return ns.server.encode(h, args)
}

// builders are used again because a codec, being an interface, makes them escape.
var builders = sync.Pool{New: func() any { return new(frame.Builder) }}

// encode makes the message for a packet.
func (s *Server) encode(h packet.Header, args []any) (*frame.Message, error) {
	m, _, err := s.encodeOpen(h, args)
	return m, err
}

// encodeOpen is encode, and returns the memory of the message too, where it may still be
// changed before anybody gets it.
func (s *Server) encodeOpen(h packet.Header, args []any) (m *frame.Message, memory []byte, err error) {
	b := builders.Get().(*frame.Builder)
	defer func() {
		b.Reset()
		builders.Put(b)
	}()
	m, err = s.encodeInto(b, s.options.Codec, h, args)
	return m, b.Buf, err
}

var errNothingEncoded = errors.New("the codec has written no message, or not by the rules of a frame.Builder")

// encodeInto makes the message for a packet with b. It calls methods of the application,
// whose panics become errors: much is encoded where nobody else would catch them.
func (s *Server) encodeInto(b *frame.Builder, codec packet.Codec, h packet.Header, args []any) (m *frame.Message, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &packet.EncodeError{Index: -1, Err: s.panicked(v, "namespace", h.Namespace, "event", h.Event)}
		}
	}()
	if err := codec.Encode(b, h, args); err != nil {
		return nil, err
	}
	if m = b.Message(); m.Size() == 0 {
		return nil, &packet.EncodeError{Index: -1, Err: errNothingEncoded}
	}
	return m, nil
}

// encodeEvent makes the message for an event.
func (ns *Namespace) encodeEvent(h packet.Header, args []any) (*frame.Message, error) {
	h.Type = packet.Event
	err := error(ErrReservedEvent)
	if !reserved(h.Event) {
		var m *frame.Message
		if m, err = ns.encode(h, args); err == nil {
			err = ns.server.checkSize(m)
		}
		if err == nil {
			return m, nil
		}
	}
	return nil, emitError(h.Event, err)
}

// checkSize refuses a message that no client could ever be sent. Otherwise a broadcast
// of it would be lost without a word.
func (s *Server) checkSize(m *frame.Message) error {
	if n := m.Size(); n > s.maxQueue {
		return fmt.Errorf("%d bytes are more than MaxQueue, %d: %w", n, s.maxQueue, ErrQueueFull)
	}
	return nil
}

// nextAckID returns an id for an acknowledgement, unique in the namespace.
func (ns *Namespace) nextAckID() uint64 { return ns.ackIDs.Add(1) - 1 }
