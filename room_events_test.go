package socketio_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/go-socketio/socketio"
)

// The order of what is told about rooms, from the admission to the disconnect.
func TestRoomEvents(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	var mu sync.Mutex
	var events []string
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, what)
	}
	off := srv.OnRoomEvent(func(e socketio.RoomEvent) {
		room := e.Room
		if room == e.SocketID {
			room = "own"
		}
		note(fmt.Sprint(e.Kind, " ", room))
		if e.Kind == socketio.RoomDeleted && e.Room == "a" {
			panic("must not harm")
		}
	})
	srv.Use(func(_ context.Context, s *socketio.Socket) error { return s.Join("a") })
	srv.OnDisconnect(func(context.Context, *socketio.Socket, socketio.Disconnect) { note("disconnect") })
	connected, left := sockets(srv.Of("/")), disconnects(srv.Of("/")) // after it, so that it has run then
	h := serve(t, srv)
	expect := func(what string, want ...string) {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(events, want) {
			t.Errorf("%s: %q, want %q", what, events, want)
		}
		events = nil
	}
	c := h.connect()
	c.join("/", "")
	s := await(t, connected, "the socket")
	c.send(`42["x"]`)
	s.Join("b", "b", "a")
	d := h.connect()
	d.join("/", "")
	second := await(t, connected, "the second socket")
	second.Disconnect()
	<-left
	expect("joining",
		"create-room own", "join-room own", "create-room a", "join-room a",
		"create-room b", "join-room b",
		"create-room own", "join-room own", "join-room a", // the second one
		"leave-room own", "delete-room own", "leave-room a", "disconnect")
	s.Leave("b", s.ID(), s.ID(), "unknown")
	s.Join(s.ID(), s.ID())
	expect("leaving", "leave-room b", "delete-room b", "leave-room own", "delete-room own", "create-room own", "join-room own")
	if rooms := srv.Rooms(); !slices.Equal(rooms, []string{"a"}) {
		t.Errorf("rooms %q", rooms)
	}
	c.conn.Close()
	<-left
	expect("the disconnect", "leave-room own", "delete-room own", "leave-room a", "delete-room a", "disconnect")
	off()
	h.connect().join("/", "")
	<-connected
	mu.Lock()
	defer mu.Unlock()
	if slices.Contains(events, "join-room own") {
		t.Errorf("after off: %q", events)
	}
}

// The room that a socket has of its own is one room with what others join under its id.
func TestRoomEventsOfASharedOwnRoom(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	var mu sync.Mutex
	var events []string
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	admit := func() *socketio.Socket {
		h.connect().join("/", "")
		return await(t, connected, "the socket")
	}
	owner, guest := admit(), admit()
	names := map[string]string{owner.ID(): "owner", guest.ID(): "guest"}
	srv.OnRoomEvent(func(e socketio.RoomEvent) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, fmt.Sprint(e.Kind, " ", names[e.SocketID], " ", names[e.Room]))
	})
	expect := func(what string, want ...string) {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(events, want) {
			t.Errorf("%s: %q, want %q", what, events, want)
		}
		events = nil
	}
	guest.Join(owner.ID())
	expect("joining the room of another", "join-room guest owner")
	owner.Leave(owner.ID())
	expect("the owner leaves its own room", "leave-room owner owner")
	owner.Join(owner.ID())
	expect("the owner comes back", "join-room owner owner")
	guest.Leave(owner.ID())
	expect("the guest leaves", "leave-room guest owner")
	owner.Leave(owner.ID())
	guest.Join(owner.ID())
	owner.Join(owner.ID())
	expect("the guest is in it first", "leave-room owner owner", "delete-room owner owner",
		"create-room guest owner", "join-room guest owner", "join-room owner owner")
	owner.Disconnect()
	expect("the owner disconnects", "leave-room owner owner")
	guest.Leave(owner.ID())
	expect("the last one leaves", "leave-room guest owner", "delete-room guest owner")
}

// Who joins rooms while being told of rooms is told of those too, afterwards.
func TestRoomEventsThatCauseRoomEvents(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	h.connect().join("/", "")
	s := await(t, connected, "the socket")
	var events []string
	off := srv.OnRoomEvent(func(e socketio.RoomEvent) {
		events = append(events, fmt.Sprint(e.Kind, " ", e.Room))
		if e.Kind == socketio.RoomJoined && e.Room == "1" {
			s.Join("2")
			s.Leave("1")
		}
	})
	s.Join("1", "3")
	off()
	want := []string{"create-room 1", "join-room 1", "create-room 3", "join-room 3", "create-room 2", "join-room 2", "leave-room 1", "delete-room 1"}
	if !slices.Equal(events, want) {
		t.Errorf("%q, want %q", events, want)
	}
}
