package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	socketio "github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/event"
)

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

func TestHandlersRunInOrderAndAcksDoNotWaitForThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		srv := w.server(socketio.Options{})
		srv.On("start", func(ctx context.Context, s *socketio.Socket, args socketio.Args) error {
			for i := range 100 {
				s.Emit("number", i)
			}
			return nil
		})
		srv.On("echo", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack(args) })
		var got []int
		running := 0
		s := w.connect(Options{Setup: func(s *Socket) {
			s.On("number", func(ctx context.Context, s *Socket, args Args) error {
				running++
				defer func() { running-- }()
				if running > 1 {
					t.Error("two handlers at a time")
				}
				var i int
				if err := args.Decode(&i); err != nil {
					return err
				}
				// The answer comes although this handler, and many events, are waiting.
				answer, err := s.EmitWithAck(ctx, "echo", i)
				if err != nil {
					return err
				}
				time.Sleep(time.Second)
				if err := answer.Decode(&i); err != nil {
					return err
				}
				got = append(got, i)
				return nil
			})
		}})
		s.Emit("start")
		time.Sleep(200 * time.Second)
		synctest.Wait()
		if len(got) != 100 || !slices.IsSorted(got) {
			t.Errorf("handled %v", got)
		}
	})
}

// A server that waits for the answer to a typed event learns that it was handled.
func TestEmptyAcknowledgement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		srv := w.server(socketio.Options{})
		answers := make(chan string, 3)
		srv.OnConnect(func(ctx context.Context, s *socketio.Socket) {
			for _, name := range []string{"typed", "failing", "both"} {
				answer, err := s.EmitWithAck(ctx, name, 1)
				answers <- fmt.Sprint(name, " ", answer.Len(), " ", string(answer.Raw(0)), " ", err)
			}
		})
		number := func(err error) func(context.Context, *Socket, int) error {
			return func(context.Context, *Socket, int) error { return err }
		}
		w.connect(Options{Logger: silent, Setup: func(s *Socket) {
			On(s, event.New[int]("typed"), number(nil))
			On(s, event.New[int]("typed"), number(nil))
			On(s, event.New[int]("failing"), number(&event.Error{Message: "no"}))
			On(s, event.New[int]("both"), number(nil))
			s.On("both", func(_ context.Context, _ *Socket, args Args) error { return args.Ack("mine") })
		}})
		for _, want := range []string{"typed 0  <nil>", `failing 1 {"error":"no"} <nil>`, `both 1 "mine" <nil>`} {
			if got := <-answers; got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
	})
}

// Handlers for the first event only are gone afterwards, also the typed ones, and one that
// is taken away before is never called.
func TestOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		srv := w.server(socketio.Options{})
		srv.OnConnect(func(_ context.Context, s *socketio.Socket) {
			for i := range 3 {
				s.Emit("number", i)
			}
		})
		var log []string
		handler := func(name string) Handler {
			return func(_ context.Context, _ *Socket, args Args) error {
				log = append(log, name+string(args.Raw(0)))
				return nil
			}
		}
		w.connect(Options{Setup: func(s *Socket) {
			s.Once("number", handler("once "))
			off := s.Once("number", handler("never "))
			off()
			Once(s, event.New[int]("number"), func(_ context.Context, _ *Socket, i int) error {
				log = append(log, fmt.Sprint("typed ", i))
				return nil
			})
			s.On("number", handler("always "))
		}})
		time.Sleep(time.Second)
		synctest.Wait()
		if want := []string{"once 0", "typed 0", "always 0", "always 1", "always 2"}; !slices.Equal(log, want) {
			t.Errorf("%q, want %q", log, want)
		}
	})
}

func TestDisconnectEndsContextsAtOnceAndIsHandledLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		srv := w.server(socketio.Options{})
		srv.OnConnect(func(_ context.Context, s *socketio.Socket) {
			s.Emit("slow")
			s.Emit("after")
			time.Sleep(time.Second)
			s.DisconnectConn()
		})
		var log []string
		s := w.connect(Options{Setup: func(s *Socket) {
			s.On("slow", func(ctx context.Context, s *Socket, _ Args) error {
				<-ctx.Done()
				var gone *DisconnectError
				if cause := context.Cause(ctx); !errors.As(cause, &gone) || gone.Reason != ReasonServerDisconnect {
					t.Errorf("cause %v", cause)
				}
				log = append(log, "slow")
				return context.Cause(ctx)
			})
			s.On("after", func(context.Context, *Socket, Args) error { log = append(log, "after"); return nil })
			s.OnDisconnect(func(ctx context.Context, _ *Socket, d Disconnect) {
				if ctx.Err() != nil {
					t.Error("the context of the disconnect handler has ended")
				}
				log = append(log, fmt.Sprint(d.Reason, d.Final))
			})
		}})
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if want := []string{"slow", "after", "io server disconnecttrue"}; !slices.Equal(log, want) {
			t.Errorf("%q, want %q", log, want)
		}
		if s.Active() || s.Connected() || s.Context().Err() == nil {
			t.Error("the socket thinks that it is connected")
		}
		if err := s.Emit("x"); !errors.Is(err, ErrNotConnected) || !errors.Is(err, ErrDisconnected) {
			t.Errorf("emitting afterwards: %v", err)
		}
	})
}

func TestPanicsAreCaught(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		srv := w.server(socketio.Options{})
		answers := make(chan string, 3)
		srv.OnConnect(func(ctx context.Context, s *socketio.Socket) {
			for _, name := range []string{"panic", "goexit", "error"} {
				a, err := s.EmitWithAck(ctx, name)
				answers <- fmt.Sprintf("%s %s %v", name, a.Raw(0), err)
			}
		})
		s := w.connect(Options{Logger: silent, Setup: func(s *Socket) {
			s.On("panic", func(context.Context, *Socket, Args) error { panic("oh") })
			s.On("goexit", func(_ context.Context, _ *Socket, a Args) error {
				a.Ack()
				runtime.Goexit()
				return nil
			})
			s.On("error", func(context.Context, *Socket, Args) error {
				return fmt.Errorf("wrapped: %w", &event.Error{Message: "for you"})
			})
		}})
		for _, want := range []string{`panic {"error":"internal error"} <nil>`, `goexit  <nil>`, `error {"error":"for you"} <nil>`} {
			if got := <-answers; got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		s.Client().OnStatus(func(Status) { panic("listener") })
		s.Close()
		synctest.Wait()
		if n := s.Client().Stats().Panics; n != 2 {
			t.Errorf("%d panics", n)
		}
	})
}

func TestFullInboxStopsReadingAndAStuckHandlerEndsTheConnection(t *testing.T) {
	for _, waits := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			srv := w.server(socketio.Options{PingInterval: time.Second, PingTimeout: time.Second})
			const events = 2000
			srv.OnConnect(func(_ context.Context, s *socketio.Socket) {
				for i := range events {
					s.Emit("big", i, strings.Repeat("x", 1000))
				}
			})
			srv.On("echo", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack() })
			gone := make(chan Disconnect, 10)
			release := make(chan struct{})
			handled := 0
			s := w.connect(Options{Transports: []string{WebSocket}, MaxInbox: 64 << 10, DisableReconnect: true, Logger: silent, Setup: func(s *Socket) {
				onDisconnect(gone)(s)
				s.On("big", func(ctx context.Context, s *Socket, args Args) error {
					handled++
					if handled > 1 {
						return nil
					}
					<-release
					if waits {
						_, err := s.EmitWithAck(ctx, "echo")
						return err
					}
					return nil
				})
			}})
			synctest.Wait()
			s.mu.Lock()
			cost := s.inbox.cost
			s.mu.Unlock()
			if cost > 64<<10+20<<10 {
				t.Errorf("the inbox holds %d bytes", cost)
			}
			time.Sleep(1500 * time.Millisecond)
			close(release)
			if waits {
				if d := <-gone; d.Reason != ReasonInboxFull {
					t.Errorf("%+v", d)
				}
				return
			}
			time.Sleep(100 * time.Millisecond)
			synctest.Wait()
			if handled != events {
				t.Errorf("%d of %d events were handled", handled, events)
			}
		})
	}
}

func TestOfflineBufferIsBoundedAndForgetsWhatIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		srv := w.server(socketio.Options{})
		s := w.connect(Options{MaxBuffer: 1000})
		srv.Close()
		w.stop()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.EmitWithAck(ctx, "ask", strings.Repeat("x", 700)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for an answer: %v", err)
		}
		if err := s.Emit("fits", strings.Repeat("x", 700)); err != nil {
			t.Errorf("what was given up still takes room: %v", err)
		}
		if err := s.Emit("too much", strings.Repeat("x", 700)); !errors.Is(err, ErrBufferFull) {
			t.Errorf("%v", err)
		}
		if err := s.Offline(OfflineWait).EmitContext(ctx, "too late"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		pending := make(chan error, 1)
		go func() { _, err := s.EmitWithAck(t.Context(), "small"); pending <- err }()
		synctest.Wait()
		s.Close()
		if err := <-pending; !errors.Is(err, ErrDisconnected) || !errors.Is(err, ErrClosed) {
			t.Errorf("%v", err)
		}
		if n := s.Client().Stats().Lost; n != 1 {
			t.Errorf("%d events lost, want 1", n)
		}
	})
}

func TestCloseSendsWhatIsQueued(t *testing.T) {
	for _, transports := range [][]string{{Polling}, {WebSocket}, {Polling, WebSocket}} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			srv := w.server(socketio.Options{})
			got := 0
			srv.On("x", func(context.Context, *socketio.Socket, socketio.Args) error { got++; return nil })
			reasons := make(chan socketio.Reason, 1)
			srv.OnDisconnect(func(_ context.Context, _ *socketio.Socket, d socketio.Disconnect) { reasons <- d.Reason })
			s := w.connect(Options{Transports: transports})
			for range 100 {
				s.Emit("x", strings.Repeat("y", 10_000))
			}
			s.Close()
			if reason := <-reasons; got != 100 || reason != socketio.ReasonClientDisconnect {
				t.Errorf("%v: %d of 100 events arrived, reason %s", transports, got, reason)
			}
			if err := s.Connect(t.Context()); !errors.Is(err, ErrClosed) {
				t.Errorf("Connect after Close: %v", err)
			}
		})
	}
}

func TestAuthIsAskedForAtEveryAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.fake(engine.Options{}, grantAll)
		calls := 0
		o := Options{Transports: []string{WebSocket}, AuthFunc: func(_ context.Context, namespace string) (any, error) {
			calls++
			if calls == 2 {
				return nil, errors.New("no token today")
			}
			return map[string]any{"n": calls, "ns": namespace}, nil
		}}
		s := w.connect(o)
		synctest.Wait()
		f.session(0).Abort(engine.ReasonTransportError, nil)
		synctest.Wait()
		if err := s.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		var sent []string
		for _, m := range f.heard() {
			if strings.HasPrefix(m, "0") {
				sent = append(sent, m)
			}
		}
		if want := []string{`0{"n":1,"ns":"/"}`, `0{"n":3,"ns":"/"}`}; !sameSets(sent, want) {
			t.Errorf("%q, want %q", sent, want)
		}
		_, err := Connect(t.Context(), "http://memory", w.options(Options{Auth: "not an object"}))
		var failure *ConnectError
		if !errors.As(err, &failure) || failure.Step != StepAuth || failure.Fault != FaultCaller {
			t.Errorf("%v", err)
		}
	})
}

// sameSets compares JSON texts whose members may be in any order.
func sameSets(a, b []string) bool {
	sorted := func(list []string) []string {
		out := slices.Clone(list)
		for i, text := range out {
			chars := strings.Split(text, "")
			slices.Sort(chars)
			out[i] = strings.Join(chars, "")
		}
		return out
	}
	return slices.Equal(sorted(a), sorted(b))
}

func TestDisconnectWhileJoiningIsSaidWhenTheServerHasAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.fake(engine.Options{}, func(f *fake, s *engine.Session, m string) {
			if m != "0/late," {
				grantAll(f, s, m)
			}
		})
		s := w.connect(Options{Transports: []string{WebSocket}})
		late := s.Client().Of("late")
		joined := make(chan error, 1)
		go func() { joined <- late.Connect(t.Context()) }()
		synctest.Wait()
		late.Disconnect()
		if err := <-joined; !errors.Is(err, ErrDisconnected) {
			t.Errorf("Connect returned %v", err)
		}
		synctest.Wait()
		if slices.Contains(f.heard(), "1/late,") {
			t.Error("DISCONNECT before the answer: the official server ends the connection over it")
		}
		say(f.session(0), `0/late,{"sid":"x"}`)
		synctest.Wait()
		if !slices.Contains(f.heard(), "1/late,") || late.Connected() || !s.Connected() {
			t.Errorf("heard %q", f.heard())
		}
	})
}

func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		srv := w.server(socketio.Options{})
		c, err := New("http://memory", w.options(Options{Transports: []string{WebSocket}, ReconnectAttempts: 2}))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var states []string
		c.OnStatus(func(s Status) { states = append(states, fmt.Sprint(s.State, s.Attempt)) })
		if err := c.Of("/").Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		srv.Close()
		w.stop()
		time.Sleep(time.Minute)
		synctest.Wait()
		want := []string{"connecting0", "connected0", "waiting1", "connecting1", "waiting2", "connecting2", "idle0"}
		if !slices.Equal(states, want) {
			t.Errorf("%q, want %q", states, want)
		}
		if s := c.Status(); s.State != Idle || !errors.Is(s.Err, errNobody) {
			t.Errorf("%+v", s)
		}
	})
}

func TestCatchAllListeners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		srv := w.server(socketio.Options{})
		srv.On("a", func(_ context.Context, s *socketio.Socket, args socketio.Args) error { return s.Emit("b", args) })
		var log []string
		var off func()
		s := w.connect(Options{Transports: []string{WebSocket}, Setup: func(s *Socket) {
			s.On("b", func(_ context.Context, _ *Socket, args Args) error {
				log = append(log, "named")
				return nil
			})
			off = s.OnAny(func(_ context.Context, _ *Socket, name string, args Args) {
				log = append(log, "any "+name+string(args.Raw(0)))
			})
			s.OnAnyOutgoing(func(_ *Socket, name string, args []any) { log = append(log, fmt.Sprint("out ", name, args)) })
		}})
		s.Emit("a", 1)
		time.Sleep(time.Second) // a server may gather what it sends
		synctest.Wait()
		off()
		s.Emit("a", 2)
		time.Sleep(time.Second)
		synctest.Wait()
		if want := []string{"out a[1]", "any b1", "named", "out a[2]", "named"}; !slices.Equal(log, want) {
			t.Errorf("%q, want %q", log, want)
		}
	})
}

func TestTypedEventsAndCalls(t *testing.T) {
	type move struct{ X, Y int }
	var (
		moved = event.New[move]("moved")
		sum   = event.NewCall[move, int]("sum")
	)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		srv := w.server(socketio.Options{})
		asked := make(chan any, 2)
		socketio.On(srv, moved, func(ctx context.Context, s *socketio.Socket, m move) error {
			n, err := sum.Ask(ctx, s, m)
			asked <- fmt.Sprint(n, err)
			return nil
		})
		socketio.Handle(srv, sum, func(_ context.Context, _ *socketio.Socket, m move) (int, error) { return m.X + m.Y, nil })
		s := w.connect(Options{Transports: []string{WebSocket}, Setup: func(s *Socket) {
			Handle(s, sum, func(_ context.Context, _ *Socket, m move) (int, error) {
				if m.X < 0 {
					return 0, &event.Error{Message: "negative"}
				}
				return m.X + m.Y, nil
			})
		}})
		for _, m := range []move{{1, 2}, {-1, 2}} {
			if err := moved.Emit(t.Context(), s, m); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []string{"3 <nil>", "0 negative"} {
			if got := <-asked; got != want {
				t.Errorf("%v, want %v", got, want)
			}
		}
		synctest.Wait() // a volatile question is dropped while something else is written
		if n, err := sum.Ask(t.Context(), s.Volatile(), move{3, 4}); n != 7 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	})
}
