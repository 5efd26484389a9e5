package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/event"
)

// Every Go line of docs/cheatsheet.md stands in this file as it stands there, so that
// it is compiled and tested.
func TestTheCheatsheetIsTested(t *testing.T) {
	page, err := os.ReadFile("docs/cheatsheet.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("cheatsheet_test.go")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| .* \\| `([^`]*)` \\|$").FindAllSubmatch(page, -1)
	if len(rows) < 40 {
		t.Errorf("%d rows: is the test looking for the wrong thing?", len(rows))
	}
	for _, row := range rows {
		if line := string(row[1]); !strings.Contains(string(source), line) {
			t.Errorf("not in cheatsheet_test.go: %s", line)
		}
	}
}

// audience are the clients a, b and c of one server, and d of another one in the same
// cluster. They answer what they are asked with their own letter.
type audience struct {
	t          *testing.T
	srv, other *socketio.Server
	clients    map[string]*client
	sockets    map[string]*socketio.Socket
}

func newAudience(t *testing.T) *audience {
	bus := cluster.NewMemory()
	a := &audience{t: t, clients: make(map[string]*client), sockets: make(map[string]*socketio.Socket)}
	a.srv = socketio.NewServer(socketio.Options{Bus: bus, Logger: silent})
	a.other = socketio.NewServer(socketio.Options{Bus: bus, Logger: silent})
	for _, srv := range []*socketio.Server{a.srv, a.other} {
		connected := sockets(srv.Of("/"))
		srv.Of("/admin").OnConnect(func(_ context.Context, s *socketio.Socket) { s.Join("room1") })
		h := serve(t, srv)
		for _, name := range map[*socketio.Server][]string{a.srv: {"a", "b", "c"}, a.other: {"d"}}[srv] {
			c := h.connect()
			c.join("/", "")
			a.clients[name], a.sockets[name] = c, await(t, connected, "the socket")
		}
	}
	a.clients["c"].join("/admin", "")
	a.sockets["a"].Join("room1")
	a.sockets["b"].Join("room1", "room2")
	a.sockets["c"].Join("room3")
	a.sockets["d"].Join("room1")
	return a
}

// heard does something and returns the letters of those who have got the event "hello".
func (a *audience) heard(do func()) string {
	a.t.Helper()
	type result struct {
		name string
		n    int
		err  error
	}
	results := make(chan result)
	for name, c := range a.clients {
		go func() {
			n, err := c.countHellos(name)
			results <- result{name, n, err}
		}()
	}
	do()
	a.srv.Emit("end")
	var heard []string
	for range a.clients {
		r := await(a.t, results, "the end")
		if r.err != nil {
			a.t.Errorf("%s: %v", r.name, r.err)
		}
		heard = append(heard, strings.Repeat(r.name, r.n))
	}
	slices.Sort(heard)
	return strings.Join(heard, "")
}

var question = regexp.MustCompile(`^42(\d+)\[`)

func (c *client) countHellos(name string) (n int, err error) {
	for {
		data, op, err := c.read()
		text := string(data)
		switch {
		case err != nil:
			return n, err
		case op != ws.OpText || text == `42["end"]`:
			return n, nil
		}
		if m := question.FindStringSubmatch(text); m != nil {
			c.send("43" + m[1] + `["` + name + `"]`)
		}
		if strings.Contains(text, `["hello"`) {
			n++
		}
	}
}

func TestCheatsheetEmit(t *testing.T) {
	a := newAudience(t)
	srv, s := a.srv, a.sockets["a"]
	anotherSocketID := a.sockets["b"].ID()
	for i, row := range []struct {
		emit func() error
		want string
	}{
		{func() error { return s.Emit("hello", 1, "2", map[string]any{"3": "4"}) }, "a"},
		{func() error { return s.Broadcast().Emit("hello") }, "bcd"},
		{func() error { return s.To("room1").Emit("hello") }, "bd"},
		{func() error { return s.To("room1").To("room2").Emit("hello") }, "bd"},
		{func() error { return s.To("room1", "room3").Emit("hello") }, "bcd"},
		{func() error { return s.Except("room2").Emit("hello") }, "cd"},
		{func() error { return srv.In("room1").Emit("hello") }, "abd"},
		{func() error { return srv.To("room1", "room2").Except("room3").Emit("hello") }, "abd"},
		{func() error { return srv.Emit("hello") }, "abcd"},
		{func() error { return srv.Of("/admin").Emit("hello") }, "c"},
		{func() error { return srv.Of("/admin").To("room1").Emit("hello") }, "c"},
		{func() error { return srv.To(anotherSocketID).Emit("hello") }, "b"},
		{func() error { return s.To(anotherSocketID).Emit("hello") }, "b"},
		{func() error { return srv.Local().Emit("hello") }, "abc"},
		{func() error { return s.Local().Emit("hello") }, "bc"},
		{func() error { return s.Compress(false).Emit("hello") }, "a"},
		{func() error { return srv.Compress(false).Emit("hello") }, "abcd"},
		{func() error { return srv.Volatile().Emit("hello") }, "abcd"},
		{func() error { return s.Volatile().Emit("hello") }, "a"},
		{func() error { return s.Emit("message", "hello") }, ""},
	} {
		got := a.heard(func() {
			if err := row.emit(); err != nil {
				t.Errorf("row %d: %v", i, err)
			}
		})
		if got != row.want {
			t.Errorf("row %d: heard by %q, want %q", i, got, row.want)
		}
	}
}

func TestCheatsheetAcks(t *testing.T) {
	a := newAudience(t)
	srv, s := a.srv, a.sockets["a"]
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var err error
	var answer socketio.Args
	var answers []socketio.Args
	if got := a.heard(func() { answer, err = s.EmitWithAck(ctx, "hello") }); got != "a" || err != nil || string(answer.Raw(0)) != `"a"` {
		t.Errorf("one: %q %v", got, err)
	}
	if got := a.heard(func() { answers, err = srv.EmitWithAck(ctx, "hello") }); got != "abcd" || err != nil || len(answers) != 4 {
		t.Errorf("all: %q %v, %d answers", got, err, len(answers))
	}
	if got := a.heard(func() { answers, err = srv.To("room1").EmitWithAck(ctx, "hello") }); got != "abd" || err != nil || len(answers) != 3 {
		t.Errorf("room: %q %v, %d answers", got, err, len(answers))
	}
	if got := a.heard(func() { answers, err = s.Broadcast().EmitWithAck(ctx, "hello") }); got != "bcd" || err != nil || len(answers) != 3 {
		t.Errorf("others: %q %v, %d answers", got, err, len(answers))
	}
	srv.On("question", func(ctx context.Context, s *socketio.Socket, args socketio.Args) error {
		return args.Ack("got it")
	})
	c := a.clients["a"]
	c.send(`427["question"]`)
	c.expect(`437["got it"]`)
	{
		ctx, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		defer cancel()
		if _, err := a.sockets["b"].EmitWithAck(ctx, "unanswered"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("time-out: %v", err)
		}
	}
}

func TestCheatsheetReceive(t *testing.T) {
	a := newAudience(t)
	srv, s := a.srv, a.sockets["a"]
	c := a.clients["a"]
	var log []string
	handler := func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		var n int
		args.Decode(&n)
		log = append(log, fmt.Sprint("handler ", n))
		return nil
	}
	anyHandler := func(_ context.Context, _ *socketio.Socket, name string, _ socketio.Args) {
		log = append(log, "any "+name)
	}
	outgoing := func(_ *socketio.Socket, name string, _ socketio.Args) { log = append(log, "outgoing "+name) }
	packetMiddleware := func(_ context.Context, _ *socketio.Socket, name string, _ socketio.Args) error {
		if name == "forbidden" {
			return &event.Error{Message: "forbidden"}
		}
		return nil
	}
	errorHandler := func(_ context.Context, _ *socketio.Socket, name string, err error) {
		log = append(log, "error "+err.Error())
	}
	s.On("sync", func(_ context.Context, s *socketio.Socket, args socketio.Args) error { return args.Ack() })
	expect := func(messages []string, want ...string) {
		t.Helper()
		c.send(append(messages, `420["sync"]`)...)
		for c.receive() != "430[]" {
		}
		log = slices.DeleteFunc(log, func(s string) bool { return s == "any sync" })
		if !slices.Equal(log, want) {
			t.Errorf("%q: %q, want %q", messages, log, want)
		}
		log = nil
	}
	off := s.On("hello", handler)
	expect([]string{`42["hello",1]`, `42["hello",2]`}, "handler 1", "handler 2")
	off()
	expect([]string{`42["hello",1]`})
	s.Once("hello", handler)
	expect([]string{`42["hello",1]`, `42["hello",2]`}, "handler 1")
	offAll := srv.On("hello", handler)
	expect([]string{`42["hello",1]`}, "handler 1")
	offAll()
	offAny := s.OnAny(anyHandler)
	expect([]string{`42["hello",1]`}, "any hello")
	offAny()
	offOutgoing := s.OnAnyOutgoing(outgoing)
	s.Emit("one")
	srv.Emit("all")
	expect(nil, "outgoing one", "outgoing all")
	offOutgoing()
	s.UsePacket(packetMiddleware)
	srv.OnError(errorHandler)
	expect([]string{`42["forbidden"]`}, "error forbidden")
}

func TestCheatsheetRooms(t *testing.T) {
	a := newAudience(t)
	srv, s, ctx := a.srv, a.sockets["a"], t.Context()
	heard := func(room string) string {
		t.Helper()
		return a.heard(func() { srv.To(room).Emit("hello") })
	}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	do(s.Join("room4"))
	do(s.Join("room5", "room6"))
	if got := heard("room4") + heard("room5") + heard("room6"); got != "aaa" {
		t.Errorf("joined: %q", got)
	}
	s.Leave("room4")
	if got := heard("room4"); got != "" {
		t.Errorf("left: %q", got)
	}
	if rooms := s.Rooms(); !slices.Equal(rooms, []string{s.ID(), "room1", "room5", "room6"}) {
		t.Errorf("rooms %q", rooms)
	}
	do(srv.In("room1").Join("room7"))
	if got := heard("room7"); got != "abd" {
		t.Errorf("joined by others: %q", got)
	}
	do(srv.In("room1").Leave("room7", "room8"))
	if got := heard("room7"); got != "" {
		t.Errorf("left by others: %q", got)
	}
	a.sockets["b"].SetData("of b")
	sockets, err := srv.FetchSockets(ctx)
	if err != nil || len(sockets) != 4 {
		t.Errorf("%d sockets, %v", len(sockets), err)
	}
	sockets, err = srv.In("room1").FetchSockets(ctx)
	if err != nil || len(sockets) != 3 {
		t.Errorf("%d sockets, %v", len(sockets), err)
	}
	for _, remote := range sockets {
		if remote.ID() != a.sockets["b"].ID() {
			continue
		}
		var data string
		do(remote.Data(&data))
		if data != "of b" {
			t.Errorf("data %q", data)
		}
		if got := a.heard(func() { do(remote.Emit("hello")) }); got != "b" {
			t.Errorf("remote: %q", got)
		}
		do(remote.Join("room9"))
		do(remote.Leave("room1"))
		if rooms := a.sockets["b"].Rooms(); !slices.Equal(rooms, []string{remote.ID(), "room2", "room9"}) {
			t.Errorf("rooms %q", rooms)
		}
		do(remote.Disconnect())
		a.clients["b"].expect("41")
		delete(a.clients, "b")
	}
	do(srv.In("room3").DisconnectConn())
	if rest := a.clients["c"].expectClosed(); !slices.Equal(rest, []string{"41", "41/admin,"}) && !slices.Equal(rest, []string{"41/admin,", "41"}) {
		t.Errorf("received %q", rest)
	}
	delete(a.clients, "c")
	s.Disconnect()
	a.clients["a"].expect("41")
	a.clients["a"].join("/", "")
	do(srv.All().Disconnect())
	for _, name := range []string{"a", "d"} {
		a.clients[name].expect("41")
	}
}

func TestCheatsheetServers(t *testing.T) {
	a := newAudience(t)
	srv, other, ctx := a.srv, a.other, t.Context()
	got := make(chan string, 1)
	other.OnServer("hello", func(ctx context.Context, args socketio.Args) error {
		var who string
		if err := args.Decode(&who); err != nil {
			return err
		}
		if args.HasAck() {
			return args.Ack("hi " + who)
		}
		got <- who
		return nil
	})
	if err := srv.OtherServers().Emit("hello", "world"); err != nil {
		t.Error(err)
	}
	if who := await(t, got, "the event"); who != "world" {
		t.Errorf("received %q", who)
	}
	answers, err := srv.OtherServers().EmitWithAck(ctx, "hello", "world")
	if err != nil || len(answers) != 1 || string(answers[0].Raw(0)) != `"hi world"` {
		t.Errorf("answers %v, %v", answers, err)
	}
}
