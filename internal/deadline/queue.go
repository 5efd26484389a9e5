// Package deadline keeps the deadlines of many owners on one runtime timer.
//
// A server with a hundred thousand idle sessions has a hundred thousand
// heartbeat deadlines. A runtime timer for each would cost memory and wake-ups;
// here a deadline is an entry in a heap, and only the earliest one is armed.
package deadline

import (
	"sync"
	"time"
)

// Owner is told when its deadline has passed.
type Owner interface {
	// Expire is called in a goroutine of the queue, one owner after the other,
	// so it must not block. The deadline is no longer set when it is called.
	Expire(now time.Time)
}

// Entry is one deadline. It belongs to its owner, which usually embeds it; the
// zero value is not set. All access is through a [Queue].
type Entry struct {
	at    time.Duration // since the queue was made: a third of a time.Time
	owner Owner
	slot  int // position in the heap plus one; 0 when not set
}

// Queue is a set of deadlines. Its methods may be called from any goroutine,
// also from Expire.
type Queue struct {
	start time.Time

	mu      sync.Mutex
	heap    []*Entry
	timer   *time.Timer
	ticking bool          // timer is running, or fire is
	armed   time.Duration // when it fires
	closed  bool
	firing  sync.WaitGroup
}

// NewQueue returns an empty queue. Close it to stop its timer.
func NewQueue() *Queue { return &Queue{start: time.Now()} }

// Set sets e to expire at the given time, replacing an earlier setting. It does
// nothing when the queue is closed.
func (q *Queue) Set(e *Entry, owner Owner, at time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	e.owner = owner
	e.at = max(0, at.Sub(q.start)) // no time is so long ago that arm overflows
	if e.slot == 0 {
		q.heap = append(q.heap, e)
		e.slot = len(q.heap)
	}
	q.fix(e.slot - 1)
	q.arm()
}

// Clear unsets e. An Expire that is already under way is not waited for.
func (q *Queue) Clear(e *Entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if e.slot != 0 {
		q.remove(e)
	}
}

// Len returns the number of deadlines that are set.
func (q *Queue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.heap)
}

// Close unsets every deadline, and returns when no Expire is running any more.
// It must not be called from Expire.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	for _, e := range q.heap {
		e.slot, e.owner = 0, nil
	}
	q.heap = nil
	if q.ticking && q.timer.Stop() {
		q.firing.Done()
	}
	q.ticking = false
	q.mu.Unlock()
	q.firing.Wait()
}

// arm makes the runtime timer fire no later than the earliest deadline. It is
// not moved to a later time: firing early once is cheaper than a reset for
// each deadline that is put off. The caller holds the lock.
func (q *Queue) arm() {
	if len(q.heap) == 0 {
		return
	}
	at := q.heap[0].at
	if q.ticking {
		if at >= q.armed {
			return
		}
		if !q.timer.Stop() {
			return // it is firing: fire arms again
		}
		q.firing.Done()
	}
	q.ticking, q.armed = true, at
	q.firing.Add(1)
	if q.timer == nil {
		q.timer = time.AfterFunc(at-time.Since(q.start), q.fire)
	} else {
		q.timer.Reset(at - time.Since(q.start))
	}
}

// fire expires everything that is due.
func (q *Queue) fire() {
	defer q.firing.Done()
	q.mu.Lock()
	for !q.closed && len(q.heap) > 0 {
		now := time.Now()
		first := q.heap[0]
		if first.at > now.Sub(q.start) {
			break
		}
		owner := first.owner
		q.remove(first)
		q.mu.Unlock()
		owner.Expire(now)
		q.mu.Lock()
	}
	if !q.closed {
		q.ticking = false
		q.arm()
	}
	q.mu.Unlock()
}

// remove takes e out of the heap.
func (q *Queue) remove(e *Entry) {
	i, last := e.slot-1, len(q.heap)-1
	q.swap(i, last)
	q.heap[last] = nil
	q.heap = q.heap[:last]
	e.slot, e.owner = 0, nil
	if i < last {
		q.fix(i)
	}
}

// fix restores the heap's order after the entry at i has changed.
func (q *Queue) fix(i int) {
	for i > 0 && q.less(i, (i-1)/2) {
		q.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(q.heap); child++ {
			if q.less(child, least) {
				least = child
			}
		}
		if least == i {
			return
		}
		q.swap(i, least)
		i = least
	}
}

func (q *Queue) less(i, j int) bool { return q.heap[i].at < q.heap[j].at }

func (q *Queue) swap(i, j int) {
	q.heap[i], q.heap[j] = q.heap[j], q.heap[i]
	q.heap[i].slot, q.heap[j].slot = i+1, j+1
}
