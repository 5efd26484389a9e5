package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-socketio/socketio"
)

// room is four clients: a in "x", b in "y", ab in both, n in neither.
type room struct {
	srv     *socketio.Server
	clients map[string]*client
	sockets map[string]*socketio.Socket
}

func newRoom(t *testing.T, options socketio.Options) *room {
	t.Helper()
	srv := socketio.NewServer(options)
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	r := &room{srv, make(map[string]*client), make(map[string]*socketio.Socket)}
	for _, who := range []string{"a", "b", "ab", "n"} {
		c := h.connect()
		c.join("/", "")
		r.clients[who], r.sockets[who] = c, await(t, connected, "the socket")
	}
	r.sockets["a"].Join("x")
	r.sockets["b"].Join("y")
	r.sockets["ab"].Join("x", "y", "x")
	return r
}

// heard sends everyone a last event, and returns who has received what before, as
// "client:event" in alphabetical order.
func (r *room) heard() string {
	r.srv.Emit("end")
	var all []string
	for who, c := range r.clients {
		for m := c.receive(); m != `42["end"]`; m = c.receive() {
			all = append(all, who+":"+m)
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestSelections(t *testing.T) {
	r := newRoom(t, socketio.Options{})
	srv, ns, a := r.srv, r.srv.Of("/"), r.sockets["a"]
	tests := []struct {
		name string
		to   interface {
			Emit(name string, args ...any) error
		}
		want string
	}{
		{"server", srv, "a ab b n"},
		{"namespace", ns, "a ab b n"},
		{"room", srv.To("x"), "a ab"},
		{"in", srv.In("x"), "a ab"},
		{"rooms: everyone once", ns.To("x", "y"), "a ab b"},
		{"rooms one by one", srv.To("x").In("y"), "a ab b"},
		{"except", srv.Except("x"), "b n"},
		{"room except room", srv.To("x").Except("y"), "a"},
		{"except several", srv.Except("x", "y"), "n"},
		{"unknown room", srv.To("z"), ""},
		{"except unknown room", srv.Except("z"), "a ab b n"},
		{"no room is not everybody", srv.To([]string{}...), ""},
		{"one socket", srv.To(a.ID()), "a"},
		{"except one socket", srv.To("x").Except(a.ID()), "ab"},
		{"local", srv.Local(), "a ab b n"},
		{"from a socket", a.Broadcast(), "ab b n"},
		{"room from a socket", a.To("x"), "ab"},
		{"rooms from a socket", a.In("x", "y"), "ab b"},
		{"except from a socket", a.Except("y"), "n"},
		{"local from a socket", a.Local(), "ab b n"},
		{"socket", a, "a"},
		{"volatile room", srv.To("x").Volatile(), "a ab"},
		{"compress", srv.Compress(false).To("y"), "ab b"},
		{"direct", a.Compress(false), "a"},
	}
	for _, tt := range tests {
		if err := tt.to.Emit("e", 1); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		var want []string
		for _, who := range strings.Fields(tt.want) {
			want = append(want, who+`:42["e",1]`)
		}
		if got := r.heard(); got != strings.Join(want, " ") {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if b, ok := tt.to.(socketio.Broadcast); ok && len(b.Sockets()) != len(want) {
			t.Errorf("%s: Sockets returns %d, want %d", tt.name, len(b.Sockets()), len(want))
		}
	}
}

func TestSelectionsAreValues(t *testing.T) {
	r := newRoom(t, socketio.Options{})
	base := r.srv.To("x").To("1").To("2") // one by one, so that there is room behind the slice
	_ = base.To("y")
	_ = base.Except("x")
	other := base.To("z")
	_ = base.To("y") // must not write into other's rooms
	other.Emit("other")
	base = r.srv.Except("1").Except("2").Except("3")
	other = base.Except("x")
	_ = base.Except("y")
	other.Emit("not x")
	if got, want := r.heard(), `a:42["other"] ab:42["other"] b:42["not x"] n:42["not x"]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestSelectionsCanBeMoved(t *testing.T) {
	r := newRoom(t, socketio.Options{})
	if err := r.srv.To("x").Join("moved", "moved 2"); err != nil {
		t.Error(err)
	}
	if err := r.srv.To("x").Except("y").Leave("x"); err != nil {
		t.Error(err)
	}
	a := r.sockets["a"]
	if rooms := a.Rooms(); !slices.Equal(rooms, []string{a.ID(), "moved", "moved 2"}) {
		t.Errorf("rooms %v", rooms)
	}
	r.srv.To("moved").Emit("hi")
	if got, want := r.heard(), `a:42["hi"] ab:42["hi"]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	r.srv.To("moved").Disconnect()
	r.clients["a"].expect("41")
	r.clients["a"].join("/", "")
	r.clients["ab"].expect("41")
	r.srv.To("y").DisconnectConn()
	if rest := r.clients["b"].expectClosed(); !slices.Equal(rest, []string{"41"}) {
		t.Errorf("received %q", rest)
	}
	if n := len(r.srv.Sockets()); n != 2 { // n, and a again
		t.Errorf("%d sockets left", n)
	}
}

func TestOwnRoom(t *testing.T) {
	r := newRoom(t, socketio.Options{})
	a, b := r.sockets["a"], r.sockets["b"]
	a.Leave(a.ID(), "never joined")
	b.Join(a.ID()) // somebody else's room
	r.srv.To(a.ID()).Emit("own")
	if got, want := r.heard(), `b:42["own"]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if rooms := a.Rooms(); !slices.Equal(rooms, []string{"x"}) {
		t.Errorf("rooms %v", rooms)
	}
	a.Join(a.ID())
	r.srv.To(a.ID()).Emit("own")
	if got, want := r.heard(), `a:42["own"] b:42["own"]`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestTooManyRooms(t *testing.T) {
	r := newRoom(t, socketio.Options{MaxRooms: 3})
	a := r.sockets["a"]
	if err := a.Join("1", "2", "3"); !errors.Is(err, socketio.ErrTooManyRooms) {
		t.Errorf("Join = %v", err)
	}
	if rooms := a.Rooms(); len(rooms) != 2 {
		t.Errorf("some rooms were joined: %v", rooms)
	}
	if err := a.Join("1", "2", "x", a.ID()); err != nil {
		t.Errorf("Join up to the limit = %v", err)
	}
	if err := r.srv.Of("/").To("x").Join("another"); !errors.Is(err, socketio.ErrTooManyRooms) {
		t.Errorf("Join of a selection = %v", err)
	}
}

// Rooms with many members are kept differently from small ones.
func TestLargeRooms(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	var all []*socketio.Socket
	for range 40 {
		h.connect().join("/", "")
		s := await(t, connected, "the socket")
		s.Join("room")
		all = append(all, s)
	}
	members := func() map[*socketio.Socket]bool {
		found := make(map[*socketio.Socket]bool)
		for _, s := range srv.To("room").Sockets() {
			if found[s] {
				t.Error("a socket is there twice")
			}
			found[s] = true
		}
		return found
	}
	in := make(map[*socketio.Socket]bool)
	for _, s := range all {
		in[s] = true
	}
	for step := range 500 {
		s := all[step*7%len(all)]
		if in[s] = !in[s]; in[s] {
			s.Join("room")
		} else {
			s.Leave("room")
		}
		if step%3 == 0 { // so that some changes meet a shared list, and some do not
			found := members()
			for _, s := range all {
				if found[s] != in[s] {
					t.Fatalf("step %d: member %v, want %v", step, found[s], in[s])
				}
			}
		}
	}
}

// counted counts how often it is encoded.
type counted struct{ times *atomic.Int32 }

func (c counted) MarshalJSON() ([]byte, error) {
	c.times.Add(1)
	return []byte(`"counted"`), nil
}

func TestBroadcastEncodesOnce(t *testing.T) {
	r := newRoom(t, socketio.Options{})
	var times atomic.Int32
	if err := r.srv.Emit("e", counted{&times}); err != nil {
		t.Error(err)
	}
	r.heard()
	if n := times.Load(); n != 1 {
		t.Errorf("encoded %d times for 4 clients", n)
	}
}

// What one goroutine emits to one socket arrives in that order, whatever way it goes.
func TestOrder(t *testing.T) {
	r := newRoom(t, socketio.Options{})
	a := r.sockets["a"]
	const n = 300
	go func() {
		for i := range n {
			switch i % 4 {
			case 0:
				a.Emit("i", i)
			case 1:
				r.srv.To("x").Emit("i", i)
			case 2:
				r.srv.Emit("i", i)
			case 3:
				a.EmitContext(context.Background(), "i", i)
			}
		}
	}()
	for i := range n {
		r.clients["a"].expect(fmt.Sprintf(`42["i",%d]`, i))
	}
}

func TestEmitErrors(t *testing.T) {
	r := newRoom(t, socketio.Options{})
	a := r.sockets["a"]
	targets := map[string]func(name string, args ...any) error{
		"socket": a.Emit, "direct": a.Volatile().Emit, "broadcast": r.srv.Emit,
		"ask socket": func(name string, args ...any) error {
			_, err := a.EmitWithAck(t.Context(), name, args...)
			return err
		},
		"ask all": func(name string, args ...any) error {
			_, err := r.srv.EmitWithAck(t.Context(), name, args...)
			return err
		},
	}
	for what, emit := range targets {
		for _, name := range []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"} {
			if err := emit(name); !errors.Is(err, socketio.ErrReservedEvent) {
				t.Errorf("%s: emit %q: %v", what, name, err)
			}
		}
		if err := emit("e", make(chan int)); err == nil || !strings.Contains(err.Error(), `emit "e"`) || !strings.Contains(err.Error(), "chan int") {
			t.Errorf("%s: emit a channel: %v", what, err)
		}
	}
	if got := r.heard(); got != "" {
		t.Errorf("received %s", got)
	}
}
