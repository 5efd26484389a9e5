package engine

import (
	"sync"
	"time"
)

// holdWatch ends holds that last too long. There is one for a server, and it
// costs nothing while no session is held.
//
// Sessions that are held stand in a list. While it is not empty a timer ticks,
// and releases those that already stood there at the tick before.
type holdWatch struct {
	mu      sync.Mutex
	first   *Session
	timer   *time.Timer
	ticking bool
	tick    uint32
	running sync.WaitGroup
	closed  bool
}

// holdEntry is a session's place in the list.
type holdEntry struct {
	next, prev *Session
	listed     bool
	since      uint32
}

// holdTick is half of the longest hold.
const holdTick = 500 * time.Microsecond

func (w *holdWatch) add(s *Session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.hold.listed || w.closed {
		return
	}
	s.hold = holdEntry{next: w.first, listed: true, since: w.tick}
	if w.first != nil {
		w.first.hold.prev = s
	}
	w.first = s
	if !w.ticking {
		w.start()
	}
}

func (w *holdWatch) start() {
	w.ticking = true
	w.running.Add(1)
	if w.timer == nil {
		w.timer = time.AfterFunc(holdTick, w.expire)
	} else {
		w.timer.Reset(holdTick)
	}
}

func (w *holdWatch) remove(s *Session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unlink(s)
}

func (w *holdWatch) unlink(s *Session) {
	h := &s.hold
	if !h.listed {
		return
	}
	if h.prev != nil {
		h.prev.hold.next = h.next
	} else {
		w.first = h.next
	}
	if h.next != nil {
		h.next.hold.prev = h.prev
	}
	*h = holdEntry{}
}

// expire releases the sessions that are held since before the previous tick.
func (w *holdWatch) expire() {
	defer w.running.Done()
	var overdue []*Session
	w.mu.Lock()
	for s := w.first; s != nil; {
		next := s.hold.next
		if s.hold.since != w.tick {
			w.unlink(s)
			overdue = append(overdue, s)
		}
		s = next
	}
	w.tick++
	w.mu.Unlock()
	for _, s := range overdue {
		s.step(event{kind: evRelease})
	}
	w.mu.Lock()
	if w.ticking = w.first != nil && !w.closed; w.ticking {
		w.start()
	}
	w.mu.Unlock()
}

// close stops the timer and waits for it.
func (w *holdWatch) close() {
	w.mu.Lock()
	w.closed = true
	if w.ticking && w.timer.Stop() {
		w.running.Done()
	}
	w.mu.Unlock()
	w.running.Wait()
}
