package socketio

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// flushChunk is how many sockets a goroutine sends to before it takes more of them. That
// is some ten milliseconds of work: less is not worth a goroutine.
const flushChunk = 2048

// flush sends what is queued for the selected sockets. Each takes a system call, which is
// nearly all of what a broadcast costs, so if there are many other processors help. Half
// of them are left to other clients, whose echoes would take ten times as long otherwise.
func (sel selection) flush() {
	if len(sel.list) >= 2*flushChunk {
		inChunks(len(sel.list), flushChunk, func(start, end int) {
			selection{sel.list[start:end], sel.skip}.flush()
		})
		return
	}
	for s := range sel.each {
		s.conn.session.Flush()
	}
}

// inChunks calls do for all of 0 to n, in parts of the given size and on half as many
// goroutines as there are processors. It returns when all of it is done.
func inChunks(n, size int, do func(start, end int)) {
	var taken atomic.Int64
	work := func() {
		for {
			end := int(taken.Add(int64(size)))
			if end-size >= n {
				return
			}
			do(end-size, min(end, n))
		}
	}
	var helpers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0)/2, n/size) - 1 {
		helpers.Go(work)
	}
	work()
	helpers.Wait()
}
