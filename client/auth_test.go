package client

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// credentials are encoded by a function of the application.
type credentials func() ([]byte, error)

func (c credentials) MarshalJSON() ([]byte, error) { return c() }

// TestPanicWhileAuthIsEncoded is a failure to connect, and nothing else.
func TestPanicWhileAuthIsEncoded(t *testing.T) {
	bomb := credentials(func() ([]byte, error) { panic("boom") })
	for name, o := range map[string]Options{
		"Auth":     {Auth: bomb},
		"AuthFunc": {AuthFunc: func(context.Context, string) (any, error) { return bomb, nil }},
	} {
		for _, kept := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.fake(engine.Options{}, grantAll)
				o.Logger = silent
				c, err := New("http://memory", w.options(o))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				s := c.Of("/")
				if kept { // what the server remembers is sent along
					s.recovery = recovery{pid: "pid", offset: "offset"}
				}
				var failure *ConnectError
				if err := s.Connect(t.Context()); !errors.As(err, &failure) || failure.Step != StepAuth || failure.Fault != FaultCaller || !errors.Is(err, errPanic) {
					t.Errorf("%s: %v", name, err)
				}
				if n := c.Stats().Panics; n != 1 || s.Active() {
					t.Errorf("%s: %d panics counted; active: %v", name, n, s.Active())
				}
			})
		}
	}
}

// TestAuthIsEncodedWithoutALock lets the encoding ask the client and wait for another
// namespace.
func TestAuthIsEncodedWithoutALock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.fake(engine.Options{}, grantAll)
		var c *Client
		nested := false
		auth := credentials(func() ([]byte, error) {
			if nested {
				return []byte(`{}`), nil
			}
			nested = true
			if err := c.Of("other").Connect(t.Context()); err != nil {
				return nil, err
			}
			return []byte(`{"over":"` + c.Transport() + `"}`), nil
		})
		var err error
		c, err = New("http://memory", w.options(Options{Transports: []string{WebSocket}, Auth: auth}))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Of("/").Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := f.heard(); len(got) != 2 || got[0] != `0/other,{}` || got[1] != `0{"over":"websocket"}` {
			t.Errorf("the server has heard %q", got)
		}
	})
}

// TestConnectAfterAuthCouldNotBeEncoded tries again on a connection that another
// namespace keeps open.
func TestConnectAfterAuthCouldNotBeEncoded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fake(engine.Options{}, grantAll)
		failed := false
		s := w.connect(Options{AuthFunc: func(_ context.Context, namespace string) (any, error) {
			if namespace == "/" || failed {
				return nil, nil
			}
			failed = true
			return credentials(func() ([]byte, error) { return nil, errors.New("no token") }), nil
		}})
		other := s.Client().Of("other")
		var failure *ConnectError
		if err := other.Connect(t.Context()); !errors.As(err, &failure) || failure.Step != StepAuth {
			t.Fatalf("%v", err)
		}
		if err := other.Connect(t.Context()); err != nil || !s.Connected() {
			t.Errorf("the next Connect: %v; the first namespace is joined: %v", err, s.Connected())
		}
	})
}

// TestAuthFuncThatTakesTooLong is the fault of the program, whether it obeys its context
// or not, and not that of the server.
func TestAuthFuncThatTakesTooLong(t *testing.T) {
	for name, obeys := range map[string]bool{"obeys": true, "does not": false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.fake(engine.Options{}, grantAll)
			release := make(chan struct{})
			o := w.options(Options{AuthFunc: func(ctx context.Context, _ string) (any, error) {
				if obeys {
					<-ctx.Done()
					return nil, context.Cause(ctx)
				}
				<-release
				return nil, nil
			}})
			begin := time.Now()
			_, err := Connect(t.Context(), "http://memory", o)
			var failure *ConnectError
			if !errors.As(err, &failure) || failure.Step != StepAuth || failure.Fault != FaultCaller || time.Since(begin) != 20*time.Second {
				t.Errorf("%s its context: %v after %v", name, err, time.Since(begin))
			}
			close(release)
		})
	}
}
