package client

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// slowNamespace is a fake server that answers CONNECT at once, except for "/slow".
func slowNamespace(f *fake, s *engine.Session, m string) {
	if m != "0/slow," {
		grantAll(f, s, m)
	}
}

// TestConnectGivenUpAsTheAnswerArrives lets the answer come at the very moment in which
// the context ends: the client must not be in the namespace without the server's being
// told, or the other way round.
func TestConnectGivenUpAsTheAnswerArrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.fake(engine.Options{}, slowNamespace)
		s := w.connect(Options{Transports: []string{WebSocket}})
		slow := s.Client().Of("slow")
		waiter, err := s.Client().activate(slow)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		failure := slow.abandon(waiter, context.Canceled)
		if slow.Active() {
			t.Error("given up, and still active: an answer would be taken")
		}
		say(f.session(0), `0/slow,{"sid":"x"}`)
		synctest.Wait()
		if !errors.Is(failure, context.Canceled) || slow.Connected() {
			t.Errorf("given up with %v; connected: %v", failure, slow.Connected())
		}
		again, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := slow.Connect(again); !errors.Is(err, context.DeadlineExceeded) || !s.Connected() {
			t.Errorf("the next Connect: %v; the other namespace is joined: %v", err, s.Connected())
		}
		// A second CONNECT without the DISCONNECT would end the connection.
		if want := []string{"0", "0/slow,", "1/slow,", "0/slow,"}; !slices.Equal(f.heard(), want) {
			t.Errorf("the server has heard %q, want %q", f.heard(), want)
		}
	})
}

// TestConnectOfSeveralCallers lets the one whose call has made the socket active give up
// first, and then the other, or fail the attempt.
func TestConnectOfSeveralCallers(t *testing.T) {
	for name, c := range map[string]struct {
		then string // what the server says; "" for nothing
		err  error
	}{
		"answered": {`0/slow,{"sid":"x"}`, nil},
		"refused":  {`4/slow,{"message":"no"}`, &RefusedError{Namespace: "/slow", Message: "no"}},
		"given up": {"", context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				f := w.fake(engine.Options{}, slowNamespace)
				s := w.connect(Options{Transports: []string{WebSocket}})
				slow := s.Client().Of("slow")
				var results [2]chan error
				var cancel [2]context.CancelFunc
				for i := range results {
					results[i] = make(chan error, 1)
					var ctx context.Context
					ctx, cancel[i] = context.WithCancel(t.Context())
					defer cancel[i]()
					go func() { results[i] <- slow.Connect(ctx) }()
					synctest.Wait()
				}
				cancel[0]()
				if err := <-results[0]; !errors.Is(err, context.Canceled) {
					t.Errorf("the first caller: %v", err)
				}
				synctest.Wait()
				if len(results[1]) > 0 || !slow.Active() {
					t.Fatalf("the second caller has not given up: %v", <-results[1])
				}
				if c.then == "" {
					cancel[1]()
				} else {
					say(f.session(0), c.then)
				}
				err := <-results[1]
				var refused *RefusedError
				if errors.As(c.err, &refused) != errors.As(err, &refused) || refused == nil && !errors.Is(err, c.err) {
					t.Errorf("the second caller: %v, want %v", err, c.err)
				}
				if slow.Active() != (c.err == nil) {
					t.Errorf("active: %v", slow.Active())
				}
			})
		})
	}
}

// TestFirstAttemptFailsForWhoIsLeft fails the first attempt after the caller that made
// the socket active has given up: the one that is left is told at once.
func TestFirstAttemptFailsForWhoIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		hole := make(chan struct{})
		w.serve(blockUntil(hole))
		c, err := New("http://memory", w.options(Options{ConnectTimeout: 10 * time.Second}))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		defer close(hole)
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go c.Of("/").Connect(ctx)
		synctest.Wait()
		if err := c.Of("/").Connect(t.Context()); !errors.Is(err, errConnectTimeout) || time.Since(begin) != 10*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
	})
}
