package client

import (
	"context"
	"errors"

	"github.com/go-socketio/socketio/client/internal/session"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

// Both are targets of typed events and calls.
var (
	_ event.Target = (*Socket)(nil)
	_ event.Asker  = (*Socket)(nil)
	_ event.Target = Emitter{}
	_ event.Asker  = Emitter{}
)

// OfflinePolicy says what becomes of an event that is emitted while the namespace is
// not joined, but the client is trying to join it. When it is not even trying, the
// event fails with [ErrNotConnected]; see [Socket.Active].
type OfflinePolicy int

const (
	// OfflineQueue queues the event, and sends it when the namespace is joined, before
	// anything that is emitted later. See [Options.MaxBuffer].
	OfflineQueue OfflinePolicy = iota
	// OfflineFail returns [ErrNotConnected].
	OfflineFail
	// OfflineWait waits until the namespace is joined or the context ends. Emit, which
	// has no context, waits for as long as the client tries.
	OfflineWait
)

// Emit sends an event to the server. It does not wait for the server: what is to
// happen while there is no connection says [Options.Offline].
//
// The error is a [*packet.EncodeError] or [ErrReservedEvent], or says that the event
// cannot be sent ([ErrNotConnected]) or queued ([ErrQueueFull], [ErrBufferFull]). Nil
// means that it is queued: whether the server has handled it, only
// [Socket.EmitWithAck] tells. If the connection is lost while the event is on its
// way, it is lost too, unless it is sent at least once: see [Options.Retries].
func (s *Socket) Emit(name string, args ...any) error { return s.emitter().Emit(name, args...) }

// EmitContext does what Emit does. The context matters for [OfflineWait] only.
func (s *Socket) EmitContext(ctx context.Context, name string, args ...any) error {
	return s.emitter().EmitContext(ctx, name, args...)
}

// EmitWithAck sends an event and waits for its acknowledgement, which is returned.
// It gives up, with an error, when ctx ends, after [Options.AckTimeout]
// ([ErrAckTimeout]), and when the connection is lost after the event was sent
// ([ErrDisconnected]). Use a time-out: a server need not answer. An event that is
// given up while it is queued is not sent any more. Other errors are those of Emit.
//
// A handler that waits for the answer passes its own context, or one made from it,
// and no other: see [Options.MaxInbox]. A goroutine that it has started may do so too, and
// counts as the handler until that has returned; one that does not wait for its handler is
// better off with [Socket.Context].
func (s *Socket) EmitWithAck(ctx context.Context, name string, args ...any) (Args, error) {
	return s.emitter().EmitWithAck(ctx, name, args...)
}

// Volatile is for events that are better lost than late: see [Emitter.Volatile].
func (s *Socket) Volatile() Emitter { return s.emitter().Volatile() }

// Compress is for events that must not be compressed: see [Emitter.Compress].
func (s *Socket) Compress(compress bool) Emitter { return s.emitter().Compress(compress) }

// Offline is for events with a policy of their own: see [Emitter.Offline].
func (s *Socket) Offline(p OfflinePolicy) Emitter { return s.emitter().Offline(p) }

// Retry is for events that are sent at least once: see [Emitter.Retry].
func (s *Socket) Retry(retries int) Emitter { return s.emitter().Retry(retries) }

func (s *Socket) emitter() Emitter {
	return Emitter{socket: s, offline: s.client.options.Offline, retries: s.client.options.Retries}
}

// Emitter is a socket with options for what is emitted to the server. It is a small
// immutable value; its methods may be called from any goroutine.
type Emitter struct {
	socket     *Socket
	offline    OfflinePolicy
	retries    int
	volatile   bool
	noCompress bool
}

// Volatile returns the emitter for events that are better lost than late: they are
// dropped, with [ErrDropped], if they cannot be sent at once, because the namespace is not
// joined or the network is busy with what was sent before.
func (e Emitter) Volatile() Emitter {
	e.volatile = true
	return e
}

// Compress returns the emitter for events that may be compressed, as they are by default,
// or may not: see [Options.DisableCompression].
func (e Emitter) Compress(compress bool) Emitter {
	e.noCompress = !compress
	return e
}

// Offline returns the emitter for events with another policy than [Options.Offline].
func (e Emitter) Offline(p OfflinePolicy) Emitter {
	e.offline = p
	return e
}

// Retry returns the emitter for events that are sent at least once, with another
// number of retries than [Options.Retries]: negative means no end, and 0 that the
// event is sent once.
func (e Emitter) Retry(retries int) Emitter {
	e.retries = retries
	return e
}

// retried reports whether the events are sent at least once.
func (e Emitter) retried() bool { return e.retries != 0 && !e.volatile }

// Emit sends an event: see [Socket.Emit].
func (e Emitter) Emit(name string, args ...any) error {
	return e.EmitContext(context.Background(), name, args...)
}

// EmitContext sends an event: see [Socket.EmitContext].
func (e Emitter) EmitContext(ctx context.Context, name string, args ...any) error {
	_, err := e.send(ctx, name, args, nil)
	return err
}

// outgoing is one encoded event on its way.
type outgoing struct {
	name       string
	message    *frame.Message
	id         uint64
	receiver   ackReceiver // nil if nobody waits
	noCompress bool
}

// send encodes an event and takes it to where it belongs. It returns the id of the
// acknowledgement.
func (e Emitter) send(ctx context.Context, name string, args []any, receiver ackReceiver) (id uint64, err error) {
	s := e.socket
	if reserved(name) {
		return 0, emitError(name, ErrReservedEvent)
	}
	if ctx.Err() != nil {
		return 0, emitError(name, context.Cause(ctx))
	}
	retried := e.retried()
	h := packet.Header{Type: packet.Event, Namespace: s.namespace, Event: name}
	switch {
	case retried:
		h.ID, h.HasID = s.nextRetryID(), true
	case receiver != nil:
		h.ID, h.HasID = s.nextAckID(), true
	}
	m, err := s.client.encode(h, args)
	if err != nil {
		return 0, emitError(name, err)
	}
	for _, h := range lookup(&s.registry, &s.registry.outgoing) {
		s.guard("OnAnyOutgoing", func() { (*h)(s, name, args) })
	}
	out := outgoing{name, m, h.ID, receiver, e.noCompress}
	if retried {
		err = s.addRetry(out, e.retries)
	} else {
		err = e.sendOnce(ctx, out)
	}
	if err != nil {
		if errors.Is(err, ErrDropped) {
			s.client.counts.dropped.Add(1)
		}
		return 0, emitError(name, err)
	}
	return h.ID, nil
}

// sendOnce sends an event, or does what is to be done while that is not possible.
func (e Emitter) sendOnce(ctx context.Context, out outgoing) error {
	s := e.socket
	for {
		s.mu.Lock()
		if sent, err := s.trySend(out, session.SendOptions{Volatile: e.volatile}); sent || err != nil {
			s.mu.Unlock()
			return err
		}
		switch {
		case !s.active:
			defer s.mu.Unlock()
			return s.whyOffline()
		case e.volatile:
			s.mu.Unlock()
			return ErrDropped
		case e.offline == OfflineFail:
			s.mu.Unlock()
			return ErrNotConnected
		case e.offline == OfflineQueue:
			defer s.mu.Unlock()
			return s.buffer.add(out, s.client.options.MaxBuffer)
		}
		changed := s.change()
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// trySend gives an event to the connection, if there is one. The caller holds the lock.
func (s *Socket) trySend(out outgoing, o session.SendOptions) (sent bool, err error) {
	if s.member == nil {
		return false, nil
	}
	o.NoCompress = out.noCompress
	err = s.member.conn.session.Send(out.message, o)
	switch {
	case errors.Is(err, session.ErrClosed): // the socket is about to be told
		return false, nil
	case err != nil:
		return false, sendError(err)
	}
	if out.receiver != nil {
		if s.acks == nil {
			s.acks = make(map[uint64]ackReceiver)
		}
		s.acks[out.id] = out.receiver
	}
	return true, nil
}

// buffer holds events that wait for the namespace to be joined.
type buffer struct {
	events []outgoing
	size   int
}

func (b *buffer) add(out outgoing, bound int) error {
	n := out.message.Size()
	if b.size+n > bound {
		return ErrBufferFull
	}
	b.events = append(b.events, out)
	b.size += n
	return nil
}

// remove takes out the event with the given acknowledgement id, if it is there.
func (b *buffer) remove(id uint64) (found bool) {
	for i, out := range b.events {
		if out.receiver != nil && out.id == id {
			b.events = append(b.events[:i:i], b.events[i+1:]...)
			b.size -= out.message.Size()
			return true
		}
	}
	return false
}

// flushBuffer sends what was queued. The buffer is bounded already, so the bound of
// the connection's queue does not apply. The caller holds the lock.
func (s *Socket) flushBuffer() {
	for i, out := range s.buffer.events {
		if sent, _ := s.trySend(out, session.SendOptions{Force: true}); !sent {
			s.buffer.events = s.buffer.events[i:] // the connection is lost again
			return
		}
		s.buffer.size -= out.message.Size()
	}
	s.buffer = buffer{}
}

// takeQueued gives up everything that was queued, and returns who waits for answers
// to it. The caller holds the lock.
func (s *Socket) takeQueued() (failed []ackReceiver) {
	for _, out := range append(s.buffer.events, s.takeRetries()...) {
		if out.receiver != nil {
			failed = append(failed, out.receiver)
		} else {
			s.client.counts.lost.Add(1)
		}
	}
	s.buffer = buffer{}
	return failed
}
