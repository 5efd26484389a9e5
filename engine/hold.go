package engine

import (
	"sync"
	"time"
)

// holdWatch ends holds that last too long. There is one for a server, and it
// costs nothing while no session is held.
//
// While sessions are held a timer ticks, and releases those that were held already at
// the tick before.
type holdWatch struct {
	mu      sync.Mutex
	held    []heldSession
	timer   *time.Timer
	ticking bool
	tick    uint32
	running sync.WaitGroup
	closed  bool
}

// heldSession is a session that is held since a certain tick.
type heldSession struct {
	session *Session
	since   uint32
}

// holdTick is half of the longest hold.
const holdTick = 500 * time.Microsecond

func (w *holdWatch) add(s *Session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.hold > 0 || w.closed {
		return
	}
	w.held = append(w.held, heldSession{s, w.tick})
	s.hold = len(w.held)
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
	if s.hold > 0 {
		w.removeAt(s.hold - 1)
	}
}

// removeAt puts the last session in the place of the one at i.
func (w *holdWatch) removeAt(i int) {
	last := len(w.held) - 1
	w.held[i].session.hold = 0
	if i < last {
		w.held[i] = w.held[last]
		w.held[i].session.hold = i + 1
	}
	w.held[last] = heldSession{}
	w.held = w.held[:last]
}

// expire releases the sessions that are held since before the previous tick.
func (w *holdWatch) expire() {
	defer w.running.Done()
	var overdue []*Session
	w.mu.Lock()
	for i := len(w.held) - 1; i >= 0; i-- { // what takes the place of one has been looked at
		if h := w.held[i]; h.since != w.tick {
			w.removeAt(i)
			overdue = append(overdue, h.session)
		}
	}
	w.tick++
	w.mu.Unlock()
	for _, s := range overdue {
		s.step(event{kind: evRelease})
	}
	w.mu.Lock()
	if w.ticking = len(w.held) > 0 && !w.closed; w.ticking {
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
