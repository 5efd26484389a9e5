package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-socketio/socketio"
)

// Namespaces of one connection recover by themselves. An offset of another log, which
// official clients go on sending, says that the client has received nothing of this one.
func TestRecoveryOfNamespaces(t *testing.T) {
	srv, _, left := withRecovery(socketio.Options{})
	other := srv.Of("/other")
	otherLeft := disconnects(other)
	h := serve(t, srv)
	main, second := h.recoverable(""), h.recoverable("/other,")
	srv.Emit("1")
	other.Emit("1")
	main.expectEvents(`42["1"]`)
	second.expectEvents(`42/other,["1"]`)
	main.drop(left)
	second.drop(otherLeft)
	srv.Emit("main")
	other.Emit("other")
	second.offset = main.offset
	second.expectRecovery(`42/other,["1"]`, `42/other,["other"]`)
	main.expectRecovery(`42["main"]`)
}

// Nonsense in the auth means a new session, and no harm.
func TestRecoveryRequests(t *testing.T) {
	srv, _, left := withRecovery(socketio.Options{})
	h := serve(t, srv)
	for _, auth := range []string{
		`{"pid":1,"offset":"x"}`, `{"pid":null}`, `{"pid":"","offset":""}`, `{"offset":"x"}`, `{"pid":"unknown","offset":"x"}`, `{"pid":{}}`,
	} {
		r := h.recoverable("")
		r.drop(left)
		if missed, recovered := r.reconnect("40" + auth); recovered || len(missed) > 0 {
			t.Errorf("%s: recovered %v, missed %q", auth, recovered, missed)
		}
		r.drop(left)
	}
	for name, offset := range map[string]string{"no offset": "x", "of the future": "future", "not sent to this client": "foreign"} {
		r := h.recoverable("")
		srv.Emit("e")
		r.expectEvents(`42["e"]`)
		valid := r.offset
		r.drop(left)
		switch offset {
		case "future":
			offset = valid[:17] + "z"
		case "foreign":
			other := h.recoverable("")
			srv.Emit("e")
			other.expectEvents(`42["e"]`)
			offset = other.offset
			other.drop(left)
		}
		r.offset = offset
		if missed, recovered := r.comeBack(); recovered {
			t.Errorf("%s: missed %q", name, missed)
		}
		r.drop(left)
	}
	// An official client goes on sending the offset of a session that is over.
	r := h.recoverable("")
	srv.Emit("old")
	r.expectEvents(`42["old"]`)
	r.send("41")
	await(t, left, "the disconnect")
	stale := r.offset
	srv.Emit("between")
	r.reconnect("40")
	r.drop(left)
	srv.Emit("new")
	r.offset = stale
	r.expectRecovery(`42["new"]`)
}

// The latest offset of an official client may be of a server that is no more. What it has
// missed since it came to the present one is known nevertheless.
func TestRecoveryWithAnOffsetOfAnotherServer(t *testing.T) {
	old, _, _ := withRecovery(socketio.Options{})
	r := serve(t, old).recoverable("")
	old.Emit("e")
	r.expectEvents(`42["e"]`)
	stale := r.offset
	srv, _, left := withRecovery(socketio.Options{})
	r.host = serve(t, srv)
	r.expectNewSession()
	r.drop(left)
	srv.Emit("missed")
	r.offset = stale
	r.expectRecovery(`42["missed"]`)
}

// What the handlers of the old connection still do is not lost.
func TestDataOfLateHandlersSurvives(t *testing.T) {
	srv, connected, left := withRecovery(socketio.Options{})
	proceed := make(chan bool)
	srv.On("work", func(_ context.Context, s *socketio.Socket, _ socketio.Args) error {
		<-proceed
		s.SetData("late")
		return s.Emit("done")
	})
	r := serve(t, srv).recoverable("")
	await(t, connected, "the socket")
	r.send(`42["work"]`)
	r.conn.Close()
	eventually(t, "the client is away", func() bool { return srv.Stats().Recovery.Waiting == 1 })
	r.expectRecovery()
	again := await(t, connected, "the socket")
	close(proceed)
	r.expectEvents(`42["done"]`)
	await(t, left, "the disconnect")
	if again.Data() != "late" {
		t.Errorf("data %v", again.Data())
	}
}

// While emits never end, what a client gets before and after a recovery is all of it,
// once and in order.
func TestNothingIsLostOrDoubled(t *testing.T) {
	srv, connected, left := withRecovery(socketio.Options{})
	h := serve(t, srv)
	r := h.recoverable("")
	await(t, connected, "the socket").Join("room")
	flow := newFlow()
	flow.run(func(n int) { srv.To("room").Emit("n", n) })
	next := 0
	take := func(events ...string) {
		t.Helper()
		for _, e := range events {
			if want := fmt.Sprintf(`42["n",%d]`, next); e != want {
				t.Fatalf("got %s, want %s", e, want)
			}
			next++
		}
	}
	for range 20 {
		flow.allow(200)
		for range 10 {
			take(r.note(r.receive()))
		}
		r.drop(left)
		flow.allow(200)
		missed, recovered := r.comeBack()
		if !recovered {
			t.Fatal("not recovered")
		}
		take(missed...)
	}
	for n := flow.end(); next < n; {
		take(r.note(r.receive()))
	}
}

// flow is events that are emitted in the background as fast as they are allowed, so that
// nobody is overrun.
type flow struct {
	allowed chan bool
	emitted atomic.Int64
	work    sync.WaitGroup
}

func newFlow() *flow { return &flow{allowed: make(chan bool, 20_000)} }

func (f *flow) allow(events int) {
	for range events {
		f.allowed <- true
	}
}

// run calls emit with 0, 1 and so on.
func (f *flow) run(emit func(n int)) {
	f.work.Go(func() {
		for n := 0; <-f.allowed; n++ {
			emit(n)
			f.emitted.Add(1)
		}
	})
}

// end returns when all that were allowed have been emitted, and says how many.
func (f *flow) end() int {
	close(f.allowed)
	f.work.Wait()
	return int(f.emitted.Load())
}

func TestRecoverableReasons(t *testing.T) {
	tests := map[string]struct {
		end    func(*recovering, *socketio.Socket)
		reason socketio.Reason
		want   bool
	}{
		"connection lost":      {func(r *recovering, _ *socketio.Socket) { r.conn.Close() }, socketio.ReasonTransportClose, true},
		"closed by the server": {func(_ *recovering, s *socketio.Socket) { s.Session().Close("forced close") }, socketio.ReasonForcedClose, true},
		"invalid packet":       {func(r *recovering, _ *socketio.Socket) { r.send("4?") }, socketio.ReasonForcedClose, true},
		"invalid frame":        {func(r *recovering, _ *socketio.Socket) { r.write([]byte{0xff, 0xff}) }, socketio.ReasonTransportError, true},
		"parse error":          {func(r *recovering, _ *socketio.Socket) { r.send("x") }, socketio.ReasonParseError, false},
		"client leaves":        {func(r *recovering, _ *socketio.Socket) { r.send("41") }, socketio.ReasonClientDisconnect, false},
		"disconnected":         {func(_ *recovering, s *socketio.Socket) { s.Disconnect() }, socketio.ReasonServerDisconnect, false},
		"connection ended":     {func(_ *recovering, s *socketio.Socket) { s.DisconnectConn() }, socketio.ReasonServerDisconnect, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			srv, connected, left := withRecovery(socketio.Options{Logger: silent})
			r := serve(t, srv).recoverable("")
			s := await(t, connected, "the socket")
			tt.end(r, s)
			if d := await(t, left, "the disconnect"); d.Reason != tt.reason || d.Recoverable != tt.want {
				t.Errorf("%+v", d)
			}
			if err := s.Emit("e"); (err == nil) != tt.want || err != nil && !errors.Is(err, socketio.ErrDisconnected) {
				t.Errorf("Emit after that: %v", err)
			}
			if tt.want {
				r.expectRecovery(`42["e"]`)
			} else {
				r.expectNewSession()
			}
		})
	}
}

func TestRecoveryOverPolling(t *testing.T) {
	srv, connected, left := withRecovery(socketio.Options{})
	h := serve(t, srv)
	p := h.poll()
	p.send("40")
	var reply struct{ SID, PID string }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(p.receive()[0], "40")), &reply); err != nil {
		t.Fatal(err)
	}
	await(t, connected, "the socket")
	p.send("1")
	await(t, left, "the disconnect")
	srv.Emit("missed")
	p = h.poll()
	p.send(fmt.Sprintf(`40{"pid":%q}`, reply.PID))
	got := p.receive()
	want := fmt.Sprintf(`40{"sid":%q,"pid":%q}`, reply.SID, reply.PID)
	if len(got) != 2 || !strings.HasPrefix(got[0], `42["missed","`) || got[1] != want {
		t.Errorf("received %q", got)
	}
}
