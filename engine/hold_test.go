//go:build !nogathering

package engine

import (
	"math/rand/v2"
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

// TestHoldsOfManySessions holds and releases sessions at random: each knows its place,
// and none is held for more than two ticks.
func TestHoldsOfManySessions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		sessions := make([]*endpoint, 20)
		for i := range sessions {
			sessions[i] = h.open()
		}
		since := make(map[*Session]time.Time)
		r := rand.New(rand.NewPCG(1, 2))
		check := func(step int) {
			w := &h.engine.holds
			w.mu.Lock()
			defer w.mu.Unlock()
			held := 0
			for _, e := range sessions {
				if e.hold == 0 {
					delete(since, e.Session)
					continue
				}
				held++
				if e.hold > len(w.held) || w.held[e.hold-1].session != e.Session {
					t.Fatalf("step %d: a session does not stand at its place, %d", step, e.hold)
				}
				if d := time.Since(since[e.Session]); d > 2*holdTick {
					t.Fatalf("step %d: a session is held for %v", step, d)
				}
			}
			if held != len(w.held) {
				t.Fatalf("step %d: %d sessions are held, %d are listed", step, held, len(w.held))
			}
		}
		for step := range 3000 {
			s := sessions[r.IntN(len(sessions))].Session
			switch r.IntN(7) {
			case 0:
				time.Sleep(holdTick)
				synctest.Wait()
			case 1, 2:
				s.Release()
				if s.hold != 0 {
					t.Fatalf("step %d: a session is held after its release", step)
				}
			default:
				if s.Hold(); s.hold == 0 {
					t.Fatalf("step %d: a session is not held", step)
				}
				if _, held := since[s]; !held {
					since[s] = time.Now()
				}
			}
			check(step)
		}
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
