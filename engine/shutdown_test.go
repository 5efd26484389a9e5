package engine

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestShutdownWaitsForPollingSessions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		idle, between, waiting, busy, lost := h.open(), h.open(), h.open(), h.open(), h.open()
		poll := h.waitPoll(waiting)
		busy.text("last")
		lost.text("never fetched")
		done := make(chan error, 1)
		start := time.Now()
		go func() { done <- h.engine.Shutdown(context.Background()) }()
		synctest.Wait()
		h.get(between).want(t, 200, "1") // it was between two polls
		between.expect("closed server shutting down")
		waiting.expect("closed server shutting down")
		receive(t, poll).want(t, 200, "1")
		h.request("GET", "transport=polling", "").want(t, 503, shuttingDown)
		h.request("GET", "transport=websocket", "", "Connection", "Upgrade", "Upgrade", "websocket").want(t, 503, "Server shutting down")

		time.Sleep(time.Second)
		idle.expect("closed server shutting down") // it never polled again
		h.get(idle).want(t, 400, unknownSession)
		h.get(busy).want(t, 200, "4last")
		h.get(busy).want(t, 200, "1")
		busy.expect("closed server shutting down")
		if err := receive(t, done); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		lost.expect("closed server shutting down")
		if d := time.Since(start); d != 30*time.Second || !errors.Is(lost.err, errCloseTimeout) {
			t.Errorf("shut down after %v, closed with %v", d, lost.err)
		}
	})
}

func TestShutdownThatIsCutShort(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memoryOf(1000))
		polling := h.open()
		polling.text("never fetched")
		stuck, e := h.connect()
		e.text(strings.Repeat("x", 10_000)) // nobody reads it
		ctx, cancel := context.WithTimeoutCause(context.Background(), time.Second, errTest)
		defer cancel()
		start := time.Now()
		if err := h.engine.Shutdown(ctx); !errors.Is(err, errTest) {
			t.Errorf("Shutdown = %v", err)
		}
		if d := time.Since(start); d != time.Second {
			t.Errorf("it took %v", d)
		}
		polling.expect("closed server shutting down")
		e.expect("closed server shutting down")
		stuck.expectCut()
	})
}

// TestClosedComesBeforeCloseReturns lets Closed take its time.
func TestClosedComesBeforeCloseReturns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		var called atomic.Int32
		h.onClosed = func(*endpoint) {
			time.Sleep(time.Second)
			called.Add(1)
		}
		h.onMessage = func(*endpoint, []byte, bool) { time.Sleep(time.Second) }
		h.open()
		h.connect()
		posting := h.open()
		go h.post(posting, "4x") // its handler is calling the receiver, and says farewell
		synctest.Wait()
		if err := h.engine.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
		if n := called.Load(); n != 3 {
			t.Errorf("Closed was called %d times when Close had returned, want 3", n)
		}
		if n := h.engine.Sessions(); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
		h.engine.Close() // again, which does nothing
		posting.expect("text x", "end", "closed server shutting down")
	})
}

func TestCloseWithStuckClients(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{}, n)
		var all []*endpoint
		for range 5 {
			_, e := h.connect()
			e.text(strings.Repeat("x", 4_000_000)) // more than the kernel takes
			h.until(e, "the flusher works", func(m *machine) bool { return m.wsWriting })
			all = append(all, e)
		}
		polling := h.open()
		h.dialWS("transport=websocket&sid=" + polling.ID()) // a probe that says nothing
		all = append(all, polling)
		h.engine.Close()
		for _, e := range all {
			e.expect("closed server shutting down")
		}
		h.engine.mu.Lock()
		defer h.engine.mu.Unlock()
		if len(h.engine.conns) != 0 || len(h.engine.sessions) != 0 || h.engine.deadlines.Len() != 0 {
			t.Errorf("%d connections, %d sessions, %d deadlines are left", len(h.engine.conns), len(h.engine.sessions), h.engine.deadlines.Len())
		}
	})
}

func TestShutdownDeliversWhatIsQueued(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{}, n)
		c, e := h.connect()
		long := strings.Repeat("x", 2_000_000)
		e.text(long)
		e.text("last")
		done := make(chan error, 1)
		go func() { done <- h.engine.Shutdown(context.Background()) }()
		c.expect("4"+long, "4last")
		c.expectClose(0)
		if err := receive(t, done); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		e.expect("closed server shutting down")
	})
}

// TestUpgradeAfterClose opens a WebSocket for a session of a server that has
// been closed.
func TestUpgradeAfterClose(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		h.engine.mu.Lock()
		h.engine.closed = true // as in the moment before the sessions are ended
		h.engine.mu.Unlock()
		h.request("GET", "transport=websocket&sid="+e.ID(), "", "Connection", "Upgrade", "Upgrade", "websocket").want(t, 503, "Server shutting down")
	})
}

// TestShutdownAfterOpenHasPanicked is told of a panic by net/http alone, which goes on.
func TestShutdownAfterOpenHasPanicked(t *testing.T) {
	for _, transport := range []string{Polling, WebSocket} {
		t.Run(transport, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHost(t, Options{}, memory)
				h.onOpen = func(*endpoint) { panic("a mistake of the application") }
				if transport == Polling {
					if a := h.request("GET", "transport=polling", ""); a.err == nil {
						t.Fatalf("answered %+v", a)
					}
				} else {
					h.tryWS("transport=websocket", "", "")
				}
				if err := h.engine.Shutdown(t.Context()); err != nil {
					t.Errorf("Shutdown = %v", err)
				}
			})
		})
	}
}
