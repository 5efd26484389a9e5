package cheatsheet

import (
	"slices"
	"testing"

	"github.com/go-socketio/socketio"
)

func TestRooms(t *testing.T) {
	a := newAudience(t, "Rooms and clients", "rooms_test.go")
	srv, s, ctx := a.srv, a.sockets["a"], a.ctx
	d := a.sockets["d"] // which is connected to the other server
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", a.Row(), err)
		}
	}
	// inRoom compares who is in a room.
	inRoom := func(room, want string) {
		t.Helper()
		a.expect(want, func() error { return srv.To(room).Emit("hello") })
	}
	// disconnected compares who learns that the server has disconnected it.
	disconnected := func(want ...string) {
		t.Helper()
		var got []string
		for range want {
			r := a.next("disconnect")
			if reason := string(r.Args[0]); reason != `"io server disconnect"` {
				t.Errorf("%s: reason %s", a.Row(), reason)
			}
			got = append(got, r.Who)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", a.Row(), got, want)
		}
	}

	a.Try("join")
	do(s.Join("room4"))
	inRoom("room4", "a")
	a.Try("join several")
	do(s.Join("room5", "room6"))
	inRoom("room5", "a")
	inRoom("room6", "a")
	a.Try("leave")
	s.Leave("room4")
	inRoom("room4", "")
	a.Try("the rooms of a client")
	if rooms := s.Rooms(); !slices.Equal(rooms, []string{s.ID(), "room1", "room5", "room6"}) {
		t.Errorf("rooms %q", rooms)
	}
	a.Try("let clients join")
	do(srv.In("room1").Join("room7"))
	inRoom("room7", "a, b, d")
	a.Try("let clients leave")
	do(srv.In("room1").Leave("room7", "room8"))
	inRoom("room7", "")

	d.SetData("of d")
	a.Try("all clients of the cluster")
	sockets, err := srv.FetchSockets(ctx)
	do(err)
	if len(sockets) != 4 {
		t.Errorf("%d sockets", len(sockets))
	}
	a.Try("those in a room")
	sockets, err = srv.In("room1").FetchSockets(ctx)
	do(err)
	if len(sockets) != 3 {
		t.Errorf("%d sockets", len(sockets))
	}
	i := slices.IndexFunc(sockets, func(s *socketio.RemoteSocket) bool { return s.ID() == d.ID() })
	if i < 0 {
		t.Fatal("d is not there")
	}
	a.Try("what the application keeps with one")
	var data string
	remote := sockets[i]
	do(remote.Data(&data))
	if data != "of d" {
		t.Errorf("data %q", data)
	}
	a.Try("to one of them")
	a.expect("d", func() error { return remote.Emit("hello") })
	a.Try("let one of them join")
	do(remote.Join("room9"))
	inRoom("room9", "d")
	a.Try("let one of them leave")
	do(remote.Leave("room1"))
	inRoom("room1", "a, b")
	a.Try("disconnect one of them")
	do(remote.Disconnect())
	disconnected("d")

	// Without the connection closed, e would stay in its namespace.
	a.Try("close the connections of a room")
	do(srv.In("room3").DisconnectConn())
	disconnected("c", "e")
	a.Try("disconnect a client")
	s.Disconnect()
	disconnected("a")
	a.tell("a", "connect")
	a.find(a.next("connect"))
	a.Try("disconnect everybody")
	do(srv.All().Disconnect())
	disconnected("a", "b")
}
