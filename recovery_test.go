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
// it, and no other packet.
func TestOffsets(t *testing.T) {
	srv, connected, _ := withRecovery(socketio.Options{})
	echo(srv)
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

	s.Volatile().Emit("volatile", 1)
	srv.Volatile().Emit("volatile", 2)
	go s.EmitWithAck(s.Context(), "question")
	r.expect(`42["volatile",1]`, `42["volatile",2]`, `420["question"]`)
	r.send(`427["echo","x"]`)
	r.expect(`437["x"]`)
	if err := s.Emit("connect"); !errors.Is(err, socketio.ErrReservedEvent) {
		t.Errorf("reserved event: %v", err)
	}
	if err := s.Emit("x", func() {}); err == nil {
		t.Error("what cannot be encoded is emitted")
	}
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

// Namespaces of one connection recover by themselves, and do not take each other's
// offsets.
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
	confused := *second
	confused.offset = main.offset
	confused.expectNewSession()
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
	stop, stopped := make(chan bool), make(chan int)
	go func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				stopped <- n
				return
			default:
				srv.To("room").Emit("n", n)
				if n%8 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		}
	}()
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
		for range 10 {
			take(r.note(r.receive()))
		}
		r.drop(left)
		missed, recovered := r.comeBack()
		if !recovered {
			t.Fatal("not recovered")
		}
		take(missed...)
	}
	close(stop)
	n := await(t, stopped, "the last emit")
	for next < n {
		take(r.note(r.receive()))
	}
}

// In virtual time: a client may be away for so long, then OnLost is called.
func TestSessionsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost := make(chan socketio.LostSession, 10)
		srv, connected, left := withRecovery(socketio.Options{Logger: silent, Recovery: &socketio.Recovery{
			MaxDisconnection: time.Minute,
			OnLost: func(l socketio.LostSession) {
				lost <- l
				panic("in OnLost")
			},
		}})
		h, stop := serveInMemory(t, srv, 0)
		r := h.recoverable("")
		s := <-connected
		s.Join("room")
		s.SetData("data")
		r.drop(left)
		time.Sleep(time.Minute - time.Nanosecond)
		srv.Emit("missed")
		r.expectRecovery(`42["missed"]`)
		r.drop(left)
		time.Sleep(time.Minute - time.Nanosecond)
		synctest.Wait()
		if len(lost) != 0 {
			t.Error("lost too early")
		}
		if err := s.Emit("e"); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if len(lost) != 1 {
			t.Fatal("not lost")
		}
		l := <-lost
		if l.Namespace != "/" || l.SocketID != r.sid || l.Data != "data" || l.Reason != socketio.LostExpired || !slices.Equal(l.Rooms, []string{r.sid, "room"}) {
			t.Errorf("%+v", l)
		}
		if err := s.Emit("e"); !errors.Is(err, socketio.ErrDisconnected) {
			t.Errorf("Emit after that: %v", err)
		}
		r.expectNewSession()
		got := srv.Stats()
		if got.Recovery.Expired != 1 || got.Recovery.Recovered != 1 || got.Recovery.Unknown != 1 || got.Panics != 1 {
			t.Errorf("%+v", got)
		}
		r.drop(left)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if got := srv.Stats().Recovery; got.LogBytes != 0 || got.Waiting != 0 {
			t.Errorf("kept for ever: %+v", got)
		}
		stop()
	})
}

// Connections that have been quiet for so long that the log has forgotten what the
// client received last can be recovered, whatever was missed.
func TestRecoveryAfterALongQuietConnection(t *testing.T) {
	for name, busy := range map[string]bool{"a quiet server": false, "others are busy": true} {
		for _, received := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, received=%v", name, received), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					srv, connected, left := withRecovery(socketio.Options{PingInterval: 5 * time.Second})
					h, stop := serveInMemory(t, srv, 0)
					r := h.recoverable("")
					s := <-connected
					if received {
						s.Emit("received")
						r.expectEvents(`42["received"]`)
					}
					quiet := func(d time.Duration) {
						for range int(d / time.Second) {
							if busy {
								srv.To("others").Emit("noise", strings.Repeat("x", 1000))
							}
							time.Sleep(time.Second)
						}
					}
					go func() { // answers pings
						for {
							if _, _, err := r.client.read(); err != nil {
								return
							}
						}
					}()
					quiet(time.Hour)
					synctest.Wait()
					s.Emit("lost on the way")
					quiet(40 * time.Second)
					r.drop(left)
					srv.Emit("missed")
					quiet(119 * time.Second)
					r.expectRecovery(`42["lost on the way"]`, `42["missed"]`)
					r.drop(left)
					stop()
				})
			})
		}
	}
}

// The log is bounded. A client that has missed what it has forgotten begins anew; one
// that has missed nothing of it recovers.
func TestLogIsBounded(t *testing.T) {
	lost := make(chan socketio.LostSession, 10)
	srv, connected, left := withRecovery(socketio.Options{Recovery: &socketio.Recovery{
		MaxBytes: 100_000,
		OnLost:   func(l socketio.LostSession) { lost <- l },
	}})
	h := serve(t, srv)
	fill := func(room string) {
		for range 100 {
			srv.To(room).Emit("filler", strings.Repeat("x", 10_000))
		}
	}
	r := h.recoverable("")
	s := await(t, connected, "the socket")
	s.Emit("received")
	r.expectEvents(`42["received"]`)
	fill("others") // while it is connected
	r.drop(left)
	srv.To(r.sid).Emit("missed")
	r.expectRecovery(`42["missed"]`)
	r.drop(left)
	srv.To(r.sid).Emit("missed, and forgotten")
	fill("others")
	r.expectNewSession()
	if l := await(t, lost, "OnLost"); l.Reason != socketio.LostEvents {
		t.Errorf("%+v", l)
	}
	if got := srv.Stats().Recovery; got.LogBytes > 100_000 || got.LogDropped < 150 || got.Incomplete != 1 {
		t.Errorf("%+v", got)
	}
}

// What would not fit into the queue of the client is not sent in part.
func TestMissedEventsThatDoNotFit(t *testing.T) {
	srv, _, left := withRecovery(socketio.Options{MaxQueue: 100_000})
	r := serve(t, srv).recoverable("")
	r.drop(left)
	for range 9 {
		srv.Emit("large", strings.Repeat("x", 10_000))
	}
	missed, recovered := r.comeBack()
	if !recovered || len(missed) != 9 {
		t.Fatalf("recovered: %v, missed %d", recovered, len(missed))
	}
	r.drop(left)
	for range 10 {
		srv.Emit("large", strings.Repeat("x", 10_000))
	}
	r.expectNewSession()
	if n := srv.Stats().Recovery.Incomplete; n != 1 {
		t.Errorf("%d incomplete", n)
	}
}

func TestSessionsAreBounded(t *testing.T) {
	lost := make(chan socketio.LostSession, 10)
	srv, _, left := withRecovery(socketio.Options{Recovery: &socketio.Recovery{
		MaxSessions: 2,
		OnLost:      func(l socketio.LostSession) { lost <- l },
	}})
	h := serve(t, srv)
	var clients []*recovering
	for range 3 {
		r := h.recoverable("")
		r.drop(left)
		clients = append(clients, r)
	}
	if l := await(t, lost, "OnLost"); l.Reason != socketio.LostEvicted || l.SocketID != clients[0].sid {
		t.Errorf("%+v", l)
	}
	if got := srv.Stats().Recovery; got.Waiting != 2 || got.Evicted != 1 {
		t.Errorf("%+v", got)
	}
	clients[0].expectNewSession()
	clients[1].expectRecovery()
	clients[2].expectRecovery()
}

// What did not fit into the queue of a client, so that the caller was told, has been
// missed too.
func TestRecoveryOfWhatDidNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, connected, left := withRecovery(socketio.Options{MaxQueue: 100_000, QueuePolicy: socketio.QueueError})
		h, stop := serveInMemory(t, srv, 1000)
		r := h.recoverable("")
		s := <-connected
		if err := s.Emit("fits", strings.Repeat("x", 80_000)); err != nil {
			t.Error(err)
		}
		if err := s.Emit("direct", strings.Repeat("x", 30_000)); !errors.Is(err, socketio.ErrQueueFull) {
			t.Errorf("Emit = %v", err)
		}
		if err := srv.Emit("all", strings.Repeat("x", 30_000)); !errors.Is(err, socketio.ErrQueueFull) {
			t.Errorf("Emit = %v", err)
		}
		r.note(r.receive())
		r.drop(left)
		missed, recovered := r.comeBack()
		if !recovered || len(missed) != 2 || !strings.HasPrefix(missed[0], `42["direct",`) || !strings.HasPrefix(missed[1], `42["all",`) {
			t.Errorf("recovered: %v, missed %d", recovered, len(missed))
		}
		r.drop(left)
		stop()
	})
}

// A client that does not keep up is not disconnected again and again for what it has
// missed: what did not fit into the queue does not fit now.
func TestRecoveryFromAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, connected, left := withRecovery(socketio.Options{MaxQueue: 100_000})
		h, stop := serveInMemory(t, srv, 1000)
		r := h.recoverable("")
		s := <-connected
		for s.Connected() {
			s.Emit("e", strings.Repeat("x", 30_000))
			synctest.Wait()
		}
		if d := <-left; d.Reason != socketio.ReasonQueueFull || !d.Recoverable {
			t.Errorf("%+v", d)
		}
		r.conn.Close()
		r.expectNewSession()
		if n := srv.Stats().Recovery.Incomplete; n != 1 {
			t.Errorf("%d incomplete", n)
		}
		r.drop(left)
		stop()
	})
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
