package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
)

// recovering is a client whose connection can be recovered.
type recovering struct {
	*client
	host   *host
	nsp    string // empty, or with a comma behind it
	sid    string
	pid    string
	offset string // of the last event; empty if there was none
}

// recoverable connects a client.
func (h *host) recoverable(nsp string) *recovering {
	h.t.Helper()
	r := &recovering{host: h, nsp: nsp}
	r.reconnect("40" + nsp)
	return r
}

// reconnect opens a connection, sends the CONNECT packet, and returns the events that
// come before the reply. It reports whether the client has recovered.
func (r *recovering) reconnect(connect string) (missed []string, recovered bool) {
	r.host.t.Helper()
	r.client = r.host.connect()
	r.send(connect)
	for {
		packet := r.receive()
		payload, granted := strings.CutPrefix(packet, "40"+r.nsp)
		if !granted {
			missed = append(missed, r.note(packet))
			continue
		}
		var reply struct{ SID, PID string }
		if err := json.Unmarshal([]byte(payload), &reply); err != nil || len(reply.PID) != 20 || len(reply.SID) != 20 {
			r.t.Fatalf("reply %q", packet)
		}
		recovered = reply.SID == r.sid && reply.PID == r.pid
		if !recovered && (reply.SID == r.sid || reply.PID == r.pid) {
			r.t.Fatalf("half recovered: %q", packet)
		}
		r.sid, r.pid = reply.SID, reply.PID
		return missed, recovered
	}
}

// comeBack connects again, as a client does that wants to recover.
func (r *recovering) comeBack() (missed []string, recovered bool) {
	r.host.t.Helper()
	return r.reconnect(r.ask())
}

func (r *recovering) ask() string {
	if r.offset == "" {
		return fmt.Sprintf(`40%s{"pid":%q}`, r.nsp, r.pid)
	}
	return fmt.Sprintf(`40%s{"pid":%q,"offset":%q}`, r.nsp, r.pid, r.offset)
}

// note takes the offset off an event, as the last argument.
func (r *recovering) note(packet string) string {
	r.host.t.Helper()
	i := strings.LastIndex(packet, `,"`)
	if i < 0 || !strings.HasSuffix(packet, `"]`) {
		r.t.Fatalf("event without an offset: %q", packet)
	}
	offset := packet[i+2 : len(packet)-2]
	if len(offset) != 18 || offset <= r.offset && offset[:8] == r.offset[:min(8, len(r.offset))] {
		r.t.Errorf("offset %q after %q", offset, r.offset)
	}
	r.offset = offset
	return packet[:i] + "]"
}

// expectEvents compares the next events, which have offsets.
func (r *recovering) expectEvents(want ...string) {
	r.t.Helper()
	for _, w := range want {
		if got := r.note(r.receive()); got != w {
			r.t.Fatalf("received %q, want %q", got, w)
		}
	}
}

func (r *recovering) expectRecovery(want ...string) {
	r.host.t.Helper()
	missed, recovered := r.comeBack()
	if !recovered || !slices.Equal(missed, want) {
		r.t.Fatalf("recovered: %v, missed %q, want %q", recovered, missed, want)
	}
}

func (r *recovering) expectNewSession() {
	r.host.t.Helper()
	missed, recovered := r.comeBack()
	if recovered || len(missed) > 0 {
		r.t.Fatalf("recovered: %v, missed %q", recovered, missed)
	}
}

// drop loses the connection.
func (r *recovering) drop(left <-chan socketio.Disconnect) socketio.Disconnect {
	r.t.Helper()
	r.conn.Close()
	return await(r.t, left, "the disconnect")
}

// withRecovery returns a server with recovery, and what happens in its main namespace.
func withRecovery(o socketio.Options) (srv *socketio.Server, connected <-chan *socketio.Socket, left <-chan socketio.Disconnect) {
	if o.Recovery == nil {
		o.Recovery = new(socketio.Recovery)
	}
	srv = socketio.NewServer(o)
	return srv, sockets(srv.Of("/")), disconnects(srv.Of("/"))
}

// Every event without acknowledgement that is not volatile has an offset, whoever gets
// it.
func TestOffsets(t *testing.T) {
	srv, connected, _ := withRecovery(socketio.Options{})
	h := serve(t, srv)
	r := h.recoverable("")
	s := await(t, connected, "the socket")
	s.Emit("direct", 1)
	srv.Emit("all")
	s.Join("room")
	srv.To("room").Emit("room", map[string]int{"a": 1})
	srv.Local().Compress(false).Emit("local", "string")
	s.Compress(false).Emit("direct", nil)
	r.expectEvents(`42["direct",1]`, `42["all"]`, `42["room",{"a":1}]`, `42["local","string"]`, `42["direct",null]`)
	s.Emit("binary", []byte{1, 2})
	r.expectEvents(`451-["binary",{"_placeholder":true,"num":0}]`)
	if got := r.receiveBinary(); string(got) != "\x01\x02" {
		t.Errorf("attachment % x", got)
	}
	// The arguments belong to the caller.
	args := []any{1, 2}
	s.Emit("args", args[:1]...)
	r.expectEvents(`42["args",1]`)
	if args[1] != 2 {
		t.Error("the arguments of the caller were changed")
	}

	if err := s.Emit("connect"); !errors.Is(err, socketio.ErrReservedEvent) {
		t.Errorf("reserved event: %v", err)
	}
	if err := s.Emit("x", func() {}); err == nil {
		t.Error("what cannot be encoded is emitted")
	}
}

// No other packet has one.
func TestPacketsWithoutOffset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, connected, left := withRecovery(socketio.Options{})
		echo(srv)
		h, stop := serveInMemory(t, srv, 0)
		r := h.recoverable("")
		s := <-connected
		time.Sleep(time.Second) // volatile events are not sent behind others
		s.Volatile().Emit("volatile", 1)
		synctest.Wait()
		srv.Volatile().Emit("volatile", 2)
		r.expect(`42["volatile",1]`, `42["volatile",2]`)
		go s.EmitWithAck(s.Context(), "question")
		r.expect(`420["question"]`)
		go srv.EmitWithAck(s.Context(), "question", "all")
		r.expect(`421["question","all"]`)
		r.send(`427["echo","x"]`)
		r.expect(`437["x"]`)
		r.drop(left)
		stop()
	})
}

func TestRecoveryIsOffByDefault(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	connected := sockets(srv.Of("/"))
	c := serve(t, srv).connect()
	c.send(`40{"pid":"x","offset":"y"}`)
	if reply := c.receive(); strings.Contains(reply, "pid") {
		t.Errorf("reply %s", reply)
	}
	s := await(t, connected, "the socket")
	s.Emit("e")
	c.expect(`42["e"]`)
	if s.Recovered() {
		t.Error("recovered")
	}
}

// The client gets back its id, rooms, data and what it has missed, in this order, and
// before the reply; middleware does not run, OnConnect does.
func TestRecovery(t *testing.T) {
	type profile struct{ name string }
	srv, connected, left := withRecovery(socketio.Options{})
	middleware := 0
	srv.Use(func(context.Context, *socketio.Socket) error { middleware++; return nil })
	h := serve(t, srv)
	r := h.recoverable("")
	s := await(t, connected, "the socket")
	if s.Recovered() {
		t.Error("recovered at first")
	}
	s.Join("a", "b")
	s.Leave("b")
	data := &profile{"x"}
	s.SetData(data)
	s.Emit("received")
	r.expectEvents(`42["received"]`)
	if d := r.drop(left); !d.Recoverable || d.Reason != socketio.ReasonTransportClose {
		t.Errorf("disconnect: %+v", d)
	}
	srv.Emit("all", 1)
	srv.To("a").Emit("a")
	srv.To("b").Emit("b")
	srv.To("b", "a", s.ID()).Emit("both")
	srv.To("a").Except(s.ID()).Emit("not me")
	srv.Except("a").Emit("not a")
	srv.To(s.ID()).Emit("to its id", []byte{7})
	if err := s.Emit("to the old socket"); err != nil {
		t.Errorf("Emit on a socket that may come back: %v", err)
	}
	srv.Volatile().Emit("volatile")
	s.Volatile().Emit("volatile")
	srv.To().Emit("nobody")

	r.client = h.connect()
	r.send(r.ask())
	r.expectEvents(`42["all",1]`, `42["a"]`, `42["both"]`, `451-["to its id",{"_placeholder":true,"num":0}]`)
	if got := r.receiveBinary(); string(got) != "\x07" {
		t.Errorf("attachment % x", got)
	}
	r.expectEvents(`42["to the old socket"]`)
	r.expect(fmt.Sprintf(`40{"sid":%q,"pid":%q}`, r.sid, r.pid))
	again := await(t, connected, "the new socket")
	if again == s || again.ID() != r.sid || !again.Recovered() || !again.Connected() {
		t.Errorf("socket %s, recovered %v", again.ID(), again.Recovered())
	}
	if got, ok := socketio.DataOf[*profile](again); !ok || got != data {
		t.Errorf("data %v", again.Data())
	}
	if got := again.Rooms(); !slices.Equal(got, []string{r.sid, "a"}) {
		t.Errorf("rooms %v", got)
	}
	if middleware != 1 {
		t.Errorf("middleware ran %d times", middleware)
	}
	srv.To("a").Emit("live")
	if err := s.Emit("late, by the old socket"); err != nil {
		t.Error(err)
	}
	r.expectEvents(`42["live"]`, `42["late, by the old socket"]`)
	if got := srv.Stats().Recovery; got.Recovered != 1 || got.Waiting != 0 || got.LogBytes == 0 {
		t.Errorf("%+v", got)
	}
}

// A client that has received nothing recovers as well: what it knows is its pid.
func TestRecoveryOfAClientThatHasReceivedNothing(t *testing.T) {
	srv, _, left := withRecovery(socketio.Options{})
	h := serve(t, srv)
	srv.Emit("before the client")
	r := h.recoverable("")
	r.drop(left)
	r.expectRecovery()
	r.drop(left)
	srv.Emit("1")
	srv.Emit("2")
	r.expectRecovery(`42["1"]`, `42["2"]`)
	// The same for events that were sent while it was still connected, and lost.
	r.drop(left)
	r.offset = ""
	r.expectRecovery(`42["1"]`, `42["2"]`)
}

// An event that was sent, but did not arrive, is missed; and never one twice.
func TestRecoveryOfWhatWasLostOnTheWay(t *testing.T) {
	srv, connected, left := withRecovery(socketio.Options{})
	h := serve(t, srv)
	r := h.recoverable("")
	s := await(t, connected, "the socket")
	s.Emit("1")
	r.expectEvents(`42["1"]`)
	received := r.offset
	s.Emit("2")
	srv.Emit("3")
	r.expectEvents(`42["2"]`, `42["3"]`)
	r.offset = received
	r.drop(left)
	srv.Emit("4")
	r.expectRecovery(`42["2"]`, `42["3"]`, `42["4"]`)
	r.drop(left)
	r.offset = received // and what was sent again is lost again
	r.expectRecovery(`42["2"]`, `42["3"]`, `42["4"]`)
	srv.Emit("5")
	r.expectEvents(`42["5"]`)
	r.drop(left)
	r.expectRecovery()
}

// What a client has missed depends on its rooms when it was emitted, not on those at
// the end.
func TestMissedEventsDependOnTheRoomsOfTheirTime(t *testing.T) {
	srv, connected, left := withRecovery(socketio.Options{})
	h := serve(t, srv)
	r := h.recoverable("")
	s := await(t, connected, "the socket")
	s.Emit("received")
	r.expectEvents(`42["received"]`)
	received := r.offset
	emit := func(n int) { srv.To("room").Emit("in", n); srv.Except("room").Emit("out", n) }
	emit(1)
	s.Join("room")
	emit(2)
	s.Leave("room")
	emit(3)
	s.Leave("room")
	s.Join("room")
	s.Join("room")
	s.Leave("room")
	s.Join("room", "other")
	emit(4)
	r.expectEvents(`42["out",1]`, `42["in",2]`, `42["out",3]`, `42["in",4]`)
	s.Leave(s.ID())
	srv.To(s.ID()).Emit("own room")
	s.Emit("direct")
	r.expectEvents(`42["direct"]`)
	r.drop(left)
	r.offset = received
	emit(5)
	srv.To(s.ID()).Emit("own room")
	r.expectRecovery(`42["out",1]`, `42["in",2]`, `42["out",3]`, `42["in",4]`, `42["direct"]`, `42["in",5]`)
	if got := await(t, connected, "the socket").Rooms(); !slices.Equal(got, []string{"room", "other"}) {
		t.Errorf("rooms %v", got)
	}
}

func TestSeveralRecoveriesInARow(t *testing.T) {
	srv, connected, left := withRecovery(socketio.Options{})
	h := serve(t, srv)
	r := h.recoverable("")
	s := await(t, connected, "the socket")
	for i := range 10 {
		s.SetData(i)
		s.Join(fmt.Sprint("room ", i))
		r.drop(left)
		srv.To(fmt.Sprint("room ", i)).Emit("missed", i)
		r.expectRecovery(fmt.Sprintf(`42["missed",%d]`, i))
		s = await(t, connected, "the socket")
		if s.Data() != i || len(s.Rooms()) != i+2 {
			t.Fatalf("data %v, rooms %v", s.Data(), s.Rooms())
		}
		if i%2 == 0 {
			s.Emit("live", i)
			r.expectEvents(fmt.Sprintf(`42["live",%d]`, i))
		}
	}
	if n := srv.Stats().Recovery.Recovered; n != 10 {
		t.Errorf("%d recoveries", n)
	}
}

// A session is used once, and not while its first socket lives.
func TestASessionIsUsedOnce(t *testing.T) {
	srv, connected, left := withRecovery(socketio.Options{})
	h := serve(t, srv)
	r := h.recoverable("")
	s := await(t, connected, "the socket")
	thief := *r
	thief.expectNewSession()
	await(t, connected, "the second socket")
	s.Emit("still there")
	r.expectEvents(`42["still there"]`)
	thief = *r
	r.drop(left)
	r.expectRecovery()
	thief.expectNewSession()
	srv.To(r.sid).Emit("only to the one")
	r.expectEvents(`42["only to the one"]`)
	if n := srv.Stats().Recovery.Unknown; n != 2 {
		t.Errorf("%d unknown", n)
	}
}

func TestMiddlewareAtRecovery(t *testing.T) {
	lost := make(chan socketio.LostSession, 10)
	srv, connected, left := withRecovery(socketio.Options{Recovery: &socketio.Recovery{
		RunMiddleware: true,
		OnLost:        func(l socketio.LostSession) { lost <- l },
	}})
	runs, proceed := make(chan bool), make(chan error)
	srv.Use(func(ctx context.Context, s *socketio.Socket) error {
		runs <- s.Recovered()
		if s.Recovered() {
			before := s.Rooms()[1:]
			s.Join("middleware")
			s.Leave("room")
			s.Emit("in middleware", s.Data(), before)
		}
		select {
		case err := <-proceed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	h := serve(t, srv)
	admit := func(want bool, err error) {
		if got := await(t, runs, "middleware"); got != want {
			t.Errorf("Recovered in middleware: %v", got)
		}
		proceed <- err
	}
	go admit(false, nil)
	r := h.recoverable("")
	s := await(t, connected, "the socket")
	s.Join("room")
	s.SetData("data")
	r.drop(left)
	srv.To("room").Emit("missed")

	// It comes back, but loses the connection again while the middleware runs.
	c := h.connect()
	c.send(r.ask())
	if !await(t, runs, "middleware") {
		t.Error("not recovered in middleware")
	}
	c.expect(`42["in middleware","data",["room"]]`)
	c.conn.Close()
	eventually(t, "the session waits again", func() bool { return srv.Stats().Recovery.Waiting == 1 })
	srv.To("middleware").Emit("missed too")
	srv.To("room").Emit("not in the room any more")

	r.client = h.connect()
	r.send(r.ask())
	go admit(true, nil)
	r.expect(`42["in middleware","data",["middleware"]]`)
	r.expectEvents(`42["missed"]`, `42["missed too"]`)
	r.expect(fmt.Sprintf(`40{"sid":%q,"pid":%q}`, r.sid, r.pid))
	await(t, connected, "the socket")

	r.drop(left)
	r.client = h.connect()
	r.send(r.ask())
	go admit(true, errors.New("no"))
	r.expect(`42["in middleware","data",["middleware"]]`, `44{"message":"no"}`)
	if l := await(t, lost, "OnLost"); l.Reason != socketio.LostRefused || l.SocketID != r.sid {
		t.Errorf("%+v", l)
	}
	go admit(false, nil)
	r.expectNewSession()
}

// eventually waits for what nobody tells of.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
