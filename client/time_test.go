package client

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	socketio "github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
)

// The tests of this file run in virtual time.

func TestAttemptsBackOffWithFullJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, cancel := context.WithCancel(t.Context())
		var fails int
		o := w.options(Options{
			Transports: []string{WebSocket}, KeepTrying: true, ReconnectAttempts: 200,
			ReconnectDelay: time.Second, ReconnectDelayMax: 10 * time.Second,
			Setup: func(s *Socket) {
				s.OnConnectError(func(_ context.Context, _ *Socket, err error, final bool) {
					fails++
					if final != (fails == 202) { // one for each attempt, and one for giving up
						t.Errorf("failure %d is final: %v", fails, final)
					}
					var failure *ConnectError
					if !errors.As(err, &failure) || failure.Step != StepRequest || failure.Fault != FaultNetwork || !errors.Is(err, errNobody) {
						t.Errorf("error %v", err)
					}
				})
			},
		})
		_, err := Connect(ctx, "http://memory", o)
		cancel()
		if !errors.Is(err, errNobody) {
			t.Errorf("Connect returned %v", err)
		}
		synctest.Wait()
		if fails != 202 {
			t.Errorf("%d failures reported", fails)
		}
		if n := len(w.dialled); n != 201 {
			t.Fatalf("%d attempts, want the first and 200 more", n)
		}
		var early, late time.Duration
		for i := range w.dialled[1:] {
			pause := w.dialled[i+1].Sub(w.dialled[i])
			ceiling := min(time.Second<<min(i, 10), 10*time.Second)
			if pause > ceiling {
				t.Errorf("pause %d is %v, above %v", i, pause, ceiling)
			}
			if i >= 10 {
				if pause < 5*time.Second {
					early++
				} else {
					late++
				}
			}
		}
		// Full jitter: the lower half is as likely as the upper one. The chance of
		// being this far off is below one in a million.
		if early < 60 || late < 60 {
			t.Errorf("%d pauses in the lower half, %d in the upper", early, late)
		}
	})
}

func TestConnectFailsAtOnceUnlessToldToKeepTrying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, err := Connect(t.Context(), "http://memory", w.options(Options{}))
		if !errors.Is(err, errNobody) || len(w.dialled) != 1 {
			t.Errorf("%v after %d attempts", err, len(w.dialled))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		_, err = Connect(ctx, "http://memory", w.options(Options{KeepTrying: true}))
		var failure *ConnectError
		if !errors.Is(err, errNobody) || !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &failure) || failure.Fault != FaultCaller {
			t.Errorf("%v", err)
		}
		if took := time.Since(begin); took != time.Minute || len(w.dialled) < 10 {
			t.Errorf("gave up after %v and %d attempts", took, len(w.dialled))
		}
	})
}

func TestTimeoutsOfConnecting(t *testing.T) {
	for _, transport := range []string{Polling, WebSocket} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			// A server that takes the connection and says nothing.
			blackHole := make(chan struct{})
			w.serve(blockUntil(blackHole))
			begin := time.Now()
			_, err := Connect(t.Context(), "http://memory", w.options(Options{Transports: []string{transport}, ConnectTimeout: 3 * time.Second}))
			var failure *ConnectError
			if !errors.As(err, &failure) || failure.Fault != FaultNetwork || !errors.Is(err, errConnectTimeout) {
				t.Errorf("%s: %v", transport, err)
			}
			if took := time.Since(begin); took != 3*time.Second {
				t.Errorf("%s: after %v", transport, took)
			}
			close(blackHole)
		})
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			// A server that does not answer CONNECT.
			w.fake(engine.Options{}, func(*fake, *engine.Session, string) {})
			begin := time.Now()
			_, err := Connect(t.Context(), "http://memory", w.options(Options{Transports: []string{transport}}))
			var failure *ConnectError
			if !errors.As(err, &failure) || failure.Step != StepJoin || failure.Fault != FaultServer || !errors.Is(err, errJoinTimeout) {
				t.Errorf("%s: %v", transport, err)
			}
			if took := time.Since(begin); took != 20*time.Second {
				t.Errorf("%s: after %v", transport, took)
			}
		})
	}
}

func TestSilentServerIsNoticedByTheHeartbeat(t *testing.T) {
	for _, transport := range []string{Polling, WebSocket} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.server(socketio.Options{PingInterval: 10 * time.Second, PingTimeout: 4 * time.Second})
			begin := time.Now()
			gone := make(chan Disconnect, 1)
			s := w.connect(Options{Transports: []string{transport}, DisableReconnect: true, Setup: onDisconnect(gone)})
			time.Sleep(35 * time.Second) // three pings
			if !s.Connected() {
				t.Fatalf("%s: disconnected", transport)
			}
			w.deaf.Store(true)
			d := <-gone
			if d.Reason != ReasonPingTimeout || !d.Final || time.Since(begin) != 44*time.Second {
				t.Errorf("%s: %+v after %v", transport, d, time.Since(begin))
			}
		})
	}
}

// TestWakeUp puts the machine to sleep: the wall clock goes on and the monotonic one
// does not.
func TestWakeUp(t *testing.T) {
	for _, emits := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			srv := w.server(socketio.Options{})
			var asleep atomic.Int64
			begin := time.Now()
			clock := func() (time.Duration, time.Time) {
				return time.Since(begin), time.Now().Add(time.Duration(asleep.Load()))
			}
			gone := make(chan Disconnect, 1)
			s := w.connect(Options{Transports: []string{WebSocket}, clock: clock, Setup: onDisconnect(gone)})
			arrived := make(chan string, 1)
			srv.On("hello", func(_ context.Context, s *socketio.Socket, _ socketio.Args) error {
				arrived <- s.ID()
				return nil
			})
			id := s.ID()
			synctest.Wait()
			asleep.Store(int64(time.Hour))
			woken := time.Now()
			if emits { // it must not go into the dead connection
				if err := s.Emit("hello"); err != nil {
					t.Error(err)
				}
			}
			d := <-gone
			limit := time.Second
			if emits {
				limit = 0
			}
			if late := time.Since(woken); d.Reason != ReasonPingTimeout || late > limit {
				t.Errorf("%+v noticed after %v", d, late)
			}
			if emits {
				if got := <-arrived; got == id || got == "" {
					t.Errorf("the event arrived over the connection %q, which was dead", got)
				}
			}
		})
	}
}

func TestThousandClientsComeBackSpreadOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients = 1000
		w := newWorld(t)
		srv := w.server(socketio.Options{})
		var sockets []*Socket
		for range clients {
			sockets = append(sockets, w.connect(Options{Transports: []string{WebSocket}}))
		}
		srv.Close()
		synctest.Wait()
		w.mu.Lock()
		w.dialled = nil
		w.mu.Unlock()
		w.server(socketio.Options{}) // the restart takes no time, which is the worst case
		restarted := time.Now()
		for _, s := range sockets {
			if err := s.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(restarted); took > time.Second {
			t.Errorf("the last client is back after %v", took)
		}
		if n := len(w.dialled); n != clients {
			t.Errorf("%d attempts for %d clients", n, clients)
		}
		var slots [10]int // of a tenth of the first ceiling each
		for _, at := range w.dialled {
			slots[min(int(at.Sub(restarted)/(100*time.Millisecond)), 9)]++
		}
		// 100 are expected in each; the chance of 160 is below one in a million.
		if slices.Max(slots[:]) > 160 {
			t.Errorf("clients came back in clusters: %v", slots)
		}
	})
}

func TestReconnectDelayBeginsAnewAfterJoining(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.server(socketio.Options{})
		s := w.connect(Options{})
		for range 10 {
			before := s.ID()
			s.Client().abort()
			lost := time.Now()
			synctest.Wait()
			if err := s.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			// A poll may find the server gathering, for a millisecond.
			if d := time.Since(lost); d > time.Second+time.Millisecond || s.ID() == before {
				t.Errorf("back after %v", d)
			}
		}
	})
}
