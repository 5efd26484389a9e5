package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/deadline"
)

// Receiver is given what arrives on a session. Its methods are called one at a
// time, in the order in which the packets arrived, and must not block: use
// [Session.SetPaused] to slow the server down.
type Receiver interface {
	// ReceiveText and ReceiveBinary take a message. The bytes are handed over.
	ReceiveText(data []byte)
	ReceiveBinary(data []byte)
	// Closed is the last call, and comes exactly once. It is never called from
	// within a method of the session.
	Closed(reason Reason, err error)
}

// Session is one open session with a server, whatever transport carries it. All
// methods may be called from any goroutine, and none of them waits for the server.
type Session struct {
	conf       *Config
	id         string
	upgradable bool
	maxPost    int // the largest body that the server takes; 0 if it did not say
	receiver   Receiver
	first      []byte // what came with the handshake, until Start

	// ctx is that of all requests. It ends with the session.
	ctx    context.Context
	cancel context.CancelCauseFunc

	ended atomic.Bool // read without the lock
	turn  sync.Mutex  // held while the receiver is called

	mu      sync.Mutex
	machine machine
	clock   clock
	ws      webSocket     // carries the session, or nil
	probe   webSocket     // is about to, or nil
	resumed chan struct{} // not nil while paused; closed when that ends
	timer   deadline.Entry
	armed   time.Duration // when the timer expires, in the time of the clock; 0 if it does not
}

// watchInterval is how often a session looks at the clock. After the whole
// machine was asleep it is noticed within this time that the connection is dead.
const watchInterval = time.Second

// Dial opens a session. [Session.Start] must follow. The error is a [*DialError].
func Dial(ctx context.Context, conf *Config) (*Session, error) {
	var failures []error
	for i, transport := range conf.Transports {
		s, err := dialOne(ctx, conf, transport)
		if err == nil {
			return s, nil
		}
		failures = append(failures, err)
		last := i == len(conf.Transports)-1
		if conf.TryAll && !last && ctx.Err() == nil {
			continue
		}
		if len(failures) > 1 {
			e := new(DialError)
			errors.As(err, &e)
			e.Err = fmt.Errorf("every transport failed: %w", errors.Join(failures[:len(failures)-1]...))
			return nil, e
		}
		return nil, err
	}
	return nil, &DialError{Code: -1, Err: errors.New("no transport")}
}

func dialOne(ctx context.Context, conf *Config, transport string) (*Session, error) {
	if transport == WebSocket {
		ws, err := conf.openWebSocket(ctx, "")
		if err != nil {
			return nil, err
		}
		h, err := firstPacket(ctx, ws)
		if err != nil {
			ws.abort()
			return nil, &DialError{Step: StepHandshake, Transport: WebSocket, Code: -1, Err: err}
		}
		s := newSession(conf, h, onWebSocket)
		s.ws = ws
		return s, nil
	}
	h, rest, err := conf.openPolling(ctx)
	if err != nil {
		return nil, err
	}
	s := newSession(conf, h, onPolling)
	s.first = rest
	s.upgradable = conf.upgradable(h)
	return s, nil
}

func newSession(conf *Config, h handshake, c carrier) *Session {
	s := &Session{conf: conf, id: h.sid, maxPost: h.maxPayload, clock: newClock(conf.Clock)}
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	s.machine = newMachine(&machineConfig{
		heartbeat:      h.heartbeat,
		upgradeTimeout: conf.UpgradeTimeout,
		closeTimeout:   conf.CloseTimeout,
		maxQueue:       conf.MaxQueue,
	}, c)
	return s
}

// Start begins to receive.
func (s *Session) Start(r Receiver) {
	s.receiver = r
	ws := s.ws // not nil if it begins on WebSocket; the upgrade has a reader of its own
	s.conf.Tasks.Go(func() {
		if len(s.first) > 0 {
			first := s.first
			s.first = nil
			s.payload(first)
		}
		s.step(event{kind: evStart, upgradable: s.upgradable})
		if ws != nil {
			s.readWebSocket(ws)
		}
	})
}

// ID returns the session's id, which is a secret between the two ends.
func (s *Session) ID() string { return s.id }

// Transport returns what carries the session now, [Polling] or [WebSocket].
func (s *Session) Transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.machine.carrier == onWebSocket {
		return WebSocket
	}
	return Polling
}

// SendOptions says how a message is to be sent. The zero value is the usual way.
type SendOptions struct {
	Volatile   bool // drop the message if it cannot go out at once
	Force      bool // queue it even if the queue is full
	NoCompress bool // send it as it is, also if compression was agreed on
}

// Send queues a message. It returns [ErrClosed], or [ErrDropped] for a volatile
// message that cannot go out at once, or [ErrQueueFull].
func (s *Session) Send(m *frame.Message, o SendOptions) error {
	return s.step(event{kind: evSend, item: item{m, o.Volatile, o.Force, o.NoCompress}})
}

// SetPaused stops or continues reading. While paused the server's silence is no
// reason to end the session.
func (s *Session) SetPaused(paused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if paused {
		if s.resumed == nil && s.machine.life != closed {
			s.resumed = make(chan struct{})
		}
		s.perform(s.advance(event{kind: evPause}))
		return
	}
	s.continueReading()
	s.perform(s.advance(event{kind: evResume}))
}

func (s *Session) continueReading() {
	if s.resumed != nil {
		close(s.resumed)
		s.resumed = nil
	}
}

// awaitResume returns when the session is not paused, or has ended.
func (s *Session) awaitResume() {
	s.mu.Lock()
	resumed := s.resumed
	s.mu.Unlock()
	if resumed != nil {
		<-resumed
	}
}

// Close ends the session when what is queued has been sent, or after the close
// time-out.
func (s *Session) Close() { s.step(event{kind: evClose}) }

// Abort ends the session at once.
func (s *Session) Abort(reason Reason, err error) {
	s.step(event{kind: evAbort, reason: reason, err: err})
}

// Expire takes the session's deadline; the deadline queue calls it.
func (s *Session) Expire(time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = 0
	s.perform(s.advance(event{kind: evTick}))
}

// step takes one event, and does what it results in.
func (s *Session) step(ev event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	eff := s.advance(ev)
	s.perform(eff)
	return eff.refused
}

// lent is step for the report of a writer. It returns what that is to send next.
func (s *Session) lent(ev event) []item {
	s.mu.Lock()
	defer s.mu.Unlock()
	eff := s.advance(ev)
	s.perform(eff)
	return eff.lent
}

// polled is step for the end of a GET. It reports whether there is to be another one,
// which the same goroutine makes.
func (s *Session) polled(err error) (again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	eff := s.advance(event{kind: evGot, err: err})
	again, eff.get = eff.get, false
	s.perform(eff)
	return again
}

// advance lets the machine take one event, and keeps the books. The caller holds
// the lock.
func (s *Session) advance(ev event) effects {
	now := s.clock.now()
	eff := s.machine.step(ev, now)
	if eff.closed {
		s.ended.Store(true)
		s.continueReading()
		s.conf.Deadlines.Clear(&s.timer)
		s.armed = 0
	} else if s.machine.life != closed {
		s.arm(now)
	}
	return eff
}

// arm sets the timer to the machine's deadline, or to the next look at the clock.
func (s *Session) arm(now time.Duration) {
	next := now + watchInterval
	if d := s.machine.deadline(); d != 0 {
		next = min(next, d)
	}
	if s.armed == 0 || next < s.armed {
		s.armed = next
		s.conf.Deadlines.Set(&s.timer, s, time.Now().Add(next-now))
	}
}

// perform does what a step asks for. It starts goroutines only, so the caller
// holds the lock: the last of them cannot have ended before the next one starts.
func (s *Session) perform(eff effects) {
	switch eff.probe {
	case probeBegin:
		s.conf.Tasks.Go(s.runProbe)
	case probeAdopt:
		s.ws, s.probe = s.probe, nil
		if s.conf.Upgraded != nil {
			s.conf.Tasks.Go(s.conf.Upgraded)
		}
	case probeDrop:
		if s.probe != nil {
			s.conf.Tasks.Go(s.probe.abort)
			s.probe = nil
		}
	}
	if eff.get {
		s.conf.Tasks.Go(s.poll)
	}
	if eff.post {
		s.conf.Tasks.Go(s.post)
	}
	if eff.write {
		ws := s.ws
		s.conf.Tasks.Go(func() { s.writeWebSocket(ws) })
	}
	if eff.closed {
		s.conf.Tasks.Go(s.finish)
	}
}

// finish is run once, when the session has ended.
func (s *Session) finish() {
	s.mu.Lock()
	reason, err, ws := s.machine.reason, s.machine.err, s.ws
	abrupt := s.machine.writing || s.machine.aborted || reason == ReasonTransportError || reason == ReasonPingTimeout
	s.mu.Unlock()
	s.cancel(errEnded)
	s.turn.Lock()
	s.receiver.Closed(reason, err)
	s.turn.Unlock()
	if ws != nil {
		if abrupt {
			ws.abort()
		} else {
			ws.close()
		}
	}
}

var errEnded = errors.New("the session has ended")

// arrived takes one packet.
func (s *Session) arrived(p frame.Packet) {
	if p.Type != frame.Data {
		s.step(event{kind: evPacket, packet: p})
		return
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	switch {
	case s.ended.Load():
	case p.Binary:
		s.receiver.ReceiveBinary(p.Data)
	default:
		s.receiver.ReceiveText(p.Data)
	}
}
