package session

import (
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// machine is the state of an open session, and everything that decides: what is
// sent when and over which transport, and when the session ends. An [event] and the
// time go in, [effects] come out.
//
// A session begins on polling or on WebSocket. One that began on polling may be
// taken over by a WebSocket:
//
//	probing   the WebSocket is being opened, or "3probe" is awaited on it
//	draining  "3probe" came; no request is started any more but a POST that was due
//	(none)    nothing was under way any more: "5" is sent, the WebSocket carries
//
// The machine owns the outgoing queue. When there is something to send, a writer is
// started; it asks for work, is lent the whole queue, and asks again when that is
// written, until there is nothing more. So what is sent in quick succession leaves in
// few writes: all of it that was queued by the time the writer came.
type machine struct {
	conf *machineConfig

	life    life
	carrier carrier
	upgrade upgradePhase

	queue  []item
	size   int           // bytes queued or lent
	lent   int           // the part of size that is lent
	lentAt time.Duration // when that was lent

	getting bool // a GET is under way
	posting bool // a writer makes POSTs, or is about to
	writing bool // a writer writes to the WebSocket, or is about to
	paused  bool // the application does not want more input for now

	// Deadlines, in time since the session began; 0 is unset.
	pingBy  time.Duration // the next ping of the server is overdue
	probeBy time.Duration // the upgrade must be complete
	closeBy time.Duration // closing: patience ends

	goodbye bool // closing on polling: the close packet is queued or sent
	aborted bool // the application has no patience for an orderly end
	reason  Reason
	err     error
}

// machineConfig does not change while the session lives.
type machineConfig struct {
	heartbeat      time.Duration // the longest time between two pings
	upgradeTimeout time.Duration
	closeTimeout   time.Duration
	maxQueue       int
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

type upgradePhase uint8

const (
	noUpgrade upgradePhase = iota
	probing
	draining
)

// item is one entry of the outgoing queue.
type item struct {
	msg        *frame.Message
	volatile   bool
	force      bool // not subject to the bound of the queue
	noCompress bool
}

// Packets of the protocol itself. They are read only and shared by all sessions.
var (
	pongPacket    = frame.Control(frame.Pong, "")
	closePacket   = frame.Control(frame.Close, "")
	upgradePacket = frame.Control(frame.Upgrade, "")
	probePacket   = frame.Control(frame.Ping, probeData)
)

const probeData = "probe"

type eventKind uint8

const (
	evStart     eventKind = iota // the session is open; upgradable says whether a probe is begun
	evSend                       // item is to be sent
	evPause                      // the application wants no more input
	evResume                     // it wants input again
	evGot                        // a GET has ended and its packets were taken, or err
	evPosted                     // the writer of POSTs has sent what it was lent, or err; it asks for more
	evWritten                    // the writer of the WebSocket has written what it was lent; it asks for more
	evGone                       // the WebSocket failed or was closed: reason, err
	evPacket                     // a packet that is not a message arrived
	evWSPing                     // a WebSocket ping arrived: item is the answer
	evBad                        // something arrived that is no packet: err
	evProbed                     // "3probe" arrived on the probing WebSocket
	evProbeFail                  // the probing WebSocket failed
	evClose                      // close when the queue is empty
	evAbort                      // close now: reason, err
	evTick                       // a deadline may have passed
)

// event is one input of the machine. Which fields are used depends on kind.
type event struct {
	kind       eventKind
	item       item
	packet     frame.Packet
	upgradable bool
	reason     Reason
	err        error
}

type probeEffect uint8

const (
	probeKept  probeEffect = iota
	probeBegin             // open a WebSocket and send "2probe" on it
	probeAdopt             // it carries the session from now on
	probeDrop              // close it; the session goes on with polling
)

// effects is what one step asks the session to do, in the order of the fields.
type effects struct {
	refused error // the event was not accepted, and why
	probe   probeEffect
	get     bool   // start a GET
	post    bool   // start a writer of POSTs, which then reports evPosted
	write   bool   // start a writer of the WebSocket, which then reports evWritten
	lent    []item // what the writer that has just reported is to send; it ends if there is nothing
	closed  bool   // the session has just ended: reason and err of the machine
}

func newMachine(conf *machineConfig, c carrier) machine {
	return machine{conf: conf, carrier: c, pingBy: conf.heartbeat}
}

// step takes one event and says what is to be done about it. What is overdue
// happens first: a session whose ping is overdue is dead, even if no timer has fired
// yet because the whole machine was asleep.
func (m *machine) step(ev event, now time.Duration) (eff effects) {
	if m.life != closed {
		m.tick(now, &eff)
	}
	if m.life == closed {
		eff.refused = ErrClosed
		return eff
	}
	switch ev.kind {
	case evStart:
		m.start(ev.upgradable, now, &eff)
	case evSend:
		m.send(ev.item, now, &eff)
	case evPause:
		m.paused = true
	case evResume:
		m.resume(now)
	case evClose:
		m.close(now, &eff)
	case evAbort, evGone:
		m.aborted = ev.kind == evAbort && ev.reason == ReasonForcedClose
		m.end(ev.reason, ev.err, &eff)
	default:
		m.receive(ev, now, &eff)
	}
	if m.life != closed {
		m.pump(&eff)
	}
	return eff
}

// receive takes the events that come from the server.
func (m *machine) receive(ev event, now time.Duration, eff *effects) {
	switch ev.kind {
	case evGot:
		m.getting = false
		m.failed(ev.err, eff)
	case evPosted:
		starting := m.lent == 0
		m.returned()
		m.failed(ev.err, eff)
		if m.upgrade != draining || starting { // what was to be sent before is not held up
			eff.lent = m.lend(now)
		}
		m.posting = len(eff.lent) > 0
	case evWritten:
		m.returned()
		eff.lent = m.lend(now)
		m.writing = len(eff.lent) > 0
	case evPacket:
		m.packet(ev.packet, now, eff)
	case evWSPing:
		m.control(ev.item.msg, eff)
	case evBad:
		m.end(ReasonParseError, ev.err, eff)
	case evProbed:
		if m.upgrade == probing {
			m.upgrade = draining
		} else {
			eff.refused = errProbeLate
		}
	case evProbeFail:
		m.upgrade, m.probeBy = noUpgrade, 0
	}
}

func (m *machine) start(upgradable bool, now time.Duration, eff *effects) {
	if upgradable && m.carrier == onPolling && m.life == open {
		m.upgrade = probing
		m.probeBy = now + m.conf.upgradeTimeout
		eff.probe = probeBegin
	}
}

// failed ends the session if a request has failed.
func (m *machine) failed(err error, eff *effects) {
	if err != nil {
		m.end(ReasonTransportError, err, eff)
	}
}

// close begins an orderly end: what is queued still goes out.
func (m *machine) close(now time.Duration, eff *effects) {
	if m.life != open {
		return
	}
	m.life, m.reason = closing, ReasonForcedClose
	m.closeBy = now + m.conf.closeTimeout
	m.dropProbe(eff)
}

func (m *machine) dropProbe(eff *effects) {
	if m.upgrade != noUpgrade {
		m.upgrade, m.probeBy = noUpgrade, 0
		eff.probe = probeDrop
	}
}

// end ends the session now.
func (m *machine) end(reason Reason, err error, eff *effects) {
	if m.life != closing {
		m.reason, m.err = reason, err
	}
	m.life = closed
	m.dropProbe(eff)
	m.queue, m.size, m.lent = nil, 0, 0
	m.pingBy, m.closeBy = 0, 0
	eff.get, eff.post, eff.write, eff.lent = false, false, false, nil
	eff.closed = true
}
