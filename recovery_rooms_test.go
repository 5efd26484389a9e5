package socketio_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
)

// A handler may join its socket to rooms, and take it out of others, when the client is
// gone already. The client has these rooms when it recovers.
func TestRoomsOfLateHandlersSurvive(t *testing.T) {
	buses := map[string]func() cluster.Bus{
		"alone":     func() cluster.Bus { return nil },
		"in memory": func() cluster.Bus { return cluster.NewMemory() },
	}
	for name, bus := range buses {
		t.Run(name, func(t *testing.T) {
			srv, connected, left := withRecovery(socketio.Options{Bus: bus()})
			proceed, done := make(chan bool), make(chan error)
			srv.On("move", func(_ context.Context, s *socketio.Socket, _ socketio.Args) error {
				<-proceed
				err := s.Join("cellar", s.ID())
				s.Leave("attic", "nowhere")
				done <- err
				<-proceed
				return nil
			})
			r := serve(t, srv).recoverable("")
			s := await(t, connected, "the socket")
			s.Join("attic", "kitchen")
			s.Leave(s.ID())
			r.send(`42["move"]`)
			r.conn.Close()
			<-s.Context().Done()
			eventually(t, "the socket has left its rooms", func() bool { return len(srv.Rooms()) == 0 })
			srv.To("cellar").Emit("too early")
			srv.To("attic").Emit("in time")
			proceed <- true
			if err := await(t, done, "the handler"); err != nil {
				t.Errorf("Join: %v", err)
			}
			srv.To("cellar").Emit("missed")
			srv.To("attic").Emit("too late")
			if s.Rooms() != nil || len(srv.Rooms()) != 0 {
				t.Errorf("a socket that is gone is in %q, and there are the rooms %q", s.Rooms(), srv.Rooms())
			}
			proceed <- true
			await(t, left, "the disconnect")
			r.expectRecovery(`42["in time"]`, `42["missed"]`)
			again := await(t, connected, "the socket")
			if rooms := again.Rooms(); !slices.Equal(rooms, []string{r.sid, "kitchen", "cellar"}) {
				t.Errorf("rooms %q", rooms)
			}
		})
	}
}

// If the client is back already, what the old socket does is done to the new one.
func TestLateHandlersChangeTheRoomsOfTheNewSocket(t *testing.T) {
	srv, connected, left := withRecovery(socketio.Options{Recovery: &socketio.Recovery{RunMiddleware: true}})
	waiting, proceed := make(chan bool), make(chan bool)
	srv.Use(func(ctx context.Context, s *socketio.Socket) error {
		if s.Recovered() {
			waiting <- true
			<-proceed
		}
		return nil
	})
	r := serve(t, srv).recoverable("")
	s := await(t, connected, "the socket")
	s.Join("attic")
	r.drop(left)
	r.client = r.host.connect()
	r.send(r.ask())
	await(t, waiting, "the middleware")
	if err := s.Join("kitchen"); err != nil {
		t.Errorf("Join while middleware runs: %v", err)
	}
	proceed <- true
	again := await(t, connected, "the socket")
	if err := s.Join("cellar"); err != nil {
		t.Errorf("Join after the recovery: %v", err)
	}
	s.Leave("attic")
	if rooms := again.Rooms(); !slices.Equal(rooms, []string{r.sid, "kitchen", "cellar"}) {
		t.Errorf("rooms %q", rooms)
	}
	if sockets := srv.To("cellar").Sockets(); len(sockets) != 1 || sockets[0] != again {
		t.Errorf("%d sockets in the cellar", len(sockets))
	}
	r.receive()
	r.send("41")
	await(t, left, "the disconnect")
	for name, gone := range map[string]*socketio.Socket{"old": s, "new": again} {
		var d *socketio.DisconnectError
		if err := gone.Join("garden"); !errors.As(err, &d) {
			t.Errorf("Join of the %s socket: %v", name, err)
		}
		gone.Leave("cellar")
	}
}

// The bus has the rooms as they were when the disconnect handlers began.
func TestJoiningWhenTheSessionIsSaved(t *testing.T) {
	srv, connected, left := withRecovery(socketio.Options{Bus: cluster.NewMemory()})
	r := serve(t, srv).recoverable("")
	s := await(t, connected, "the socket")
	s.Join("attic")
	r.drop(left)
	if err := s.Join("late"); !errors.Is(err, socketio.ErrDisconnected) {
		t.Errorf("Join: %v", err)
	}
	s.Leave("attic")
	r.expectRecovery()
	if rooms := await(t, connected, "the socket").Rooms(); !slices.Equal(rooms, []string{r.sid, "attic"}) {
		t.Errorf("rooms %q", rooms)
	}
}
