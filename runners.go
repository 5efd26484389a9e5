package socketio

import (
	"sync"
	"time"
)

// runners are the goroutines that run inboxes. One that has emptied an inbox
// waits a moment for another one, because a fresh goroutine would have to grow its
// stack for every event: that was a sixth of the cost of an echo.
type runners struct {
	mu      sync.Mutex
	idle    []chan *Socket // those that wait; the last one began last, and is warm
	unused  int            // so many of them have not been needed since the last sweep
	sweeper *time.Timer    // runs while some wait
	closed  bool
	waiting sync.WaitGroup
}

const (
	// maxIdleRunners is how many wait. More run when there is more to do.
	maxIdleRunners = 64
	// sweepInterval is how often those end that were not needed meanwhile.
	sweepInterval = time.Second
)

// run has the socket's inbox run.
func (r *runners) run(s *Socket) {
	r.mu.Lock()
	n := len(r.idle) - 1
	if n < 0 {
		r.mu.Unlock()
		go r.work(s)
		return
	}
	runner := r.idle[n]
	r.idle[n] = nil
	r.idle = r.idle[:n]
	r.unused = min(r.unused, n)
	r.mu.Unlock()
	runner <- s // there is room for one
}

// work is a runner's life.
func (r *runners) work(s *Socket) {
	var next chan *Socket
	for s != nil {
		s.run()
		if next == nil {
			next = make(chan *Socket, 1)
		}
		s = r.wait(next)
	}
}

// wait returns the next socket that arrives, or nil if the runner is to end.
func (r *runners) wait(next chan *Socket) *Socket {
	r.mu.Lock()
	if r.closed || len(r.idle) == maxIdleRunners {
		r.mu.Unlock()
		return nil
	}
	if r.idle = append(r.idle, next); len(r.idle) == 1 {
		r.unused = 0
		r.sweepLater()
	}
	r.waiting.Add(1)
	r.mu.Unlock()
	defer r.waiting.Done()
	return <-next
}

func (r *runners) sweepLater() {
	if r.sweeper == nil {
		r.sweeper = time.AfterFunc(sweepInterval, r.sweep)
	} else {
		r.sweeper.Reset(sweepInterval)
	}
}

// sweep ends the runners that have not been needed since the last time. They are
// the first ones, because the last one is taken first.
func (r *runners) sweep() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.end(r.unused)
	if r.unused = len(r.idle); r.unused > 0 {
		r.sweepLater()
	}
}

// end ends the first n runners that wait. The caller holds the lock.
func (r *runners) end(n int) {
	for _, runner := range r.idle[:n] {
		close(runner)
	}
	left := copy(r.idle, r.idle[n:])
	clear(r.idle[left:])
	r.idle = r.idle[:left]
}

// close ends the runners that wait, and lets no other wait. Inboxes still run.
func (r *runners) close() {
	r.mu.Lock()
	r.closed = true
	r.end(len(r.idle))
	if r.sweeper != nil {
		r.sweeper.Stop()
	}
	r.mu.Unlock()
	r.waiting.Wait()
}
