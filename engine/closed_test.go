package engine

import (
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-socketio/socketio/engine/frame"
)

// strict is a receiver that checks how it is called.
type strict struct {
	t       *testing.T
	session *Session
	lock    *sync.Mutex // also held while the session's methods are called
	busy    atomic.Bool
	closed  atomic.Int32
	done    chan struct{}
}

func (r *strict) enter() {
	if !r.busy.CompareAndSwap(false, true) {
		r.t.Error("the receiver was called twice at once")
	}
	if r.closed.Load() != 0 {
		r.t.Error("the receiver was called after Closed")
	}
	r.lock.Lock() // would never return within a method of the session
	defer r.lock.Unlock()
	r.busy.Store(false)
}

func (r *strict) ReceiveText([]byte)   { r.enter() }
func (r *strict) ReceiveBinary([]byte) { r.enter() }
func (r *strict) EndBatch()            { r.enter() }
func (r *strict) Closed(Reason, error) {
	r.enter()
	if r.closed.Add(1) == 1 {
		close(r.done)
	}
}

// TestClosedIsTheLastCall ends sessions from several sides at once while input
// is being delivered, with a lock held that Closed needs too.
func TestClosedIsTheLastCall(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 200
	}
	server := NewServer(Options{}, func(s *Session) Receiver { return nil })
	server.open = func(s *Session) Receiver {
		return &strict{t: t, session: s, lock: new(sync.Mutex), done: make(chan struct{})}
	}
	defer server.Close()
	for i := range rounds {
		s := server.newSession(httptest.NewRequest("GET", "/engine.io/", nil), params{revision: revision4}, string(rune(i+1)), nil, onPolling)
		if err := s.start(); err != nil {
			t.Fatal(err)
		}
		r := s.receiver.(*strict)
		m := textMessage("x")
		var all sync.WaitGroup
		locked := func(f func()) {
			all.Go(func() {
				r.lock.Lock()
				defer r.lock.Unlock()
				f()
			})
		}
		all.Go(func() {
			if s.step(event{kind: evPost}).eff.refused == nil {
				s.deliverPayload(s.newPayloadReader([]byte("4a\x1e4b\x1ebAQID\x1e4c"), false), func() error { return nil })
				s.step(event{kind: evPostDone})
			}
		})
		locked(func() { s.Send(m, SendOptions{}); s.Enqueue(m, SendOptions{Volatile: true}); s.Flush() })
		locked(func() { s.Hold(); s.SetPaused(true); s.SetPaused(false); s.Release() })
		locked(func() { s.Close(ReasonForcedClose) })
		locked(func() { s.Abort(ReasonTransportError, errTest) })
		all.Go(func() { s.step(event{kind: evPacket, packet: frame.Packet{Type: frame.Ping}}) })
		all.Wait()
		<-r.done
		if n := r.closed.Load(); n != 1 {
			t.Fatalf("Closed was called %d times", n)
		}
	}
	if n := server.Sessions(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// TestConnectionOfAReceiverThatExits is closed: a handler may end its goroutine, as
// t.FailNow does.
func TestConnectionOfAReceiverThatExits(t *testing.T) {
	for name, n := range realNetworks {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, Options{}, n, func(h *host) {
				h.onMessage = func(*endpoint, []byte, bool) { runtime.Goexit() }
			})
			c, _ := h.connect()
			c.text("4x")
			c.expectCut()
		})
	}
}
