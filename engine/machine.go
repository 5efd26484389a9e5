package engine

import (
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// machine is the state of one session, and everything that decides: who may
// send what over which transport, and when the session ends. It is a plain step
// function without goroutine, lock or timer: an [event] and the time go in,
// [effects] come out. The [Session] around it does what the effects say.
//
// A session begins on polling or on WebSocket. One that began on polling may be
// taken over by a WebSocket:
//
//	probing   the WebSocket is there, its "2probe" is awaited
//	draining  "3probe" was sent; output still goes to polls until "5" comes
//	(none)    "5" came: the WebSocket carries the session, polls are refused
//
// The machine owns the outgoing queue. A transport is lent all of it at once and
// reports when it is written; until then nothing more is lent to it.
type machine struct {
	conf     *machineConfig
	revision revision // of the protocol

	life    life
	carrier carrier
	upgrade upgradePhase

	urgent  bool // the queue holds a control packet, which is never held back
	held    bool // gathering: output waits for a release
	paused  bool // the application does not want more input for now
	leaving bool // closing because the client said so over polling
	graced  bool // the pong's deadline was put off once already

	pollWaiting bool // a GET waits for output
	pollWriting bool // output is lent to a GET's answer
	posting     bool // a POST is being read or delivered
	wsWriting   bool // output is lent to the WebSocket
	wsBlocked   bool // and the connection has not taken it at once

	queue []item
	size  int // bytes queued or lent
	count int // messages queued or lent
	lent  int // the part of size that is lent

	// Deadlines, as time since the server started; 0 is unset.
	pingAt  time.Duration // the next ping is due. Revision 3: the next pong of a pause is
	pongBy  time.Duration // a ping is out; the pong is due. Revision 3: the client's ping is
	probeBy time.Duration // the upgrade must be complete
	noopAt  time.Duration // draining: a waiting GET is released
	closeBy time.Duration // closing: patience ends

	reason Reason // why it is closing or closed
	err    error
}

// machineConfig is what all machines of a server share.
type machineConfig struct {
	pingInterval, pingTimeout    time.Duration
	upgradeTimeout, closeTimeout time.Duration
	maxQueue                     int
	policy                       QueuePolicy
}

type life uint8

const (
	open life = iota
	closing
	closed
)

type carrier uint8

const (
	onPolling carrier = iota
	onWebSocket
)

// revision is that of the Engine.IO protocol.
type revision uint8

const (
	revision3 revision = 3
	revision4 revision = 4
)

type upgradePhase uint8

const (
	noUpgrade upgradePhase = iota
	probing
	draining
)

const (
	// noopDelay is how long a poll that arrives while draining may wait, in case the
	// client has not seen "3probe" yet. The official server has the same.
	noopDelay = 100 * time.Millisecond
	// drainDelay is how long the poll that waits at "2probe" is left waiting, in case it
	// is from a client that does not wait for its polls, whose "5" is right behind: see
	// takeOver.
	drainDelay = 5 * time.Millisecond
	// leaveDelay is how long a client that leaves over polling is waited for: the poll
	// that belongs to it travels on another connection than the POST that says so.
	leaveDelay = 50 * time.Millisecond
	// farewellDelay is how long a shutdown waits for the next poll of a client for
	// which nothing is queued, in order to tell it. A client that is there polls again
	// as soon as it has got an answer.
	farewellDelay = time.Second
	// holdLimit is how many queued bytes are worth a write of their own, held or not.
	holdLimit = 16 << 10
)

// item is one entry of the outgoing queue.
type item struct {
	msg        *frame.Message
	volatile   bool
	noCompress bool
}

// Packets of the protocol itself. They are read only and shared by all sessions.
var (
	pingPacket  = item{msg: frame.Control(frame.Ping, "")}
	pongPacket  = item{msg: frame.Control(frame.Pong, "")}
	closePacket = item{msg: frame.Control(frame.Close, "")}
	noopPacket  = item{msg: frame.Control(frame.Noop, "")}
	noopAnswer  = []item{noopPacket}
	closeAnswer = []item{closePacket}
)

type eventKind uint8

const (
	evSend       eventKind = iota // item is to be sent
	evFlush                       // send what is queued, if possible
	evHold                        // begin to gather
	evRelease                     // stop gathering
	evWritten                     // what was lent to the WebSocket is written
	evBlocked                     // it is not, and whoever writes it now has to wait
	evGone                        // the WebSocket failed or was closed: reason, err
	evAbort                       // close now: reason, err
	evPause                       // the application wants no more input
	evResume                      // it does again
	evClose                       // close when the queue is empty: reason
	evShutdown                    // the same, but do not wait long for a poll to say goodbye
	evPoll                        // a GET arrived
	evPollAbort                   // the waiting GET was aborted
	evPollFree                    // the waiting GET must be answered with something now
	evPollDone                    // what was lent to a GET is written, or err
	evPost                        // a POST arrived
	evPostDone                    // it has been delivered, or err
	evActivity                    // something other than a pong was received
	evPacket                      // a packet that is not a message was received
	evBadPacket                   // something was received that is no packet
	evProbe                       // a WebSocket for this session was opened
	evProbeInput                  // a packet arrived on it
	evProbeGone                   // it is closed
	evTick                        // a deadline may have passed
)

// timed reports whether a step needs to know the time.
func (k eventKind) timed() bool { return k >= evPause }

// event is one input of the machine. Which fields are used depends on kind.
type event struct {
	kind   eventKind
	item   item
	packet frame.Packet
	reason Reason
	err    error
	spare  []item // evWritten: the lent slice, to be used again
}

type probeEffect uint8

const (
	probeKept   probeEffect = iota
	probePong               // answer "3probe" on the probing WebSocket
	probeFailed             // close it; the session goes on with polling
	probeAdopt              // it carries the session from now on
)

// effects is what one step asks the session to do, in the order of the fields.
type effects struct {
	refused error       // the event was not accepted, and why
	poll    []item      // answer the waiting GET with this
	crossed bool        // refuse the waiting GET: the WebSocket took over before it
	probe   probeEffect // what becomes of the probing WebSocket
	ws      []item      // write this to the WebSocket
	closed  bool        // the session has just ended: reason and err of the machine
	dropped int         // so many queued volatile messages made room for another
}

func newMachine(conf *machineConfig, r revision, c carrier, now time.Duration) machine {
	m := machine{conf: conf, revision: r, carrier: c}
	m.awaitHeartbeat(now)
	return m
}

// step takes one event and says what is to be done about it.
func (m *machine) step(ev event, now time.Duration) (eff effects) {
	if m.life == closed {
		eff.refused = ErrClosed
		return eff
	}
	switch ev.kind {
	case evSend:
		m.send(ev.item, &eff)
	case evFlush:
		m.pump(&eff)
	case evHold:
		m.held = true
	case evRelease:
		m.held = false
		m.pump(&eff)
	case evPause:
		m.pause(now)
	case evResume:
		m.resume(now)
	case evWritten:
		m.written(ev, &eff)
	case evBlocked:
		m.wsBlocked = true
	case evClose, evShutdown:
		m.close(ev, now, &eff)
	case evAbort, evGone:
		m.end(ev.reason, ev.err, closeAnswer, &eff)
	default:
		m.receive(ev, now, &eff)
	}
	return eff
}

// receive takes the events that come from the client or from the clock. What is
// overdue happens first: a client that comes too late finds no session, even if
// no timer has fired yet.
func (m *machine) receive(ev event, now time.Duration, eff *effects) {
	m.tick(now, eff)
	if m.life == closed {
		eff.refused = ErrClosed
		return
	}
	switch ev.kind {
	case evPoll:
		m.pollArrived(now, eff)
	case evPollAbort:
		if m.pollWaiting {
			m.pollWaiting = false
			m.end(ReasonTransportError, errPollAborted, nil, eff)
		}
	case evPollFree:
		m.releasePoll(eff)
	case evPollDone:
		m.pollWritten(ev.err, now, eff)
	case evPost:
		m.postArrived(eff)
	case evPostDone:
		m.posting = false
		if ev.err != nil {
			m.end(ReasonTransportError, ev.err, closeAnswer, eff)
		}
	case evActivity:
		m.grace(now)
	case evPacket:
		m.packet(ev.packet, now, eff)
	case evBadPacket:
		m.end(ReasonParseError, ev.err, closeAnswer, eff)
	case evProbe:
		m.probeArrived(now, eff)
	case evProbeInput:
		m.probeInput(ev.packet, now, eff)
	case evProbeGone:
		m.upgrade, m.probeBy, m.noopAt = noUpgrade, 0, 0
	}
}

// close begins an orderly end: what is queued still goes out.
func (m *machine) close(ev event, now time.Duration, eff *effects) {
	if m.life == open {
		m.life, m.reason, m.err = closing, ev.reason, ev.err
		m.closeBy = now + m.conf.closeTimeout
	}
	if ev.kind == evShutdown && m.carrier == onPolling && len(m.queue) == 0 {
		m.closeBy = min(m.closeBy, now+farewellDelay)
	}
	m.pump(eff)
}

// end ends the session now. A waiting GET is answered with farewell.
func (m *machine) end(reason Reason, err error, farewell []item, eff *effects) {
	if m.life != closing {
		m.reason, m.err = reason, err
	}
	m.life = closed
	eff.closed = true
	if m.pollWaiting {
		eff.poll = append(eff.poll, farewell...)
		m.pollWaiting = false
	}
	if m.upgrade != noUpgrade {
		eff.probe = probeFailed
		m.upgrade = noUpgrade
	}
	m.queue, m.size, m.count, m.lent = nil, 0, 0, 0
	m.pingAt, m.pongBy, m.probeBy, m.noopAt, m.closeBy = 0, 0, 0, 0, 0
}
