package engine

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/deadline"
)

// Receiver is given what arrives on a session. Its Receive and EndBatch methods
// are called one at a time, in the order in which the packets arrived, and must
// not block: use [Session.SetPaused] to slow a client down. A panic is logged, and ends
// the session with [ReasonForcedClose].
type Receiver interface {
	// ReceiveText and ReceiveBinary take a message. The bytes are handed over.
	ReceiveText(data []byte)
	ReceiveBinary(data []byte)
	// EndBatch follows the last message that one read of a WebSocket, or one POST,
	// has brought. It is not called for a read that brought no message.
	EndBatch()
	// Closed is the last call, and comes exactly once, also when nothing was ever
	// received. It is never called from within a method of the session, so it may be
	// handled under a lock that is also held while sending.
	Closed(reason Reason, err error)
}

// UpgradeReceiver is a [Receiver] that is told when a WebSocket has taken over its
// session from polling.
type UpgradeReceiver interface {
	Receiver
	// Upgraded is called as the Receive methods are, before the first message that the
	// WebSocket brings.
	Upgraded()
}

// Session is one client's connection, whatever transport carries it. All methods
// may be called from any goroutine, and none of them waits for the client.
type Session struct {
	server    *Server
	id        string
	receiver  Receiver
	handshake Handshake
	base64    bool // the client wants no binary polling payloads
	counted   bool // the server waits for Closed; set before anybody can call it
	turn      bool // guarded by mu: somebody is calling the receiver
	farewell  bool // guarded by mu: whoever has the turn calls Closed at its end

	// deaf is set when messages from the client are not wanted any more, because the
	// session has ended or is told to; it is read without the lock.
	deaf atomic.Bool

	mu      sync.Mutex
	machine machine
	waiting *poll         // the GET that waits for output
	ws      *wsConn       // carries the session, or nil
	probe   *wsConn       // is about to, or nil
	resumed chan struct{} // closed at the end of a pause, or of the session; nil while neither is awaited
	timer   deadline.Entry
	armed   time.Duration // when timer expires, 0 if it is not set

	hold int // its place in the server's holdWatch, which guards it, plus one; 0 if it is not held
}

// poll is a GET that waits for output. Its channel is never blocked on by the
// session: it has room for the one answer it gets, which is nil if the session has
// another transport now.
type poll struct{ answer chan []item }

// SendOptions says how a message is to be sent. The zero value is the usual way.
type SendOptions struct {
	// Volatile drops the message if the client cannot take it at once.
	Volatile bool
	// NoCompress leaves the message uncompressed where messages are compressed. On
	// polling it is compressed nevertheless if the same answer brings others.
	NoCompress bool
}

// ID returns the session's id. It is a secret between the client and the server:
// who knows it can send in the client's name.
func (s *Session) ID() string { return s.id }

// Protocol returns the revision of the Engine.IO protocol that the client speaks.
// It is 4, or, with [Options.AllowEIO3], 3 for old clients.
func (s *Session) Protocol() int { return int(s.machine.revision) } // which does not change

// Handshake returns what is kept of the session's first request.
func (s *Session) Handshake() *Handshake { return &s.handshake }

func (s *Session) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.life == closed
}

// Transport returns what carries the session now, [Polling] or [WebSocket].
func (s *Session) Transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.machine.carrier == onWebSocket {
		return WebSocket
	}
	return Polling
}

// Send queues a message and sends it if the transport can take it now; it is
// [Session.Enqueue] and [Session.Flush] together. A message that is nil, or in which there
// is nothing, sends nothing.
func (s *Session) Send(m *frame.Message, o SendOptions) error {
	s.mu.Lock()
	w := s.advance(event{kind: evSend, item: item{m, o.Volatile, o.NoCompress}})
	if w.eff.refused != nil {
		s.mu.Unlock()
		s.perform(w)
		return w.eff.refused
	}
	dropped := w.eff.dropped
	w = s.advance(event{kind: evFlush})
	s.mu.Unlock()
	w.eff.dropped += dropped
	s.perform(w)
	return nil
}

// Enqueue queues a message and does no I/O at all, so that it may be called
// under a lock. Call Flush afterwards. Use the two where one piece of code sends
// several messages, and [Session.Hold] to gather what others send.
//
// It returns [ErrClosed], or [ErrDropped] for a volatile message that cannot go out at
// once, or [ErrQueueFull]; in the last case the session may have been ended, see
// [Options.QueuePolicy].
func (s *Session) Enqueue(m *frame.Message, o SendOptions) error {
	s.mu.Lock()
	w := s.advance(event{kind: evSend, item: item{m, o.Volatile, o.NoCompress}})
	s.mu.Unlock()
	s.perform(w)
	return w.eff.refused
}

// Flush sends what is queued if the transport can take it now and nothing is
// held. What cannot be sent now is sent as soon as it can.
func (s *Session) Flush() { s.step(event{kind: evFlush}) }

// Hold lets messages gather, so that several leave in one write, until
// Release. They leave anyway when 16 KiB have gathered, and after about a
// millisecond. It is for what is sent by code that does not know of each other, such
// as several handlers; who sends several messages itself uses [Session.Enqueue].
func (s *Session) Hold() {
	if !gathering {
		return
	}
	s.step(event{kind: evHold})
	s.server.holds.add(s)
}

// Release ends Hold and sends what has gathered. Without a Hold it does what
// Flush does.
func (s *Session) Release() {
	s.server.holds.remove(s)
	s.step(event{kind: evRelease})
}

// SetPaused stops or continues reading from the client. What was read already, from a
// WebSocket or as the next few packets of a POST, is still delivered. While paused the
// client's silence is no reason to end the session.
func (s *Session) SetPaused(paused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if paused {
		s.advance(event{kind: evPause})
		if s.resumed == nil && s.machine.life == open {
			s.resumed = make(chan struct{})
		}
		return
	}
	s.advance(event{kind: evResume})
	s.continueReading()
}

func (s *Session) isPaused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.life == open && s.resumed != nil
}

func (s *Session) continueReading() {
	if s.resumed != nil {
		close(s.resumed)
		s.resumed = nil
	}
}

// whenResumed returns what is closed when the session is not paused any more, or has
// ended; nil if it is not paused. If its client is leaving it is closed when the session
// has ended.
func (s *Session) whenResumed() (resumed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.machine.leaving && s.machine.life != closed && s.resumed == nil {
		s.resumed = make(chan struct{})
	}
	return s.resumed
}

// Close ends the session when what is queued has been sent, or after
// [Options.CloseTimeout]. Messages from the client are no longer delivered.
func (s *Session) Close(reason Reason) { s.step(event{kind: evClose, reason: reason}) }

// Abort ends the session at once; err, which may be nil, is passed to the
// receiver beside the reason.
func (s *Session) Abort(reason Reason, err error) {
	s.step(event{kind: evAbort, reason: reason, err: err})
}

// timeKeeper is a session as the owner of its deadline. What one deadline results
// in, such as the write of a ping, is done before the next one is looked at; that
// is possible because no session's step blocks.
type timeKeeper Session

// Expire is called by the server's deadline queue.
func (k *timeKeeper) Expire(time.Time) {
	s := (*Session)(k)
	s.mu.Lock()
	s.armed = 0
	w := s.advance(event{kind: evTick})
	s.mu.Unlock()
	s.perform(w)
}

// work is what is left to do when the lock has been released.
type work struct {
	eff   effects
	ws    *wsConn // what eff.ws is written to
	probe *wsConn // what eff.probe is about
}

// step takes one event, and does what it results in.
func (s *Session) step(ev event) work {
	s.mu.Lock()
	w := s.advance(ev)
	s.mu.Unlock()
	s.perform(w)
	return w
}

// advance lets the machine take one event; the caller holds the lock.
func (s *Session) advance(ev event) work {
	var now time.Duration
	if ev.kind.timed() {
		now = s.server.now()
	}
	w := s.apply(s.machine.step(ev, now))
	if ev.kind.timed() || w.eff.closed {
		s.arm()
	}
	return w
}

// apply does the part of a step's effects that belongs under the lock, which the
// caller holds.
func (s *Session) apply(eff effects) work {
	w := work{eff: eff}
	if len(w.eff.poll) > 0 || w.eff.crossed {
		s.waiting.answer <- w.eff.poll
		s.waiting = nil
	}
	if w.eff.probe != probeKept {
		w.probe = s.probe
	}
	switch w.eff.probe {
	case probeAdopt:
		s.ws, s.probe = s.probe, nil
	case probeFailed:
		s.probe = nil
	}
	w.ws = s.ws
	if s.machine.life != open {
		s.deaf.Store(true)
		if !s.machine.leaving || w.eff.closed {
			s.continueReading() // nothing more is delivered
		}
	}
	return w
}

// arm sets the timer to the machine's deadline. A deadline that has moved to a
// later time is noticed when the timer expires.
func (s *Session) arm() {
	next := s.machine.deadline()
	switch {
	case next == 0 && s.armed != 0:
		s.server.deadlines.Clear(&s.timer)
		s.armed = 0
	case next != 0 && (s.armed == 0 || next < s.armed):
		s.server.deadlines.Set(&s.timer, (*timeKeeper)(s), s.server.start.Add(next))
		s.armed = next
	}
}

// perform does what must not be done under the lock. Nothing in it blocks, but for the
// answer to a probe, which only the goroutine that reads from the probe gets to.
func (s *Session) perform(w work) {
	if w.eff.dropped > 0 {
		s.server.stats.volatileDropped.Add(int64(w.eff.dropped))
	}
	switch w.eff.refused {
	case nil:
	case ErrDropped:
		s.server.stats.volatileDropped.Add(1)
	case ErrQueueFull:
		s.server.stats.queueFull.Add(1)
	}
	if w.probe != nil {
		switch w.eff.probe {
		case probePong:
			w.probe.writeProbePong()
		case probeFailed:
			w.probe.giveUp()
		}
	}
	if len(w.eff.ws) > 0 {
		s.write(w.ws, w.eff.ws)
	}
	if w.eff.closed {
		s.server.spawn(func() { s.finish(w.ws) })
	}
}

// finish is run once, by a goroutine of its own, when the session has ended.
func (s *Session) finish(ws *wsConn) {
	s.mu.Lock()
	idle := !s.machine.wsWriting
	reason, err := s.machine.reason, s.machine.err
	last := !s.turn
	s.farewell = !last
	s.mu.Unlock()
	s.server.holds.remove(s)
	s.server.forget(s)
	switch {
	case ws == nil:
	case idle:
		ws.beginClose(closeStatus(err), true)
	default:
		ws.hurry() // whoever is writing closes it then, see written
	}
	if last {
		s.tellClosed(reason, err)
	}
}

// tellClosed makes the last call of the receiver.
func (s *Session) tellClosed(reason Reason, err error) {
	if s.counted {
		defer s.server.running.Done()
	}
	defer s.caught()
	s.receiver.Closed(reason, err)
}
