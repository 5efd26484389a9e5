package engine

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// bufferStore holds the read buffers that are not in use. A sync.Pool alone would
// forget them at each garbage collection, which comes often in a program that has
// little in memory; making a new one means clearing it. So as many are kept for good
// as can be busy at a time.
type bufferStore struct {
	kept []atomic.Pointer[[readSize]byte]
	rest sync.Pool
}

// probes is how many places are looked at for a buffer, or for room.
const probes = 4

func newBufferStore(kept int) *bufferStore {
	return &bufferStore{
		kept: make([]atomic.Pointer[[readSize]byte], kept),
		rest: sync.Pool{New: func() any { return new([readSize]byte) }},
	}
}

// readBuffers has one buffer for each processor, and as many for goroutines that were
// interrupted while they had one.
var readBuffers = newBufferStore(2 * runtime.GOMAXPROCS(0))

func (s *bufferStore) get() *[readSize]byte {
	// Beginning anywhere keeps the processors out of each other's way.
	from := rand.IntN(len(s.kept))
	for i := range probes {
		if b := s.kept[(from+i)%len(s.kept)].Swap(nil); b != nil {
			return b
		}
	}
	return s.rest.Get().(*[readSize]byte)
}

func (s *bufferStore) put(b *[readSize]byte) {
	from := rand.IntN(len(s.kept))
	for i := range probes {
		if s.kept[(from+i)%len(s.kept)].CompareAndSwap(nil, b) {
			return
		}
	}
	s.rest.Put(b)
}
