package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-socketio/socketio/client/internal/session"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// Socket is a client's place in a namespace. It lives for as long as its [Client]:
// when the connection is lost and opened again, it is the same Socket, with the same
// handlers and another id.
//
// All methods may be called from any goroutine. Its handlers run one at a time, in
// the order in which the packets arrived; acknowledgements, heartbeats and
// disconnections never wait behind a handler. When the connection is lost the context
// of the handlers ends and pending acknowledgements fail at once; the events that were
// received before are still handled, and after them the disconnect handlers run.
type Socket struct {
	client    *Client
	namespace string
	registry  registry
	ackIDs    atomic.Uint64

	mu       sync.Mutex
	active   bool        // it wants to be in the namespace
	since    uint64      // the first attempt that it takes part in, while active
	joining  *conn       // where the answer of the server is awaited
	member   *membership // nil while not in the namespace
	gone     error       // why it is not active; nil if it never was
	lastFail error       // of an attempt since it became active
	waiters  []*connectWaiter
	changed  chan struct{} // closed when active or member has changed; nil if nobody waits

	recovery  recovery
	recovered bool

	acks   map[uint64]ackReceiver
	buffer buffer
	retry  retryQueue

	inbox     inbox
	waiting   int    // calls of its handlers that wait for acknowledgements
	early     []item // events that came before the answer to CONNECT
	earlyCost int
}

// membership is one stay in the namespace, from the server's answer until the
// connection is lost or the namespace left.
type membership struct {
	conn    *conn
	id      string
	context context.Context
	cancel  context.CancelCauseFunc
}

// connectWaiter is a call of [Socket.Connect].
type connectWaiter struct {
	result  chan error // has room for one
	started bool       // it has made the socket active, or has taken over from the one that did
}

func newSocket(c *Client, namespace string) *Socket {
	return &Socket{client: c, namespace: namespace}
}

// Client returns the client that the socket belongs to.
func (s *Socket) Client() *Client { return s.client }

// Namespace returns the name of the namespace, which begins with a slash.
func (s *Socket) Namespace() string { return s.namespace }

// ID returns the id that the server has given the client for the present
// connection; "" while the namespace is not joined.
func (s *Socket) ID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.member == nil {
		return ""
	}
	return s.member.id
}

// Connected reports whether the namespace is joined.
func (s *Socket) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.member != nil
}

// Active reports whether the namespace is joined or the client is trying to join
// it. A socket is not active before [Socket.Connect], after [Socket.Disconnect], when
// the server has refused it or taken it out of the namespace, and when the client has
// given up.
func (s *Socket) Active() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active
}

// Recovered reports whether the server has restored the state of the previous
// connection when the namespace was joined last: its id, its rooms, and the events
// that were missed.
func (s *Socket) Recovered() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.recovered
}

// Context returns a context that ends when the connection is lost or the namespace
// left; its cause is a [*DisconnectError]. While the namespace is not joined it has
// ended already.
func (s *Socket) Context() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.member != nil {
		return s.member.context
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(s.whyOffline())
	return ctx
}

// Connect joins the namespace, and returns when it is joined, or with a
// [*ConnectError]. That is the one of the first attempt, unless [Options.KeepTrying]
// is set; if the context ends before, it wraps the context's error and that of the
// last attempt. A socket that is joined already, or is coming back after its connection
// was lost, is only waited for. After an error the socket is not active, unless it is
// coming back, or another call still waits for it. A handler that calls it passes its own
// context, or one made from it: see [Options.MaxInbox].
func (s *Socket) Connect(ctx context.Context) error {
	w, err := s.client.activate(s)
	if err != nil {
		s.end(&ConnectError{Step: StepOptions, Fault: FaultCaller, Err: err}, nil)
	}
	if w == nil {
		return nil
	}
	defer s.beginWait(ctx)()
	select {
	case err := <-w.result:
		return err
	case <-ctx.Done():
		return s.abandon(w, context.Cause(ctx))
	}
}

// addWaiter returns nil if the namespace is joined. If the socket becomes active, which
// is also returned, it takes part in the attempt with the given number and those after it.
func (s *Socket) addWaiter(attempt uint64) (w *connectWaiter, started bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.member != nil {
		return nil, false
	}
	w = &connectWaiter{result: make(chan error, 1), started: !s.active}
	started = w.started
	if started {
		s.active, s.since, s.gone, s.lastFail = true, attempt, nil, nil
		s.signal()
	}
	s.waiters = append(s.waiters, w)
	return w, started
}

// abandon removes a waiter whose context has ended, and returns what Connect is to
// return. The last one to leave ends the attempt that a waiter has started: under the
// same lock, or the server's answer could arrive in between.
func (s *Socket) abandon(w *connectWaiter, cause error) error {
	s.mu.Lock()
	i := slices.Index(s.waiters, w)
	if i < 0 {
		s.mu.Unlock()
		return <-w.result // it has come just now
	}
	s.waiters = slices.Delete(s.waiters, i, i+1)
	failure := s.abandoned(cause)
	tell := func() {}
	switch {
	case w.started && len(s.waiters) > 0:
		s.waiters[0].started = true
	case w.started:
		tell = s.deactivate(failure, nil)
	}
	s.mu.Unlock()
	tell()
	return failure
}

// abandoned says how far a socket has come whose waiter gives up for the given cause.
// The caller holds the lock.
func (s *Socket) abandoned(cause error) *ConnectError {
	failure := &ConnectError{Step: StepRequest, Fault: FaultCaller, Err: cause}
	if s.joining != nil {
		failure.Step = StepJoin
	}
	var last *ConnectError
	if errors.As(s.lastFail, &last) {
		failure.Step, failure.Transport, failure.Status = last.Step, last.Transport, last.Status
		failure.Err = fmt.Errorf("%w; the last attempt: %w", cause, last.Err)
	}
	return failure
}

// Disconnect leaves the namespace. The connection is closed if no other namespace is
// joined over it, after what is queued has been sent. It does not wait for that;
// [Client.Close] does. The reason is [ReasonClientDisconnect].
func (s *Socket) Disconnect() {
	s.leave(&DisconnectError{Reason: ReasonClientDisconnect})
}

// Close closes the client, with all its namespaces: see [Client.Close].
func (s *Socket) Close() error { return s.client.Close() }

// leave ends the socket and tells the server so.
func (s *Socket) leave(err *DisconnectError) {
	farewell, encodeErr := s.client.encode(packet.Header{Type: packet.Disconnect, Namespace: s.namespace}, nil)
	if encodeErr != nil {
		s.client.options.Logger.Error("the codec cannot encode a DISCONNECT packet", "error", encodeErr)
	}
	s.end(err, farewell)
}

// takesPart reports whether the attempt with the given number is one to get this socket
// into its namespace. The connection of an earlier one, which it may have left before it
// became active, is none of its business. The caller holds the lock.
func (s *Socket) takesPart(attempt uint64) bool { return s.active && s.since <= attempt }

func (s *Socket) tookPart(attempt uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.takesPart(attempt)
}

// end makes the socket inactive. The caller must not hold the client's lock.
func (s *Socket) end(err error, farewell *frame.Message) {
	s.mu.Lock()
	tell := func() {}
	if s.active {
		tell = s.deactivate(err, farewell)
	}
	s.mu.Unlock()
	tell()
}

// endAttempt makes the socket inactive if it has taken part in the attempt.
func (s *Socket) endAttempt(attempt uint64, err error) {
	s.mu.Lock()
	tell := func() {}
	if s.takesPart(attempt) {
		tell = s.deactivate(err, nil)
	}
	s.mu.Unlock()
	tell()
}

// deactivate makes an active socket inactive. Everything that does comes through here.
// What was queued is given up. The caller holds the lock; when it has released it, it
// calls the function that is returned, which tells everybody.
func (s *Socket) deactivate(err error, farewell *frame.Message) (tell func()) {
	s.active, s.gone = false, err
	if s.member != nil && farewell != nil {
		// It fails if the connection is lost; then the server knows.
		_ = s.member.conn.session.Send(farewell, session.SendOptions{Force: true})
	}
	m, failed := s.dropMember()
	failed = append(failed, s.takeQueued()...)
	waiters := s.waiters
	s.waiters = nil
	s.early, s.earlyCost = nil, 0
	s.recovery, s.recovered = recovery{}, false
	s.signal()
	return func() {
		// First, so that a handler that connects again gets a new connection.
		s.client.endIfIdle()
		s.resign(m, err, true)
		for _, receiver := range failed {
			receiver(answer{err: err})
		}
		s.fail(waiters, m, err)
	}
}

// fail tells the calls of Connect that were waiting why the socket is not active, and
// the handlers if it has not been a member.
func (s *Socket) fail(waiters []*connectWaiter, m *membership, err error) {
	var failure *ConnectError
	if !errors.As(err, &failure) {
		failure = &ConnectError{Step: StepJoin, Fault: FaultCaller, Err: err}
	}
	for _, w := range waiters {
		w.result <- failure
	}
	if m == nil && failure == err {
		s.push(item{kind: connectErrorItem, err: err, final: true})
	}
}

// lost is told that a connection has ended.
func (s *Socket) lost(c *conn) {
	s.mu.Lock()
	if s.joining == c {
		s.joining, s.early, s.earlyCost = nil, nil, 0
		s.mu.Unlock()
		s.attemptFailed(c.attempt, c.joinFailed())
		return
	}
	if s.member == nil || s.member.conn != c {
		s.mu.Unlock()
		return
	}
	err := &DisconnectError{c.reason, c.err}
	if s.client.options.DisableReconnect {
		tell := s.deactivate(err, nil)
		s.mu.Unlock()
		tell()
		return
	}
	m, failed := s.dropMember()
	s.signal()
	s.mu.Unlock()
	s.resign(m, err, false)
	for _, receiver := range failed {
		receiver(answer{err: err})
	}
}

// ejected is told that the server has taken the client out of the namespace.
func (s *Socket) ejected(c *conn) {
	s.mu.Lock()
	ours := s.member != nil && s.member.conn == c
	s.mu.Unlock()
	if ours {
		s.end(&DisconnectError{Reason: ReasonServerDisconnect}, nil)
	}
}

// dropMember ends the present stay, and returns who waits for answers that will
// not come. The caller holds the lock.
func (s *Socket) dropMember() (m *membership, failed []ackReceiver) {
	m = s.member
	if m == nil {
		return nil, nil
	}
	s.member = nil
	s.suspendRetries()
	for _, receiver := range s.acks {
		failed = append(failed, receiver)
	}
	s.acks = nil
	return m, failed
}

// resign ends the contexts of a stay, and tells the handlers.
func (s *Socket) resign(m *membership, err error, final bool) {
	if m == nil {
		return
	}
	d := Disconnect{Reason: ReasonClientDisconnect, Final: final}
	var disconnected *DisconnectError
	if errors.As(err, &disconnected) {
		d.Reason, d.Err = disconnected.Reason, disconnected.Err
	}
	m.cancel(err)
	s.push(item{kind: disconnectItem, member: m, disconnect: d})
}

// whyOffline is called with the lock held, while the namespace is not joined.
func (s *Socket) whyOffline() error {
	if s.gone != nil {
		return fmt.Errorf("%w: %w", ErrNotConnected, s.gone)
	}
	return ErrNotConnected
}

// signal wakes those who wait for a change. The caller holds the lock.
func (s *Socket) signal() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// change returns a channel that is closed at the next change. The caller holds the lock.
func (s *Socket) change() <-chan struct{} {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}
