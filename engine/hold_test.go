package engine

import (
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
		if w := &h.engine.holds; w.ticking || w.first != nil {
			t.Error("a session of a closed server is watched")
		}
	})
}
