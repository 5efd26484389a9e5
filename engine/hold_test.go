//go:build !nogathering

package engine

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestHoldEndsByItself after two ticks of its server, and not at the first one.
func TestHoldEndsByItself(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		c, e := h.connect()
		queued := func() int {
			synctest.Wait()
			e.mu.Lock()
			defer e.mu.Unlock()
			return len(e.machine.queue)
		}
		e.Hold()
		e.text("held")
		time.Sleep(2*holdTick - time.Nanosecond)
		if n := queued(); n != 1 {
			t.Errorf("%d messages are held, want 1", n)
		}
		time.Sleep(time.Nanosecond)
		if n := queued(); n != 0 {
			t.Errorf("%d messages are still held", n)
		}
		c.expect("4held")
	})
}

// TestHoldOfAClosedServer starts nothing that nobody would wait for.
func TestHoldOfAClosedServer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		_, e := h.connect()
		h.engine.Close()
		e.Hold()
		if w := &h.engine.holds; w.ticking || len(w.held) > 0 {
			t.Error("a session of a closed server is watched")
		}
	})
}

func TestHoldGathers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		c, e := h.connect()
		lent := func() (queued int) {
			e.mu.Lock()
			defer e.mu.Unlock()
			return len(e.machine.queue)
		}
		e.Hold()
		e.text("one")
		e.text("two")
		if lent() != 2 {
			t.Errorf("%d messages are held, want 2", lent())
		}
		e.Release()
		c.expect("4one", "4two")
		synctest.Wait()

		e.Release() // without a hold it is harmless
		e.Hold()
		e.text("three")
		start := time.Now()
		c.expect("4three") // the watchdog
		if d := since(start); d > time.Millisecond || d < holdTick {
			t.Errorf("held for %v", d)
		}
		e.text("four") // and the hold is over
		if c.expect("4four"); since(start) > time.Millisecond {
			t.Error("still held after the watchdog")
		}
		synctest.Wait()

		e.Hold()
		start = time.Now()
		e.text(strings.Repeat("x", holdLimit-10))
		if lent() != 1 {
			t.Error("not held")
		}
		e.text("and more")
		c.expect("4"+strings.Repeat("x", holdLimit-10), "4and more") // enough for a write
		if d := since(start); d != 0 {
			t.Errorf("held for %v", d)
		}
		synctest.Wait()
		e.text("held still")
		e.Close(ReasonForcedClose) // is not held
		c.expect("4held still")
		c.expectClose(0)
		if d := since(start); d != 0 {
			t.Errorf("held for %v", d)
		}
	})
}
