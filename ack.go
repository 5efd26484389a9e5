package socketio

import (
	"context"
	"fmt"

	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

// ackReceiver waits for the answer of a socket to an event. The socket keeps it until
// the answer arrives, the socket ends, or nobody is interested any more.
type ackReceiver interface {
	// resolve is called at most once for each socket and id, with the answer or with
	// why there will be none. It is called without a lock, and must not block.
	resolve(s *Socket, id uint64, answer packet.Args, err error)
}

// acknowledged takes an answer of the client. One that nobody waits for is ignored.
func (s *Socket) acknowledged(id uint64, answer packet.Args) {
	if receiver := s.takeAck(id); receiver != nil {
		receiver.resolve(s, id, answer, nil)
	}
}

// takeAck removes and returns who waits for the answer with the given id.
func (s *Socket) takeAck(id uint64) ackReceiver {
	s.mu.Lock()
	defer s.mu.Unlock()
	receiver := s.acks[id]
	delete(s.acks, id)
	return receiver
}

// sendAck answers an event of the client.
func (s *Socket) sendAck(id uint64, values []any) error {
	h := packet.Header{Type: packet.Ack, ID: id, HasID: true}
	m, err := s.namespace.encode(h, values)
	failed := err
	if err != nil {
		// The client waits: it should at least learn that the answer is lost.
		if m, err = s.namespace.encode(h, event.Failure(failed)); err != nil {
			return emitError("acknowledgement", err)
		}
	}
	to, err := s.enqueueAnswer(id, m)
	if err != nil {
		return emitError("acknowledgement", err)
	}
	to.conn.session.Flush()
	if failed != nil {
		return emitError("acknowledgement", failed)
	}
	return nil
}

// EmitWithAck sends an event and waits for the acknowledgement: see [Socket.EmitWithAck].
func (d Direct) EmitWithAck(ctx context.Context, name string, args ...any) (Args, error) {
	s := d.socket
	if ctx.Err() != nil {
		return Args{}, emitError(name, context.Cause(ctx))
	}
	if s.standing() == statePending {
		return Args{}, emitError(name, ErrNotConnected)
	}
	id := s.namespace.nextAckID()
	m, err := s.namespace.encodeEvent(packet.Header{Event: name, ID: id, HasID: true}, args)
	if err != nil {
		return Args{}, err
	}
	w := make(waiter, 1)
	err = s.enqueue(m, d.options, id, w)
	s.server().watching(s.namespace, name, m, args).done(s, err)
	if err != nil {
		return Args{}, emitError(name, err)
	}
	s.conn.session.Flush()
	defer beginWait(ctx, selection{list: []*Socket{s}})()
	select {
	case a := <-w:
		return a.args()
	case <-ctx.Done():
		if s.takeAck(id) == nil { // it is arriving just now
			return (<-w).args()
		}
		return Args{}, fmt.Errorf("socketio: no acknowledgement of %q: %w", name, context.Cause(ctx))
	}
}

// waiter receives one answer.
type waiter chan ackAnswer

type ackAnswer struct {
	answer packet.Args
	err    error
}

func (w waiter) resolve(_ *Socket, _ uint64, answer packet.Args, err error) {
	w <- ackAnswer{answer, err}
}

func (a ackAnswer) args() (Args, error) {
	if a.err != nil {
		return Args{}, fmt.Errorf("socketio: no acknowledgement: %w", a.err)
	}
	return event.NewArgs(a.answer, nil), nil
}

// beginWait prepares for waiting, with ctx, for answers of the given sockets. The
// function it returns ends that.
//
// If ctx is that of a handler, what the handler has emitted must not be held back
// while it waits; and if an answer has to come over the handler's own connection,
// that must not be paused.
func beginWait(ctx context.Context, sockets selection) (end func()) {
	handler := waitingHandler(ctx)
	if handler == nil {
		return func() {}
	}
	own := handler.conn
	own.release()
	for s := range sockets.each {
		if s.conn == own {
			handler.addWaiting(1)
			return func() { handler.addWaiting(-1) }
		}
	}
	return func() {}
}
