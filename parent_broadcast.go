package socketio

import (
	"context"
	"errors"
)

// ParentBroadcast selects sockets of all children of a [ParentNamespace]. It is to
// them what [Broadcast] is to one namespace, without what is answered: for that, go
// through [ParentNamespace.Children]. Namespaces that only other servers of the
// cluster have are not reached.
type ParentBroadcast struct {
	parent *ParentNamespace
	of     Broadcast // without a namespace
}

// Emit sends an event to every client of every child: see [Broadcast.Emit].
func (p *ParentNamespace) Emit(name string, args ...any) error {
	return p.All().Emit(name, args...)
}

// EmitContext is [ParentNamespace.Emit] with a context: see [Broadcast.EmitContext].
func (p *ParentNamespace) EmitContext(ctx context.Context, name string, args ...any) error {
	return p.All().EmitContext(ctx, name, args...)
}

// All selects every socket of every child.
func (p *ParentNamespace) All() ParentBroadcast { return ParentBroadcast{parent: p} }

// To selects the sockets that are in any of the rooms: see [Broadcast.To].
func (p *ParentNamespace) To(rooms ...string) ParentBroadcast { return p.All().To(rooms...) }

// In is [ParentNamespace.To].
func (p *ParentNamespace) In(rooms ...string) ParentBroadcast { return p.All().To(rooms...) }

// Except selects the sockets that are in none of the rooms: see [Broadcast.Except].
func (p *ParentNamespace) Except(rooms ...string) ParentBroadcast {
	return p.All().Except(rooms...)
}

// Local selects the sockets at this server: see [Broadcast.Local].
func (p *ParentNamespace) Local() ParentBroadcast { return p.All().Local() }

// Volatile selects every socket, for events that may be dropped: see [Broadcast.Volatile].
func (p *ParentNamespace) Volatile() ParentBroadcast { return p.All().Volatile() }

// Compress selects every socket: see [Broadcast.Compress].
func (p *ParentNamespace) Compress(compress bool) ParentBroadcast {
	return p.All().Compress(compress)
}

// To adds rooms to the selection: see [Broadcast.To].
func (b ParentBroadcast) To(rooms ...string) ParentBroadcast {
	b.of = b.of.To(rooms...)
	return b
}

// In is [ParentBroadcast.To].
func (b ParentBroadcast) In(rooms ...string) ParentBroadcast { return b.To(rooms...) }

// Except takes sockets out of the selection: see [Broadcast.Except].
func (b ParentBroadcast) Except(rooms ...string) ParentBroadcast {
	b.of = b.of.Except(rooms...)
	return b
}

// Local restricts the selection to clients of this server.
func (b ParentBroadcast) Local() ParentBroadcast {
	b.of = b.of.Local()
	return b
}

// Volatile is for events that are better lost than late: see [Broadcast.Volatile].
func (b ParentBroadcast) Volatile() ParentBroadcast {
	b.of = b.of.Volatile()
	return b
}

// Compress says whether the events are worth compressing: see [Broadcast.Compress].
func (b ParentBroadcast) Compress(compress bool) ParentBroadcast {
	b.of = b.of.Compress(compress)
	return b
}

// Emit sends an event: see [Broadcast.Emit]. It is encoded once for each child.
func (b ParentBroadcast) Emit(name string, args ...any) error {
	return b.EmitContext(b.parent.server.onBus, name, args...)
}

// EmitContext does what Emit does: see [Broadcast.EmitContext].
func (b ParentBroadcast) EmitContext(ctx context.Context, name string, args ...any) error {
	return b.each(func(child Broadcast) error { return child.EmitContext(ctx, name, args...) })
}

// Join puts the selected sockets into rooms: see [Broadcast.Join].
func (b ParentBroadcast) Join(rooms ...string) error {
	return b.each(func(child Broadcast) error { return child.Join(rooms...) })
}

// Leave takes the selected sockets out of rooms: see [Broadcast.Leave].
func (b ParentBroadcast) Leave(rooms ...string) error {
	return b.each(func(child Broadcast) error { return child.Leave(rooms...) })
}

// Disconnect disconnects the selected sockets: see [Broadcast.Disconnect].
func (b ParentBroadcast) Disconnect() error { return b.each(Broadcast.Disconnect) }

// DisconnectConn disconnects the clients of the selected sockets and closes their
// connections: see [Broadcast.DisconnectConn].
func (b ParentBroadcast) DisconnectConn() error { return b.each(Broadcast.DisconnectConn) }

// Sockets returns the selected sockets that are connected to this server.
func (b ParentBroadcast) Sockets() []*Socket {
	var all []*Socket
	_ = b.each(func(child Broadcast) error { // which returns none
		all = append(all, child.Sockets()...)
		return nil
	})
	return all
}

// each calls do for the selected sockets of each child, and joins the errors.
func (b ParentBroadcast) each(do func(Broadcast) error) error {
	var errs []error
	for _, child := range b.parent.Children() {
		of := b.of
		of.namespace = child
		errs = append(errs, do(of))
	}
	return errors.Join(errs...)
}
