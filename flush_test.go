package socketio

import (
	"runtime"
	"sync/atomic"
	"testing"
)

func TestInChunks(t *testing.T) {
	for _, n := range []int{0, 1, 9, 10, 11, 95, 100} {
		done := make([]atomic.Int32, n)
		inChunks(n, 10, func(start, end int) {
			if end-start > 10 {
				t.Errorf("a chunk from %d to %d", start, end)
			}
			for i := range done[start:end] {
				done[start+i].Add(1)
			}
		})
		for i := range done {
			if times := done[i].Load(); times != 1 {
				t.Errorf("of %d, number %d was done %d times", n, i, times)
			}
		}
	}
}

// Chunks are done at the same time if there are processors for it.
func TestChunksShareTheProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	meet := make(chan bool)
	inChunks(2, 1, func(start, _ int) {
		if start == 0 {
			meet <- true
		} else {
			<-meet
		}
	})
}
