package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/event"
)

func TestHandlersRunInOrder(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	log := make(chan string, 100)
	note := func(what string) socketio.Handler {
		return func(context.Context, *socketio.Socket, socketio.Args) error {
			log <- what
			return nil
		}
	}
	noteAny := func(what string) socketio.AnyHandler {
		return func(_ context.Context, _ *socketio.Socket, name string, args socketio.Args) {
			log <- fmt.Sprint(what, " ", name, " ", args.Len())
		}
	}
	srv.On("x", note("namespace 1"))
	off := srv.On("x", note("namespace 2"))
	offAny := srv.OnAny(noteAny("namespace any"))
	srv.On("x", note("namespace 3"))
	srv.OnConnect(func(_ context.Context, s *socketio.Socket) {
		s.OnAny(noteAny("socket any"))
		s.On("x", note("socket 1"))
		s.On("x", note("socket 2"))
	})
	srv.On("end", note("end"))
	c := serve(t, srv).connect()
	c.join("/", "")

	expect := func(want ...string) {
		t.Helper()
		for _, w := range want {
			if got := await(t, log, w); got != w {
				t.Fatalf("%q ran, want %q", got, w)
			}
		}
	}
	c.send(`42["x",1,2]`)
	expect("namespace any x 2", "socket any x 2", "namespace 1", "namespace 2", "namespace 3", "socket 1", "socket 2")
	off()
	off() // a second time does nothing
	offAny()
	c.send(`42["x"]`, `42["unknown"]`, `42["end"]`)
	expect("socket any x 0", "namespace 1", "namespace 3", "socket 1", "socket 2", "socket any unknown 0", "socket any end 0", "end")
}

// Handlers of one socket run one at a time and in order, those of different sockets
// in parallel.
func TestOneSocketOneAtATime(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	const n = 2000
	var mu sync.Mutex
	running, next := make(map[string]bool), make(map[string]int)
	done := make(chan string, 2)
	srv.On("count", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		var i int
		if err := args.Decode(&i); err != nil {
			return err
		}
		mu.Lock()
		if running[s.ID()] || next[s.ID()] != i {
			t.Errorf("event %d handled, want %d; another one running: %v", i, next[s.ID()], running[s.ID()])
		}
		running[s.ID()] = true
		mu.Unlock()
		runtime.Gosched()
		mu.Lock()
		running[s.ID()] = false
		next[s.ID()]++
		mu.Unlock()
		if i == n-1 {
			done <- s.ID()
		}
		return nil
	})
	met := make(chan bool)
	srv.On("meet", func(context.Context, *socketio.Socket, socketio.Args) error {
		select { // succeeds only if two handlers run at the same time
		case met <- true:
		case <-met:
			done <- "met"
		}
		return nil
	})
	h := serve(t, srv)
	for range 2 {
		c := h.connect()
		c.join("/", "")
		messages := []string{}
		for i := range n {
			messages = append(messages, fmt.Sprintf(`42["count",%d]`, i))
		}
		c.send(append(messages, `42["meet"]`)...)
	}
	for range 3 {
		await(t, done, "the end")
	}
}

// Of an error only what is meant for the client reaches it.
func TestErrorsOfHandlers(t *testing.T) {
	logged := new(records)
	srv := socketio.NewServer(socketio.Options{Logger: slog.New(logged)})
	fails := func(name string, fail func(args socketio.Args) error) {
		srv.On(name, func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return fail(args) })
	}
	fails("told", func(socketio.Args) error {
		return fmt.Errorf("save: %w", &event.Error{Message: "name taken", Data: []int{1}})
	})
	fails("secret", func(socketio.Args) error { return errors.New("password of the database is wrong") })
	fails("panic", func(socketio.Args) error { panic("at the disco") })
	fails("answered", func(args socketio.Args) error {
		args.Ack("fine")
		return errors.New("but then it failed")
	})
	fails("unencodable", func(args socketio.Args) error { return args.Ack(make(chan int)) })
	socketio.On(srv, event.New[int]("typed"), func(context.Context, *socketio.Socket, int) error {
		t.Error("handler of the wrong type runs")
		return nil
	})
	fails("fine", func(args socketio.Args) error { return args.Ack("fine") })
	h := serve(t, srv)
	c := h.connect()
	c.join("/", "")

	tests := []struct {
		send, receive string
		level         slog.Level // of the one line that is logged
	}{
		{`421["told"]`, `431[{"error":"name taken","data":[1]}]`, slog.LevelDebug},
		{`422["secret"]`, `432[{"error":"internal error"}]`, slog.LevelError},
		{`423["panic"]`, `433[{"error":"internal error"}]`, slog.LevelError},
		{`424["answered"]`, `434["fine"]`, slog.LevelError},
		{`425["unencodable"]`, `435[{"error":"internal error"}]`, slog.LevelError},
		{`426["typed","text"]`, `436[{"error":"invalid arguments"}]`, slog.LevelDebug},
		{`427["typed"]`, `437[{"error":"invalid arguments"}]`, slog.LevelDebug},
	}
	for i, tt := range tests {
		c.send(tt.send, fmt.Sprintf(`429%d["fine"]`, i))
		c.expect(tt.receive, fmt.Sprintf(`439%d["fine"]`, i)) // also proof that the log line has been written
		switch lines := logged.take(); {
		case len(lines) != 1 || lines[0].Level != tt.level:
			t.Errorf("%s: logged %v, want one line at level %v", tt.send, lines, tt.level)
		case !strings.Contains(attributes(lines[0]), "namespace=/ socket=") || !strings.Contains(attributes(lines[0]), "event="):
			t.Errorf("%s: logged without socket and event: %s", tt.send, attributes(lines[0]))
		}
	}
	if n := srv.Stats().Panics; n != 1 {
		t.Errorf("Panics = %d", n)
	}
	c.send(`42["secret"]`, `42["panic"]`, `428["fine"]`) // nobody asked: nothing is answered
	c.expect(`438["fine"]`)
}

// A handler that ends its goroutine, as t.FailNow does, stops nobody else.
func TestHandlerThatEndsItsGoroutine(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	echo(srv)
	srv.On("exit", func(context.Context, *socketio.Socket, socketio.Args) error {
		runtime.Goexit()
		return nil
	})
	srv.Of("/exit").Use(func(context.Context, *socketio.Socket) error {
		runtime.Goexit()
		return nil
	})
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send(`421["exit"]`, `42["echo","still here"]`)
	c.expect(`431[{"error":"internal error"}]`, `42["echo","still here"]`)
	c.send("40/exit,")
	c.expect(`44/exit,{"message":"internal error"}`)
}

func TestPanicsElsewhere(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	echo(srv)
	srv.OnConnect(func(context.Context, *socketio.Socket) { panic("connect") })
	srv.OnAny(func(context.Context, *socketio.Socket, string, socketio.Args) { panic("any") })
	srv.OnDisconnect(func(context.Context, *socketio.Socket, socketio.Disconnect) { panic("disconnect") })
	left := disconnects(srv.Of("/"))
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send(`42["echo","unharmed"]`)
	c.expect(`42["echo","unharmed"]`)
	c.send("41")
	await(t, left, "the handler after the one that panics")
	if n := srv.Stats().Panics; n != 3 {
		t.Errorf("Panics = %d, want 3", n)
	}
}

func TestTypedEventsAndCalls(t *testing.T) {
	type move struct {
		X, Y  int
		Trace []byte
	}
	var (
		moved  = event.New[move]("moved")
		pair   = event.New[event.Tuple2[string, int]]("pair")
		double = event.NewCall[int, int]("double")
		halve  = event.NewCall[int, int]("halve")
	)
	srv := socketio.NewServer(socketio.Options{})
	socketio.On(srv, moved, func(ctx context.Context, s *socketio.Socket, m move) error {
		m.X, m.Y = m.Y, m.X
		m.Trace = append(m.Trace, 9)
		return moved.Emit(ctx, s, m)
	})
	socketio.On(srv, pair, func(ctx context.Context, s *socketio.Socket, p event.Tuple2[string, int]) error {
		p.B++
		return pair.Emit(ctx, s, p)
	})
	socketio.Handle(srv, double, func(_ context.Context, _ *socketio.Socket, n int) (int, error) { return 2 * n, nil })
	results := make(chan string, 2)
	srv.On("ask", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) error {
		n, err := halve.Ask(ctx, s, 10)
		results <- fmt.Sprint(n, err)
		return nil
	})
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send(`451-["moved",{"X":1,"Y":2,"Trace":{"_placeholder":true,"num":0}}]`)
	c.sendBinary([]byte{7})
	c.expect(`451-["moved",{"X":2,"Y":1,"Trace":{"_placeholder":true,"num":0}}]`)
	if b := c.receiveBinary(); string(b) != "\x07\x09" {
		t.Errorf("attachment % x", b)
	}
	c.send(`42["pair","a",1]`)
	c.expect(`42["pair","a",2]`)
	c.send(`423["double",21]`, `42["double",1]`)
	c.expect(`433[42]`)
	c.send(`42["ask"]`)
	c.expect(`420["halve",10]`)
	c.send(`430[5]`, `42["ask"]`)
	c.expect(`421["halve",10]`)
	c.send(`431[{"error":"odd"}]`)
	for _, want := range []string{"5 <nil>", "0 odd"} {
		if got := await(t, results, want); got != want {
			t.Errorf("result %q, want %q", got, want)
		}
	}
}

// JavaScript programs register such handlers; here they would never run.
func TestHandlersForReservedEventsAreWarnedAbout(t *testing.T) {
	logged := new(records)
	srv := socketio.NewServer(socketio.Options{Logger: slog.New(logged)})
	defer srv.Close()
	for _, name := range []string{"connection", "connect", "disconnect"} {
		srv.On(name, func(context.Context, *socketio.Socket, socketio.Args) error { return nil })
		if lines := logged.take(); len(lines) != 1 || lines[0].Level != slog.LevelWarn {
			t.Errorf("On(%q) logs %v", name, lines)
		}
	}
}

// records keeps what is logged.
type records struct {
	mu   sync.Mutex
	list []slog.Record
}

func (r *records) Enabled(context.Context, slog.Level) bool { return true }
func (r *records) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r *records) WithGroup(string) slog.Handler            { return r }

func (r *records) Handle(_ context.Context, record slog.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, record)
	return nil
}

// take returns what has been logged since it was called before.
func (r *records) take() []slog.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.list
	r.list = nil
	return list
}

func attributes(r slog.Record) string {
	var b strings.Builder
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&b, " %v", a)
		return true
	})
	return b.String()
}
