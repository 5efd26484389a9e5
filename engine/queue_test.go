package engine

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// stuckClient opens a session whose client has stopped to read: the flusher waits.
func stuckClient(h *host) *endpoint {
	h.t.Helper()
	_, e := h.connect()
	e.text(strings.Repeat("x", 5000)) // more than the connection takes
	h.until(e, "the flusher works", func(m *machine) bool { return m.wsWriting })
	return e
}

const stuckSize = 5005 // of the message that stuckClient sends, with its header

func TestQueuePolicies(t *testing.T) {
	kilo := textMessage(strings.Repeat("k", 995)) // 1000 bytes as a frame
	if kilo.Size() != 1000 {
		t.Fatal(kilo.Size())
	}
	volatile := SendOptions{Volatile: true}
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{MaxQueue: stuckSize + 3*1000 + 3*messageCost}, memoryOf(500))
		e := stuckClient(h)
		for range 3 {
			if err := e.Send(kilo, SendOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.Send(kilo, SendOptions{}); err != ErrQueueFull {
			t.Errorf("Send = %v", err)
		}
		e.expect("closed send queue full")
		if s := h.engine.Stats(); s.QueueFull != 1 || s.VolatileDropped != 0 {
			t.Errorf("%+v", s)
		}
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{MaxQueue: 10_000, QueuePolicy: QueueError}, memoryOf(500))
		e := stuckClient(h)
		accepted := 0
		for range 20 {
			if err := e.Send(kilo, SendOptions{}); err == nil {
				accepted++
			} else if err != ErrQueueFull {
				t.Fatal(err)
			}
		}
		if s := h.engine.Stats(); accepted != 4 || s.QueueFull != 16 {
			t.Errorf("%d accepted, %+v", accepted, s)
		}
		e.quiet() // the session goes on
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{MaxQueue: 10_000, QueuePolicy: QueueDropVolatile}, memory)
		e := h.open() // no GET waits, so volatile messages go no further than this
		if err := e.Send(kilo, volatile); err != ErrDropped {
			t.Errorf("a volatile message to a client that does not poll: %v", err)
		}
		c, e := h.connect()
		e.Hold()
		e.Enqueue(kilo, SendOptions{})
		for range 7 {
			if err := e.Enqueue(kilo, volatile); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.Enqueue(textMessage(strings.Repeat("m", 2500)), SendOptions{}); err != nil {
			t.Errorf("Enqueue = %v though there was something to drop", err)
		}
		if s := h.engine.Stats(); s.VolatileDropped != 1+2 || s.QueueFull != 0 {
			t.Errorf("%+v", s)
		}
		e.Release()
		for range 6 {
			c.expect("4" + strings.Repeat("k", 995))
		}
		c.expect("4" + strings.Repeat("m", 2500))
		h.settled(e)
		e.Hold()
		for range 8 {
			e.Enqueue(kilo, SendOptions{})
		}
		if err := e.Enqueue(textMessage(strings.Repeat("m", 2500)), SendOptions{}); err != ErrQueueFull {
			t.Errorf("Enqueue = %v though there was nothing to drop", err)
		}
		e.expect("closed send queue full")
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{MaxQueue: 10_000}, memory)
		_, e := h.connect()
		if err := e.text(strings.Repeat("x", 10_000)); err != ErrQueueFull {
			t.Errorf("a message larger than the queue may be: %v", err)
		}
		e.quiet() // it would not help to disconnect
		if err := e.text(strings.Repeat("x", 9_990)); err != nil {
			t.Errorf("a message as large as the queue may be: %v", err)
		}
	})
}

func TestVolatileIsDroppedForABusyWebSocket(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memoryOf(500))
		e := stuckClient(h)
		if err := e.Send(textMessage("v"), SendOptions{Volatile: true}); err != ErrDropped {
			t.Errorf("Send = %v", err)
		}
		if n := h.engine.Stats().VolatileDropped; n != 1 {
			t.Errorf("%d counted", n)
		}
	})
}

// TestVolatileDuringAWriteThatDoesNotWait is not lost: two broadcasts at once must not
// cost a client that keeps up one of them.
func TestVolatileDuringAWriteThatDoesNotWait(t *testing.T) {
	m := newMachine(testConf, revision4, onWebSocket, 1)
	volatile := event{kind: evSend, item: item{msg: numbered[0], volatile: true}}
	m.step(event{kind: evSend, item: item{msg: numbered[1]}}, 1)
	if lent := m.step(event{kind: evFlush}, 1).ws; len(lent) != 1 {
		t.Fatalf("%d messages lent", len(lent))
	}
	if err := m.step(volatile, 1).refused; err != nil {
		t.Errorf("while somebody writes: %v", err)
	}
	m.step(event{kind: evBlocked}, 1)
	if err := m.step(volatile, 1).refused; err != ErrDropped {
		t.Errorf("while a write is stuck: %v", err)
	}
	if lent := m.step(event{kind: evWritten}, 1).ws; len(lent) != 1 {
		t.Errorf("%d messages lent after the write, want the volatile one", len(lent))
	}
	if err := m.step(volatile, 1).refused; err != nil {
		t.Errorf("while somebody writes again: %v", err)
	}
}

// TestClientThatNeverReads is given up although it keeps the connection open.
func TestClientThatNeverReads(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memoryOf(500))
		start := time.Now()
		_, e := h.connect()
		time.Sleep(time.Second) // so that it is the heartbeat that notices, not the write
		e.text(strings.Repeat("x", 5000))
		e.expect("closed ping timeout")
		if d := since(start); d != 45*time.Second {
			t.Errorf("closed after %v", d)
		}
		time.Sleep(hurryTime)
		synctest.Wait()
		h.engine.mu.Lock()
		defer h.engine.mu.Unlock()
		if n := len(h.engine.conns); n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}

// inPieces returns a message that refers to parts of its text.
func inPieces(s string) *frame.Message {
	var b frame.Builder
	b.BeginText()
	third := len(s) / 3
	b.Refer(len(b.Buf), []byte(s[:third]))
	b.Buf = append(b.Buf, s[third:2*third]...)
	b.Refer(len(b.Buf), []byte(s[2*third:]))
	b.EndText()
	return b.Message()
}

func TestOrderAcrossTheFlusher(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{MaxQueue: 64 << 20}, n)
		c, e := h.connect()
		var want []string
		for i := range 200 {
			s := strings.Repeat(string(rune('a'+i%26)), 8*i*i) // in all, more than any connection takes at once
			want = append(want, "4"+s)
			m := textMessage(s)
			if i%2 == 0 {
				m = inPieces(s)
			}
			if err := e.Send(m, SendOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		c.expect(want...)
	})
}

func TestPingIsNotHeld(t *testing.T) {
	m := newMachine(testConf, revision4, onWebSocket, 0)
	m.step(event{kind: evHold}, 0)
	m.step(event{kind: evSend, item: item{msg: numbered[0]}}, 0)
	if eff := m.step(event{kind: evFlush}, 0); eff.ws != nil {
		t.Fatal("not held")
	}
	if eff := m.step(event{kind: evTick}, testConf.pingInterval); len(eff.ws) != 2 {
		t.Errorf("the ping is held: %v", eff.ws)
	}
}

func TestMessagesWithAttachmentsStayTogether(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		var b frame.Builder
		b.BeginText()
		b.Buf = append(b.Buf, `51-["x",{"_placeholder":true,"num":0}]`...)
		b.EndText()
		b.Binary([]byte{1})
		m := b.Message()
		e.Send(m, SendOptions{})
		e.text("next")
		h.get(e).want(t, 200, "4"+`51-["x",{"_placeholder":true,"num":0}]`+"\x1ebAQ==\x1e4next")
	})
}
