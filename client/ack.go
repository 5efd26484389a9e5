package client

import (
	"context"

	"github.com/go-socketio/socketio/client/internal/session"
	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

// answer is an acknowledgement, or why there is none.
type answer struct {
	args packet.Args
	err  error
}

// ackReceiver is told the answer to an event. It is called once, without a lock, and
// does not block.
type ackReceiver func(answer)

// EmitWithAck sends an event and waits for the acknowledgement: see [Socket.EmitWithAck].
func (e Emitter) EmitWithAck(ctx context.Context, name string, args ...any) (Args, error) {
	s := e.socket
	if limit := s.client.options.AckTimeout; limit > 0 && !e.retried() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, ErrAckTimeout)
		defer cancel()
	}
	answers := make(chan answer, 1)
	id, err := e.send(ctx, name, args, func(a answer) { answers <- a })
	if err != nil {
		return Args{}, err
	}
	defer s.beginWait(ctx)()
	var a answer
	select {
	case a = <-answers:
	case <-ctx.Done():
		if s.forget(id) {
			return Args{}, ackError(name, context.Cause(ctx))
		}
		a = <-answers // it is arriving just now
	}
	if a.err != nil {
		return Args{}, ackError(name, a.err)
	}
	return event.NewArgs(a.args, nil), nil
}

// forget stops waiting for an answer. It returns false if that has arrived.
func (s *Socket) forget(id uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buffer.remove(id) || s.forgetRetry(id) {
		return true
	}
	_, waiting := s.acks[id]
	delete(s.acks, id)
	return waiting
}

// beginWait prepares for waiting, with ctx, for an answer of the server. The function it
// returns ends that. If ctx is that of a handler of this client, the answer has to come over a
// connection that the handler's full inbox may have stopped.
func (s *Socket) beginWait(ctx context.Context) (end func()) {
	handler := handlerOf(ctx)
	if handler == nil || handler.socket.client != s.client {
		return func() {}
	}
	handler.addWaiting(1)
	handler.socket.endIfStuck()
	return func() { handler.addWaiting(-1) }
}

// acknowledged takes an answer of the server. One that nobody waits for is ignored.
func (s *Socket) acknowledged(c *conn, id uint64, args packet.Args) {
	s.mu.Lock()
	if s.member == nil || s.member.conn != c {
		s.mu.Unlock()
		return
	}
	receiver := s.acks[id]
	delete(s.acks, id)
	if receiver == nil {
		receiver = s.retryAcknowledged(id)
	}
	s.mu.Unlock()
	if receiver != nil {
		receiver(answer{args: args})
	}
}

// sendAck answers an event of the server, on the connection on which it came.
func (s *Socket) sendAck(m *membership, id uint64, values []any) error {
	h := packet.Header{Type: packet.Ack, Namespace: s.namespace, ID: id, HasID: true}
	msg, err := s.client.encode(h, values)
	failed := err
	if err != nil {
		// The server waits: it should at least learn that the answer is lost.
		if msg, err = s.client.encode(h, event.Failure(failed)); err != nil {
			return emitError("acknowledgement", err)
		}
	}
	s.mu.Lock()
	present := s.member == m
	if present {
		err = m.conn.session.Send(msg, session.SendOptions{})
	}
	s.mu.Unlock()
	switch {
	case !present:
		return emitError("acknowledgement", context.Cause(m.context))
	case err != nil:
		return emitError("acknowledgement", sendError(err))
	case failed != nil:
		return emitError("acknowledgement", failed)
	}
	return nil
}

// The ids of acknowledgements. Those of events that are sent at least once have a
// range of their own, because a server that can drop repeats has to know them. All of
// them fit a signed number of 32 bits, for servers that care.
const (
	firstRetryID = 1 << 30
	idMask       = firstRetryID - 1
)

func (s *Socket) nextAckID() uint64 { return (s.ackIDs.Add(1) - 1) & idMask }
