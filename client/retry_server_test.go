package client

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	socketio "github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
)

// accident is what befalls a retried event on its way. It returns when the handler is to
// go on, and says whether it has acknowledged the event already.
type accident func(w *world, s *socketio.Socket, args Args) (answered bool)

func abort(s *socketio.Socket) { s.Session().Abort(engine.ReasonTransportError, nil) }

// unheard acknowledges an event over a connection over which nothing arrives.
func unheard(w *world, args Args) {
	w.deaf.Store(true)
	_ = args.Ack(args, []byte("binary"))
	synctest.Wait()
	w.deaf.Store(false)
}

var accidents = map[string]accident{
	"none":               func(*world, *socketio.Socket, Args) bool { return false },
	"cut before the end": func(_ *world, s *socketio.Socket, _ Args) bool { abort(s); return false },
	"cut, and the end after the repeats": func(_ *world, s *socketio.Socket, _ Args) bool {
		abort(s)
		time.Sleep(25 * time.Second)
		return false
	},
	"acknowledgement lost, connection stays": func(w *world, _ *socketio.Socket, args Args) bool {
		unheard(w, args)
		return true
	},
	"cut after the acknowledgement": func(w *world, s *socketio.Socket, args Args) bool {
		unheard(w, args)
		abort(s)
		return true
	},
	"slow": func(*world, *socketio.Socket, Args) bool { time.Sleep(25 * time.Second); return false },
}

// recorder is a server's "put": it notes what it is asked to, has an accident for every
// other event, and answers with the arguments.
type recorder struct {
	mu  sync.Mutex
	got []int
}

func (r *recorder) handle(w *world, a accident) socketio.Handler {
	return func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		var i int
		if err := args.Decode(&i); err != nil {
			return err
		}
		r.mu.Lock()
		repeated := slices.Contains(r.got, i)
		r.got = append(r.got, i)
		r.mu.Unlock()
		if i%2 == 1 && !repeated && a(w, s, args) {
			return nil
		}
		return args.Ack(args, []byte("binary"))
	}
}

// TestRetriesAreHandledOnce has a server that recognises repeats, and connections that
// break at the worst moments: every event is handled once, in order, and has its answer.
func TestRetriesAreHandledOnce(t *testing.T) {
	for name, a := range accidents {
		for _, namespace := range []string{"/", "/other"} {
			for _, recovery := range []*socketio.Recovery{nil, new(socketio.Recovery)} {
				t.Run(fmt.Sprint(name, " in ", namespace, ", recovery ", recovery != nil), func(t *testing.T) {
					o := socketio.Options{Retries: new(socketio.Retries), Recovery: recovery}
					got := retryThroughAccidents(t, o, namespace, a)
					if want := []int{0, 1, 2, 3, 4, 5}; !slices.Equal(got, want) {
						t.Errorf("handled %v", got)
					}
				})
			}
		}
	}
}

// TestRetriesAreHandledAtLeastOnce has the same accidents, and a server that does not
// recognise repeats, or forgets at once.
func TestRetriesAreHandledAtLeastOnce(t *testing.T) {
	for name, a := range accidents {
		for kind, retries := range map[string]*socketio.Retries{"off": nil, "forgetful": {MaxBytes: 1}} {
			t.Run(name+", "+kind, func(t *testing.T) {
				got := retryThroughAccidents(t, socketio.Options{Retries: retries}, "/", a)
				if repeated := len(got) > 6; repeated != (name != "none") && kind == "off" {
					t.Errorf("handled %v: the accidents prove nothing", got)
				}
				if got = slices.Compact(got); !slices.Equal(got, []int{0, 1, 2, 3, 4, 5}) {
					t.Errorf("handled %v", got)
				}
			})
		}
	}
}

func retryThroughAccidents(t *testing.T, o socketio.Options, namespace string, a accident) []int {
	r := new(recorder)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		o.Logger = silent
		srv := w.server(o)
		srv.Of(namespace).On("put", r.handle(w, a))
		c, err := New("http://memory/", w.options(Options{Transports: []string{WebSocket}, Retries: -1, Logger: silent}))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Shutdown(context.Background()) })
		s := c.Of(namespace)
		if err := s.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		// The events are queued behind each other; the last one is waited for.
		for i := range 5 {
			if err := s.Emit("put", i); err != nil {
				t.Fatal(err)
			}
		}
		answer, err := s.EmitWithAck(t.Context(), "put", 5)
		if err != nil {
			t.Fatal(err)
		}
		var i int
		var binary []byte
		if err := answer.Decode(&i, &binary); err != nil || i != 5 || string(binary) != "binary" {
			t.Errorf("answer %d %q, %v", i, binary, err)
		}
		synctest.Wait()
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got
}
