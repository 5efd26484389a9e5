package client

import (
	"context"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	socketio "github.com/go-socketio/socketio"
)

// Budgets: what an operation and an idle connection may cost. They are a little above
// what that costs now.

func skipWithRace(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
}

func TestAllocationsOfEmitting(t *testing.T) {
	skipWithRace(t)
	url, arrived := sink(t)
	s := benchConnect(t, url, Options{Transports: []string{WebSocket}})
	got := testing.AllocsPerRun(500, func() {
		if err := s.Emit("event", "argument"); err != nil {
			t.Fatal(err)
		}
		for left := emitted; left > 0; {
			left -= <-arrived
		}
	})
	// The arguments, the bytes, the message, its place in the queue, and the writer.
	if got > 8 {
		t.Errorf("%v allocations", got)
	}
}

// An event of a burst, because what comes together shares a goroutine.
func TestAllocationsOfReceiving(t *testing.T) {
	skipWithRace(t)
	const burst = 100
	var events []byte
	for range burst {
		events = append(events, "\x81\x16"+`42["event","argument"]`...)
	}
	url := peer(t, func([]byte) []byte { return events })
	handled := make(chan struct{}, burst)
	s := benchConnect(t, url, Options{Transports: []string{WebSocket}, Setup: func(s *Socket) {
		s.On("event", func(context.Context, *Socket, Args) error { handled <- struct{}{}; return nil })
	}})
	got := testing.AllocsPerRun(100, func() {
		if err := s.Emit("event", "argument"); err != nil {
			t.Fatal(err)
		}
		for range burst {
			<-handled
		}
	}) / burst
	if got > 5 {
		t.Errorf("%v allocations for each event", got)
	}
}

func TestAllocationsOfAnAcknowledgement(t *testing.T) {
	skipWithRace(t)
	id := 0
	var answer []byte
	url := peer(t, func([]byte) []byte {
		answer = append(answer[:2], "43"...)
		answer = strconv.AppendInt(answer, int64(id), 10)
		answer = append(answer, `["argument"]`...)
		answer[0], answer[1] = 0x81, byte(len(answer)-2)
		id++
		return answer
	})
	answer = make([]byte, 2, 100)
	s := benchConnect(t, url, Options{Transports: []string{WebSocket}})
	got := testing.AllocsPerRun(500, func() {
		if _, err := s.EmitWithAck(t.Context(), "event", "argument"); err != nil {
			t.Fatal(err)
		}
	})
	if got > 14 {
		t.Errorf("%v allocations", got)
	}
}

// TestIdleConnection counts what both ends of idle connections hold. Of the goroutines
// over WebSocket one is the server's, one reads, and one is the loop that connects again.
func TestIdleConnection(t *testing.T) {
	skipWithRace(t)
	const clients = 100
	for transport, budget := range map[string]struct{ goroutines, bytes int }{
		WebSocket: {3, 60 << 10},
		Polling:   {6, 100 << 10},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.server(socketio.Options{})
			w.connect(Options{Transports: []string{transport}}) // so that pools and maps are filled
			time.Sleep(time.Minute)
			before, goroutines := heap()
			for range clients {
				c := w.connect(Options{Transports: []string{transport}}).Client()
				time.Sleep(time.Minute + time.Millisecond) // the handshake is over, heartbeats have passed
				if n := c.deadlines.Len(); n != 1 {
					t.Errorf("%s: %d deadlines", transport, n)
				}
			}
			after, more := heap()
			if n := more - goroutines; n > clients*budget.goroutines {
				t.Errorf("%s: %d goroutines for %d clients", transport, n, clients)
			}
			if n := (after - before) / clients; n > budget.bytes {
				t.Errorf("%s: %d bytes for each client", transport, n)
			}
		})
	}
}

// heap returns the bytes that are in use when all goroutines wait, and their number.
func heap() (bytes, goroutines int) {
	synctest.Wait()
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse), runtime.NumGoroutine()
}
