package engine

import (
	"runtime"
	"sync"
	"testing"
)

// TestReadBuffersAreKept: a garbage collection does not make the next read clear 64 KiB.
func TestReadBuffersAreKept(t *testing.T) {
	s := newBufferStore(probes)
	var busy []*[readSize]byte
	for range probes {
		busy = append(busy, s.get())
	}
	for range 100 { // where a buffer finds room is random
		for _, b := range busy {
			s.put(b)
		}
		for i := range busy {
			busy[i] = s.get()
		}
	}
	for _, b := range busy {
		s.put(b)
	}
	for range 3 {
		runtime.GC()
	}
	kept := 0
	for i := range s.kept {
		if s.kept[i].Load() != nil {
			kept++
		}
	}
	if kept == 0 {
		t.Error("no buffer is left")
	}
}

// TestReadBuffersAreNotShared takes and returns buffers in many goroutines, which write
// to them; the race detector and the marks tell if two have the same one.
func TestReadBuffersAreNotShared(t *testing.T) {
	s := newBufferStore(2)
	var users sync.WaitGroup
	for mark := range 8 {
		users.Go(func() {
			for range 1000 {
				b := s.get()
				b[0] = byte(mark)
				runtime.Gosched()
				if b[0] != byte(mark) {
					t.Error("somebody else has the same buffer")
				}
				s.put(b)
			}
		})
	}
	users.Wait()
}
