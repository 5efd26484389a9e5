package socketio

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// Broadcast selects sockets of a namespace and says how to emit to them. It is a
// small immutable value: its selecting methods return a new one, and all methods may
// be called from any goroutine.
//
//	srv.To("room 1", "room 2").Except("room 3").Emit("hello", "world")
//
// The selection covers the servers of the cluster, unless it is [Broadcast.Local].
// A socket's id is also a room, with only that socket in it. A socket that is in
// several selected rooms gets an event once.
type Broadcast struct {
	namespace *Namespace
	rooms     []string
	targeted  bool // To has been called: no rooms are then no sockets
	except    []string
	local     bool
	fromBus   bool // in the goroutine of the bus, which must not wait
	options   engine.SendOptions
}

// To adds rooms to the selection: sockets are selected that are in any of them.
// Without a call of To every socket is selected. With no rooms To adds none, so that
// b.To(list...) never selects everybody because the list is empty.
func (b Broadcast) To(rooms ...string) Broadcast {
	b.targeted = true
	b.rooms = append(slices.Clip(b.rooms), rooms...)
	return b
}

// In is [Broadcast.To].
func (b Broadcast) In(rooms ...string) Broadcast { return b.To(rooms...) }

// Except takes the sockets out of the selection that are in any of the rooms.
func (b Broadcast) Except(rooms ...string) Broadcast {
	b.except = append(slices.Clip(b.except), rooms...)
	return b
}

// Local restricts the selection to clients of this server.
func (b Broadcast) Local() Broadcast {
	b.local = true
	return b
}

// Volatile is for events that are better lost than late: for clients that cannot take
// them at once they are dropped.
func (b Broadcast) Volatile() Broadcast {
	b.options.Volatile = true
	return b
}

// Compress says whether the events are worth compressing where the transport
// compresses. They are by default.
func (b Broadcast) Compress(compress bool) Broadcast {
	b.options.NoCompress = !compress
	return b
}

// Emit sends an event to the selected clients, and does not wait for them. It is
// encoded once.
//
// Clients that have left are not selected. If a client does not keep up,
// [Options.QueuePolicy] decides; with [QueueError] the error then says for how many. What
// is larger than [Options.MaxQueue], and could be sent to nobody, is [ErrQueueFull] too.
// Other errors are [*packet.EncodeError] and [ErrReservedEvent], and in a cluster
// that of the bus, in which case the clients of this server got the event.
func (b Broadcast) Emit(name string, args ...any) error {
	return b.EmitContext(b.namespace.server.onBus, name, args...)
}

// EmitContext does what Emit does. The context only bounds how long it may take to
// hand the event to the bus of a cluster; with Emit that is until the server
// is closed (http.ErrServerClosed).
func (b Broadcast) EmitContext(ctx context.Context, name string, args ...any) error {
	if r := b.namespace.recovery; r != nil && !b.options.Volatile {
		return r.emit(ctx, b, nil, name, args)
	}
	return b.emitUnlogged(ctx, name, args)
}

// emitUnlogged emits an event that those who miss it cannot get any more.
func (b Broadcast) emitUnlogged(ctx context.Context, name string, args []any) error {
	m, err := b.namespace.encodeEvent(packet.Header{Event: name}, args)
	if err != nil {
		return err
	}
	if b.reachesOthers() {
		var passed packet.Args
		if passed, err = b.namespace.clusterArgs(m); err == nil {
			err = b.publish(ctx, &cluster.Message{Kind: cluster.Broadcast, Event: name, Args: passed})
		}
	}
	if err = errors.Join(err, b.deliver(m, b.watching(name, m, args))); err != nil {
		return emitError(name, err)
	}
	return nil
}

// deliver queues a message for the selected sockets of this server and sends it. The
// error counts those whose queue is full.
func (b Broadcast) deliver(m *frame.Message, watch *emission) error {
	selected := b.localSockets()
	var t tally
	for s := range selected.each {
		t.add(s, s.enqueue(m, b.options, 0, nil), watch)
	}
	watch.tell()
	selected.flush()
	return b.fullError(t)
}

// tally counts the clients that a message was queued for, or could not be.
type tally struct {
	total, queued, full int
}

func (t *tally) add(s *Socket, err error, watch *emission) {
	t.total++
	if err == nil {
		t.queued++
		watch.queued(s)
		return
	}
	watch.failed(s, err)
	if errors.Is(err, ErrQueueFull) {
		t.full++
	}
}

func (b Broadcast) fullError(t tally) error {
	if t.full == 0 || b.namespace.server.options.QueuePolicy != QueueError {
		return nil
	}
	return fmt.Errorf("%d of %d clients: %w", t.full, t.total, ErrQueueFull)
}

// Join puts the selected sockets into rooms. The error is [ErrTooManyRooms] if that
// was too much for a socket of this server, or in a cluster that of the bus.
func (b Broadcast) Join(rooms ...string) error {
	err := b.publish(b.namespace.server.onBus, &cluster.Message{Kind: cluster.SocketsJoin, Rooms: rooms})
	var failed error
	for s := range b.localSockets().each {
		if err := s.Join(rooms...); errors.Is(err, ErrTooManyRooms) {
			failed = err
		}
	}
	return errors.Join(err, failed)
}

// Leave takes the selected sockets out of rooms. The error, in a cluster, is that of
// the bus.
func (b Broadcast) Leave(rooms ...string) error {
	err := b.publish(b.namespace.server.onBus, &cluster.Message{Kind: cluster.SocketsLeave, Rooms: rooms})
	for s := range b.localSockets().each {
		s.Leave(rooms...)
	}
	return err
}

// Disconnect disconnects the selected sockets, as [Socket.Disconnect] does. The
// error, in a cluster, is that of the bus.
func (b Broadcast) Disconnect() error {
	err := b.publish(b.namespace.server.onBus, &cluster.Message{Kind: cluster.DisconnectSockets})
	for s := range b.localSockets().each {
		s.Disconnect()
	}
	return err
}

// DisconnectConn disconnects the clients of the selected sockets and closes their
// connections, as [Socket.DisconnectConn] does. The error, in a cluster, is that of
// the bus.
func (b Broadcast) DisconnectConn() error {
	err := b.publish(b.namespace.server.onBus, &cluster.Message{Kind: cluster.DisconnectSockets, Close: true})
	for s := range b.localSockets().each {
		s.DisconnectConn()
	}
	return err
}

// Sockets returns the selected sockets that are connected to this server.
func (b Broadcast) Sockets() []*Socket { return slices.Collect(b.localSockets().each) }
