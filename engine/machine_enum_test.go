package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// world is a machine together with everything around it that a session, its
// transports and its client would keep: who waits, what is lent, what the client
// has been given. TestEveryInterleaving walks through all worlds that can be
// reached by any order of events, and checks after each step what must hold.
type world struct {
	m   machine
	now time.Duration

	sent     int    // messages accepted so far; they are numbered from 0
	given    int    // the number the client must be given next
	pongs    int    // answers to the client's pings that it was given
	polled   []item // lent to a GET whose answer is being written
	written  []item // lent to the WebSocket and being written
	polling  bool   // a GET waits
	lentPoll bool   // polled is lent
	posting  bool
	probe    bool // a WebSocket probes
	pongSent bool // the probe was answered
	idle     bool // a flush, or what is as good, came after the last emit
	closed   int
	emits    int // what is left of the budget that keeps the walk finite
	volatile int
	ticks    int
}

var testConf = &machineConfig{
	pingInterval: 300 * time.Millisecond, pingTimeout: 200 * time.Millisecond,
	upgradeTimeout: 150 * time.Millisecond, closeTimeout: 400 * time.Millisecond,
	maxQueue: 1 << 20,
}

// numbered are the messages that are sent; which is which is told by identity.
var numbered = func() (m []*frame.Message) {
	for i := range 8 {
		m = append(m, frame.Control(frame.Data, fmt.Sprint(i)))
	}
	return m
}()

type move struct {
	name string
	can  func(w *world) bool
	ev   func(w *world) event
}

var errTest = errors.New("test")

func always(*world) bool { return true }

func plain(name string, kind eventKind) move {
	return move{name, always, func(*world) event { return event{kind: kind, reason: ReasonForcedClose, err: errTest} }}
}

func packet(name string, kind eventKind, t frame.Type, data string, can func(*world) bool) move {
	return move{name, can, func(*world) event {
		return event{kind: kind, packet: frame.Packet{Type: t, Data: []byte(data)}}
	}}
}

func moves() []move {
	probe := func(w *world) bool { return w.probe }
	return []move{
		{"emit", func(w *world) bool { return w.emits > 0 }, func(w *world) event {
			w.emits--
			return event{kind: evSend, item: item{msg: numbered[w.sent]}}
		}},
		{"volatile", func(w *world) bool { return w.volatile > 0 }, func(w *world) event {
			w.volatile--
			return event{kind: evSend, item: item{msg: numbered[w.sent], volatile: true}}
		}},
		plain("flush", evFlush), plain("hold", evHold), plain("release", evRelease),
		plain("pause", evPause), plain("resume", evResume),
		plain("GET", evPoll),
		{"abort GET", func(w *world) bool { return w.polling }, func(*world) event { return event{kind: evPollAbort} }},
		{"free GET", func(w *world) bool { return w.polling }, func(*world) event { return event{kind: evPollFree} }},
		{"GET written", func(w *world) bool { return w.lentPoll }, func(w *world) event {
			w.lentPoll, w.polled = false, nil
			return event{kind: evPollDone}
		}},
		{"GET broken", func(w *world) bool { return w.lentPoll }, func(w *world) event {
			w.lentPoll, w.polled = false, nil
			return event{kind: evPollDone, err: errTest}
		}},
		plain("POST", evPost),
		{"POST done", func(w *world) bool { return w.posting }, func(w *world) event {
			w.posting = false
			return event{kind: evPostDone}
		}},
		{"POST broken", func(w *world) bool { return w.posting }, func(w *world) event {
			w.posting = false
			return event{kind: evPostDone, err: errTest}
		}},
		plain("message", evActivity),
		packet("pong", evPacket, frame.Pong, "", always),
		packet("ping", evPacket, frame.Ping, "", always),
		packet("leave", evPacket, frame.Close, "", always),
		packet("stray 5", evPacket, frame.Upgrade, "", always),
		plain("garbage", evBadPacket),
		plain("probe", evProbe),
		packet("2probe", evProbeInput, frame.Ping, "probe", probe),
		packet("5", evProbeInput, frame.Upgrade, "", probe),
		packet("early message", evProbeInput, frame.Data, "x", probe),
		{"probe gone", probe, func(w *world) event {
			w.probe, w.pongSent = false, false
			return event{kind: evProbeGone}
		}},
		{"written", func(w *world) bool { return w.written != nil }, func(w *world) event {
			spare := w.written
			w.written = nil
			return event{kind: evWritten, spare: spare}
		}},
		{"gone", func(w *world) bool { return w.m.carrier == onWebSocket }, func(w *world) event {
			w.written = nil
			return event{kind: evGone, reason: ReasonTransportClose}
		}},
		{"blocked", func(w *world) bool { return w.written != nil }, func(*world) event { return event{kind: evBlocked} }},
		plain("close", evClose), plain("shutdown", evShutdown), plain("abort", evAbort),
		{"next deadline", func(w *world) bool { return w.ticks > 0 && w.m.deadline() != 0 }, func(w *world) event {
			w.ticks--
			w.now = max(w.now, w.m.deadline())
			return event{kind: evTick}
		}},
		{"late timers", func(w *world) bool { return w.ticks > 0 }, func(w *world) event {
			w.ticks--
			w.now += 600 * time.Millisecond
			return event{kind: evActivity}
		}},
	}
}

// take applies one move, as a session would, and returns what is wrong.
func (w *world) take(mv move) error {
	ev := mv.ev(w)
	wasClosed := w.m.life == closed
	if ev.kind == evPoll { // as pollArrived does
		if err := w.apply(event{kind: evTick}, w.m.step(event{kind: evTick}, w.now)); err != nil {
			return err
		}
	}
	overdue := !w.m.paused && due(w.m.pongBy, w.now)
	pongs := w.pongs + w.queuedPongs()
	eff := w.m.step(ev, w.now)
	if overdue && ev.kind >= evPoll && w.m.life != closed {
		return errors.New("an event was accepted after the pong's deadline")
	}
	if wasClosed && (eff.refused == nil || eff.closed || eff.poll != nil || eff.ws != nil) {
		return fmt.Errorf("a closed session did something: %+v", eff)
	}
	if err := w.apply(ev, eff); err != nil {
		return err
	}
	if ping := ev.kind == evPacket && ev.packet.Type == frame.Ping; ping && w.m.life == open {
		if w.m.revision == revision4 || w.pongs+w.queuedPongs() != pongs+1 {
			return errors.New("a ping was not answered as it must be")
		}
	}
	return w.check()
}

func (w *world) queuedPongs() (n int) {
	for _, it := range w.m.queue {
		if it.msg == pongPacket.msg {
			n++
		}
	}
	return n
}

func (w *world) apply(ev event, eff effects) error {
	if eff.refused == nil {
		switch ev.kind {
		case evSend:
			w.sent++
			w.idle = false
		case evFlush, evRelease:
			w.idle = true
		case evPoll:
			w.polling = true
		case evPollAbort:
			w.polling = false
		case evPost:
			w.posting = true
		case evProbe:
			if w.probe {
				return errors.New("two probes at once")
			}
			w.probe = true
		}
	}
	if eff.poll != nil {
		if !w.polling {
			return errors.New("an answer, but no GET waits")
		}
		if w.lentPoll && !eff.closed && eff.probe != probeAdopt {
			return errors.New("a second answer while the first is being written")
		}
		w.polling = false
		if !w.lentPoll {
			w.lentPoll, w.polled = true, eff.poll
		}
		if err := w.give(eff.poll); err != nil {
			return fmt.Errorf("GET: %w", err)
		}
	}
	if eff.crossed {
		if !w.polling || eff.probe != probeAdopt || eff.poll != nil {
			return errors.New("a GET is refused that does not wait")
		}
		w.polling = false
	}
	switch eff.probe {
	case probePong:
		w.pongSent = true
	case probeFailed:
		if !w.probe {
			return errors.New("a probe failed that is not there")
		}
		w.probe, w.pongSent = false, false
	case probeAdopt:
		if !w.pongSent {
			return errors.New("a WebSocket took over without having been probed")
		}
		w.probe, w.pongSent = false, false
	}
	if eff.ws != nil {
		if w.written != nil {
			return errors.New("two writes at once")
		}
		w.written = eff.ws
		if err := w.give(eff.ws); err != nil {
			return fmt.Errorf("WebSocket: %w", err)
		}
	}
	if eff.closed {
		w.closed++
	}
	return nil
}

// give hands messages to the client, who knows which one is next.
func (w *world) give(items []item) error {
	for _, it := range items {
		if it.msg == pongPacket.msg {
			w.pongs++
		}
		n := slices.Index(numbered, it.msg)
		if n < 0 {
			continue // a packet of the protocol
		}
		if n != w.given {
			return fmt.Errorf("message %d came when %d was due", n, w.given)
		}
		w.given++
	}
	return nil
}

// check is what holds in every world.
func (w *world) check() error {
	m := &w.m
	if m.life == closed {
		if w.closed != 1 {
			return fmt.Errorf("closed %d times", w.closed)
		}
		if m.deadline() != 0 || len(m.queue) != 0 || w.polling || w.probe {
			return errors.New("something is left of a closed session")
		}
		return nil
	}
	queued, size := 0, 0
	for _, it := range m.queue {
		size += it.msg.Size()
		if slices.Contains(numbered, it.msg) {
			queued++
		}
	}
	switch {
	case w.closed != 0:
		return errors.New("told to be closed, but is not")
	case w.given+queued != w.sent:
		return fmt.Errorf("%d sent, %d given, %d queued", w.sent, w.given, queued)
	case m.size-m.lent != size:
		return fmt.Errorf("%d bytes queued, counted %d", size, m.size-m.lent)
	case m.pollWaiting != w.polling || m.posting != w.posting || m.pollWriting != w.lentPoll:
		return errors.New("the machine is mistaken about the polls")
	case (m.upgrade != noUpgrade) != w.probe:
		return errors.New("the machine is mistaken about the probe")
	case m.wsWriting != (w.written != nil):
		return errors.New("the machine is mistaken about the WebSocket")
	case m.deadline() == 0 && !m.paused:
		return errors.New("no deadline is set")
	}
	canGo := m.carrier == onPolling && w.polling && !w.lentPoll || m.carrier == onWebSocket && w.written == nil
	if canGo && (m.urgent || w.queuedPongs() > 0) {
		return errors.New("a ping or a pong is stuck")
	}
	if canGo && w.idle && !m.held && len(m.queue) > 0 {
		return errors.New("messages are stuck")
	}
	if canGo && m.life == closing {
		return errors.New("a closing session waits for nothing")
	}
	return nil
}

// key tells worlds apart, whatever the absolute time is.
func (w *world) key() string {
	m := &w.m
	var b strings.Builder
	fmt.Fprint(&b, m.life, m.carrier, m.upgrade, m.urgent, m.held, m.paused, m.pollWaiting, m.pollWriting, m.posting,
		m.wsWriting, m.wsBlocked, m.graced, m.leaving, w.idle, w.sent-w.given, w.emits, w.volatile, w.ticks, w.polling, w.lentPoll, w.posting, w.probe,
		w.pongSent, w.written != nil, w.closed)
	for _, it := range m.queue {
		fmt.Fprint(&b, it.volatile, it.msg == pingPacket.msg, it.msg == pongPacket.msg)
	}
	for _, d := range []time.Duration{m.pingAt, m.pongBy, m.probeBy, m.noopAt, m.closeBy} {
		if d != 0 {
			d -= w.now
		} else {
			d = -1 << 62
		}
		fmt.Fprint(&b, " ", d)
	}
	return b.String()
}

func (w *world) clone() *world {
	c := *w
	c.m.queue = slices.Clone(w.m.queue)
	c.written = slices.Clone(w.written)
	return &c
}

func TestEveryInterleaving(t *testing.T) {
	depth := 8
	if testing.Short() || raceEnabled {
		depth = 6
	}
	for _, c := range []struct {
		revision revision
		carrier  carrier
		depth    int
	}{
		{revision4, onPolling, depth}, {revision4, onWebSocket, depth},
		// What is different is only the heartbeat.
		{revision3, onPolling, depth - 2}, {revision3, onWebSocket, depth - 1},
	} {
		t.Run(fmt.Sprintf("revision %d, carrier %d", c.revision, c.carrier), func(t *testing.T) {
			first := &world{m: newMachine(testConf, c.revision, c.carrier, 1), now: 1, emits: 3, volatile: 1, ticks: 3}
			explore(t, first, c.depth)
		})
	}
}

// explore walks breadth first, so that the first violation has the shortest path.
func explore(t *testing.T, first *world, depth int) {
	type node struct {
		w    *world
		prev *node
		move string
	}
	seen := map[string]bool{first.key(): true}
	level := []*node{{w: first}}
	steps := 0
	all := moves()
	for d := 0; d < depth && len(level) > 0; d++ {
		var next []*node
		for _, n := range level {
			for _, mv := range all {
				if !mv.can(n.w) {
					continue
				}
				steps++
				w := n.w.clone()
				if err := w.take(mv); err != nil {
					path := []string{mv.name}
					for p := n; p.prev != nil; p = p.prev {
						path = append(path, p.move)
					}
					slices.Reverse(path)
					t.Fatalf("%s: %v", strings.Join(path, " > "), err)
				}
				if k := w.key(); !seen[k] && w.m.life != closed {
					seen[k] = true
					next = append(next, &node{w, n, mv.name})
				}
			}
		}
		level = next
	}
	t.Logf("%d worlds, %d steps, %d worlds left at depth %d", len(seen), steps, len(level), depth)
}
