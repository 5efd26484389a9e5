package socketio

import (
	"context"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/packet"
)

// Emit sends an event to the client, and does not wait for it. An event that is
// emitted in middleware reaches the client before it is told that it is connected.
//
// The error is a [*packet.EncodeError] or [ErrReservedEvent], or says that the client
// is gone ([ErrDisconnected]) or does not keep up ([ErrQueueFull]). Nil means that
// the event is queued, or with [Options.Recovery] kept for a client that is away and may
// recover. Whether the client has handled it, only [Socket.EmitWithAck] tells.
func (s *Socket) Emit(name string, args ...any) error { return s.Direct().Emit(name, args...) }

// EmitContext does what Emit does. The context matters only if clients can recover at
// other servers of a cluster: it bounds how long it may take to hand the event to the
// bus.
func (s *Socket) EmitContext(ctx context.Context, name string, args ...any) error {
	return s.Direct().EmitContext(ctx, name, args...)
}

// EmitWithAck sends an event to the client and waits for its acknowledgement, which
// is returned. It gives up, with an error, when ctx ends, and when the socket is
// disconnected ([ErrDisconnected]). Use a context with a time-out: a client need not
// answer. Other errors are those of Emit.
//
// A handler that waits for the answer passes its own context, or one made from it, and
// no other: if the inbox of the socket is full, the answer cannot arrive, and only the
// context tells that: see [Options.MaxInbox]. A goroutine that the handler has started
// and does not wait for uses [Socket.Context], or a context made from that.
func (s *Socket) EmitWithAck(ctx context.Context, name string, args ...any) (Args, error) {
	return s.Direct().EmitWithAck(ctx, name, args...)
}

// Direct returns the socket as a target with send options.
func (s *Socket) Direct() Direct { return Direct{socket: s} }

// Volatile is for events to the client that may be dropped: see [Direct.Volatile].
func (s *Socket) Volatile() Direct { return s.Direct().Volatile() }

// Compress is for events that need no compression: see [Direct.Compress].
func (s *Socket) Compress(compress bool) Direct { return s.Direct().Compress(compress) }

// Broadcast selects all other sockets of the namespace.
func (s *Socket) Broadcast() Broadcast {
	return Broadcast{namespace: s.namespace, except: []string{s.id}}
}

// To selects the sockets that are in any of the rooms, without this one: see
// [Broadcast.To].
func (s *Socket) To(rooms ...string) Broadcast { return s.Broadcast().To(rooms...) }

// In is [Socket.To].
func (s *Socket) In(rooms ...string) Broadcast { return s.Broadcast().To(rooms...) }

// Except selects the sockets that are in none of the rooms, without this one: see
// [Broadcast.Except].
func (s *Socket) Except(rooms ...string) Broadcast { return s.Broadcast().Except(rooms...) }

// Local selects the other sockets at this server: see [Broadcast.Local].
func (s *Socket) Local() Broadcast { return s.Broadcast().Local() }

// Direct is a socket with options for what is emitted to it. It is a small immutable
// value; its methods may be called from any goroutine.
type Direct struct {
	socket  *Socket
	options engine.SendOptions
}

// Volatile returns the target for events that are better lost than late: they are
// dropped, with [ErrDropped], if the client cannot take them at once.
func (d Direct) Volatile() Direct {
	d.options.Volatile = true
	return d
}

// Compress returns the target for events that are, or are not, worth compressing
// where the transport compresses. They are by default.
func (d Direct) Compress(compress bool) Direct {
	d.options.NoCompress = !compress
	return d
}

// Emit sends an event: see [Socket.Emit].
func (d Direct) Emit(name string, args ...any) error {
	return d.EmitContext(d.socket.server().onBus, name, args...)
}

// EmitContext does what Emit does: see [Socket.EmitContext].
func (d Direct) EmitContext(ctx context.Context, name string, args ...any) error {
	s := d.socket
	if r := s.namespace.recovery; r != nil && !d.options.Volatile && s.standing() != statePending {
		return r.emit(ctx, s.own(d.options), s, name, args)
	}
	m, err := s.namespace.encodeEvent(packet.Header{Event: name}, args)
	if err != nil {
		return err
	}
	err = s.enqueue(m, d.options, 0, nil)
	s.server().watching(s.namespace, name, m, args).done(s, err)
	if err != nil {
		return emitError(name, err)
	}
	s.conn.session.Flush()
	return nil
}

// own selects the socket by its own room.
func (s *Socket) own(options engine.SendOptions) Broadcast {
	return Broadcast{namespace: s.namespace, rooms: []string{s.id}, targeted: true, options: options}
}
