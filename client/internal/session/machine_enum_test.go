package session

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// world is a machine together with what is around it: the requests and writes that
// are under way, and what the server has been given.
type world struct {
	m   machine
	now time.Duration

	getting bool
	posting bool   // a writer of POSTs lives
	writing bool   // a writer of the WebSocket lives
	lent    []item // what the writer that lives is sending
	probe   bool   // a probing WebSocket exists, or is being opened
	ponged  bool   // "3probe" came on it
	sent    int    // messages accepted so far; they are numbered from 0
	given   int    // the number that the server must be given next
	closed  bool
	emits   int // what is left of the budgets that keep the walk finite
	ticks   int
	pings   int
}

var testConf = &machineConfig{
	heartbeat: 500 * time.Millisecond, upgradeTimeout: 150 * time.Millisecond,
	closeTimeout: 400 * time.Millisecond, maxQueue: 1 << 20,
}

var numbered = func() (m []*frame.Message) {
	for i := range 8 {
		m = append(m, frame.Control(frame.Data, fmt.Sprint(i)))
	}
	return m
}()

var errTest = errors.New("test")

type move struct {
	name string
	can  func(w *world) bool
	ev   func(w *world) event
}

func always(*world) bool { return true }

var moves = []move{
	{"emit", func(w *world) bool { return w.emits > 0 }, func(w *world) event {
		w.emits--
		return event{kind: evSend, item: item{msg: numbered[w.sent]}}
	}},
	{"volatile", func(w *world) bool { return w.emits > 0 }, func(w *world) event {
		w.emits--
		return event{kind: evSend, item: item{msg: numbered[w.sent], volatile: true}}
	}},
	{"pause", always, func(*world) event { return event{kind: evPause} }},
	{"resume", always, func(*world) event { return event{kind: evResume} }},
	{"got", func(w *world) bool { return w.getting }, func(w *world) event {
		w.getting = false
		return event{kind: evGot}
	}},
	{"GET failed", func(w *world) bool { return w.getting }, func(w *world) event {
		w.getting = false
		return event{kind: evGot, err: errTest}
	}},
	{"posted", func(w *world) bool { return w.posting }, func(*world) event {
		return event{kind: evPosted}
	}},
	{"POST failed", func(w *world) bool { return len(w.lent) > 0 && w.posting }, func(*world) event {
		return event{kind: evPosted, err: errTest}
	}},
	{"written", func(w *world) bool { return w.writing }, func(*world) event {
		return event{kind: evWritten}
	}},
	{"gone", func(w *world) bool { return w.m.carrier == onWebSocket }, func(w *world) event {
		w.writing = false
		return event{kind: evGone, reason: ReasonTransportClose}
	}},
	{"ping", func(w *world) bool { return w.pings > 0 && (w.getting || w.m.carrier == onWebSocket) }, func(w *world) event {
		w.pings--
		return event{kind: evPacket, packet: frame.Packet{Type: frame.Ping}}
	}},
	{"server closes", func(w *world) bool { return w.getting }, func(*world) event {
		return event{kind: evPacket, packet: frame.Packet{Type: frame.Close}}
	}},
	{"garbage", always, func(*world) event { return event{kind: evBad, err: errTest} }},
	{"3probe", func(w *world) bool { return w.probe && !w.ponged }, func(w *world) event {
		w.ponged = true
		return event{kind: evProbed}
	}},
	{"probe failed", func(w *world) bool { return w.probe }, func(w *world) event {
		w.probe, w.ponged = false, false
		return event{kind: evProbeFail}
	}},
	{"close", always, func(*world) event { return event{kind: evClose} }},
	{"abort", always, func(*world) event { return event{kind: evAbort, reason: ReasonTransportError} }},
	{"next deadline", func(w *world) bool { return w.ticks > 0 && w.m.deadline() != 0 }, func(w *world) event {
		w.ticks--
		w.now = max(w.now, w.m.deadline())
		return event{kind: evTick}
	}},
}

// TestEveryInterleaving walks through everything that can happen, in any order, to a
// session that begins on polling and may be upgraded, or begins on WebSocket.
func TestEveryInterleaving(t *testing.T) {
	const depth = 9
	for _, c := range []carrier{onPolling, onWebSocket} {
		w := world{m: newMachine(testConf, c), emits: 3, ticks: 2, pings: 1}
		if err := w.take(event{kind: evStart, upgradable: true}); err != nil {
			t.Fatal(err)
		}
		seen := make(map[string]int)
		if path, err := walk(w, depth, seen); err != nil {
			t.Fatalf("carrier %d: %v after %v", c, err, path)
		}
		if len(seen) < 1000 && c == onPolling {
			t.Errorf("only %d states were seen", len(seen))
		}
	}
}

// walk tries every move. A state that was seen with at least as much depth left is
// not entered again.
func walk(w world, depth int, seen map[string]int) (path []string, err error) {
	key := w.key()
	if depth == 0 || seen[key] >= depth {
		return nil, nil
	}
	seen[key] = depth
	for _, mv := range moves {
		if !mv.can(&w) {
			continue
		}
		next := w.copy()
		if err := next.take(mv.ev(&next)); err != nil {
			return []string{mv.name}, err
		}
		if path, err := walk(next, depth-1, seen); err != nil {
			return append([]string{mv.name}, path...), err
		}
	}
	return nil, nil
}

func (w world) copy() world {
	w.m.queue = append([]item(nil), w.m.queue...)
	return w
}

func (w world) key() string {
	m := w.m
	m.conf = nil
	return fmt.Sprint(m, w.now, w.getting, w.posting, w.writing, len(w.lent), w.probe, w.ponged, w.sent, w.given, w.closed, w.emits, w.ticks, w.pings)
}

// take lets the machine take an event, does what it asks for, and checks it.
func (w *world) take(ev event) error {
	eff := w.m.step(ev, w.now)
	if ev.kind == evSend && eff.refused == nil {
		w.sent++
	}
	if w.closed {
		if eff.get || eff.post || eff.write || eff.lent != nil || eff.probe != probeKept || eff.closed || eff.refused == nil {
			return fmt.Errorf("effects after the end: %+v", eff)
		}
		return nil
	}
	if ev.kind == evPosted || ev.kind == evWritten {
		if err := w.report(ev.kind, eff.lent); err != nil {
			return err
		}
	} else if eff.lent != nil {
		return errors.New("lent to nobody")
	}
	if err := w.perform(eff); err != nil {
		return err
	}
	return w.check()
}

func (w *world) perform(eff effects) error {
	switch eff.probe {
	case probeBegin:
		w.probe = true
	case probeDrop:
		w.probe, w.ponged = false, false
	case probeAdopt:
		if !w.ponged || w.getting || w.posting {
			return errors.New("the WebSocket takes over too early")
		}
		w.probe, w.ponged = false, false
		if !eff.write || w.m.queue[0].msg != upgradePacket {
			return errors.New(`"5" is not the first packet of the WebSocket`)
		}
	}
	if eff.get {
		if w.getting || w.m.carrier != onPolling || w.ponged {
			return errors.New("a GET too many")
		}
		w.getting = true
	}
	if eff.post {
		if w.posting || w.m.carrier != onPolling || w.ponged {
			return errors.New("a writer of POSTs too many")
		}
		w.posting = true
	}
	if eff.write {
		if w.writing || w.m.carrier != onWebSocket {
			return errors.New("a writer of the WebSocket too many")
		}
		w.writing = true
	}
	w.closed = eff.closed
	return nil
}

// report takes what a writer is lent that has just reported. Without work it ends.
func (w *world) report(kind eventKind, lent []item) error {
	starting := len(w.lent) == 0
	w.lent = lent
	if kind == evPosted {
		if w.ponged && len(lent) > 0 && !starting {
			return errors.New("a POST too many")
		}
		w.posting = len(lent) > 0
	} else {
		w.writing = len(lent) > 0
	}
	return w.give(lent)
}

// give gives the server what is lent, in this order.
func (w *world) give(items []item) error {
	for _, it := range items {
		for number, m := range numbered {
			if m != it.msg {
				continue
			}
			if number != w.given {
				return fmt.Errorf("message %d is sent instead of %d", number, w.given)
			}
			w.given++
		}
	}
	return nil
}

// check checks what must hold between two events.
func (w *world) check() error {
	m := &w.m
	if w.closed {
		if m.life != closed || m.reason == "" || w.probe || m.deadline() != 0 {
			return fmt.Errorf("a bad end: %+v", m)
		}
		return nil
	}
	size := m.lent
	for _, it := range m.queue {
		size += it.msg.Size()
	}
	switch {
	case m.life == closed:
		return errors.New("closed without saying so")
	case size != m.size:
		return fmt.Errorf("%d bytes are queued, and %d counted", size, m.size)
	case len(m.queue) > 0 && !w.posting && !w.writing && !w.ponged:
		return errors.New("something is queued and nobody sends it")
	case m.life == open && m.carrier == onPolling && !w.getting && !m.paused && !w.ponged:
		return errors.New("nobody polls")
	case m.life == closing && m.closeBy == 0:
		return errors.New("closing for ever")
	case w.ponged && m.probeBy == 0:
		return errors.New("draining for ever")
	case m.life == open && m.deadline() == 0 && !m.paused:
		return errors.New("no deadline")
	}
	return nil
}
