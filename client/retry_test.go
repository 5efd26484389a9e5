package client

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// TestRetriesOverALostConnection watches the wire: events are sent in order, one at a
// time, each with the same id at every try; and the name of the server's memory is
// sent only to a server that has given one.
func TestRetriesOverALostConnection(t *testing.T) {
	for _, remembers := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			f := w.fake(engine.Options{}, func(f *fake, s *engine.Session, m string) {
				if strings.HasPrefix(m, "0") && remembers {
					say(s, `0{"sid":"fake","rid":"memory"}`)
					return
				}
				grantAll(f, s, m)
			})
			s := w.connect(Options{Transports: []string{WebSocket}, Retries: 2, AckTimeout: time.Second})
			for _, name := range []string{"a", "b"} {
				if err := s.Emit(name); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(1500 * time.Millisecond) // one time-out
			f.session(0).Abort(engine.ReasonTransportError, nil)
			synctest.Wait()
			if err := s.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			say(f.session(1), `31073741824[]`)
			synctest.Wait()
			say(f.session(1), `31073741825[]`)
			synctest.Wait()
			again := "0"
			if remembers {
				again = `0{"rid":"memory"}`
			}
			want := []string{"0", `21073741824["a"]`, `21073741824["a"]`, again, `21073741824["a"]`, `21073741825["b"]`}
			if got := f.heard(); !slices.Equal(got, want) {
				t.Errorf("heard %q, want %q", got, want)
			}
			s.mu.Lock()
			left, size := len(s.retry.events), s.retry.size
			s.mu.Unlock()
			if left != 0 || size != 0 {
				t.Errorf("%d events of %d bytes are left", left, size)
			}
		})
	}
}

// TestRetriesEnd gives an event up after its tries, also those before a lost
// connection, and goes on with the next.
func TestRetriesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.fake(engine.Options{}, grantAll)
		s := w.connect(Options{Transports: []string{WebSocket}, Retries: 2, Logger: silent})
		begin := time.Now()
		_, err := s.EmitWithAck(t.Context(), "a")
		if !errors.Is(err, ErrAckTimeout) || time.Since(begin) != 30*time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		if n := len(f.heard()); n != 4 { // CONNECT and three tries
			t.Errorf("heard %q", f.heard())
		}
		pending := make(chan error, 1)
		go func() { _, err := s.EmitWithAck(t.Context(), "b"); pending <- err }()
		synctest.Wait()
		s.Close()
		if err := <-pending; !errors.Is(err, ErrClosed) {
			t.Errorf("%v", err)
		}
	})
}

// TestVolatileIsNotRetried: so AckTimeout bounds the wait for its answer, as always.
func TestVolatileIsNotRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fake(engine.Options{}, grantAll)
		s := w.connect(Options{Transports: []string{WebSocket}, Retries: 3, AckTimeout: time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		synctest.Wait() // it is dropped while something else is written
		if _, err := s.Volatile().EmitWithAck(ctx, "a"); !errors.Is(err, ErrAckTimeout) {
			t.Errorf("%v", err)
		}
	})
}
