package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
)

var aloneOrNot = map[string]func() cluster.Bus{
	"alone":     func() cluster.Bus { return nil },
	"in memory": func() cluster.Bus { return cluster.NewMemory() },
}

// A handler may join its socket to rooms, and take it out of others, when the client is
// gone already. The client has these rooms when it recovers.
func TestRoomsOfLateHandlersSurvive(t *testing.T) {
	for name, bus := range aloneOrNot {
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

// If the client is back already, what handlers of the old socket do is done to the new
// one. Disconnect handlers tidy up after the old socket: that is none of the new one's.
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
	working, done := make(chan bool), make(chan bool)
	srv.On("work", func(context.Context, *socketio.Socket, socketio.Args) error {
		working <- true
		<-done
		return nil
	})
	srv.OnDisconnect(func(_ context.Context, s *socketio.Socket, _ socketio.Disconnect) { s.Leave("kitchen") })
	r := serve(t, srv).recoverable("")
	s := await(t, connected, "the socket")
	s.Join("attic")
	r.send(`42["work"]`)
	await(t, working, "the handler")
	r.conn.Close()
	eventually(t, "the client is away", func() bool { return srv.Stats().Recovery.Waiting == 1 })
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
	done <- true
	await(t, left, "the disconnect")
	s.Leave("cellar")
	if rooms := again.Rooms(); !slices.Equal(rooms, []string{r.sid, "kitchen", "cellar"}) {
		t.Errorf("rooms %q", rooms)
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

// The client gets the rooms as they were when the disconnect handlers began.
func TestDisconnectHandlersDoNotChangeTheRooms(t *testing.T) {
	for name, bus := range aloneOrNot {
		t.Run(name, func(t *testing.T) {
			srv, connected, left := withRecovery(socketio.Options{Bus: bus()})
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
		})
	}
}

// What middleware joins when the bus has the session of its client already is too late.
func TestRoomsOfASessionThatTheBusHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, connected, left := withRecovery(socketio.Options{
			Bus: cluster.NewMemory(), Recovery: &socketio.Recovery{RunMiddleware: true},
		})
		proceed, joined := make(chan bool), make(chan error, 1)
		srv.Use(func(_ context.Context, s *socketio.Socket) error {
			if s.Recovered() && <-proceed {
				joined <- s.Join("late")
			}
			return nil
		})
		h, stop := serveInMemory(t, srv, 0)
		defer stop()
		r := h.recoverable("")
		<-connected
		r.drop(left)
		r.client = h.connect()
		r.send(r.ask())
		synctest.Wait() // in middleware
		r.conn.Close()
		synctest.Wait()
		proceed <- true
		if err := <-joined; !errors.Is(err, socketio.ErrDisconnected) {
			t.Errorf("Join: %v", err)
		}
		close(proceed)
		r.expectRecovery()
		if rooms := (<-connected).Rooms(); !slices.Equal(rooms, []string{r.sid}) {
			t.Errorf("rooms %q", rooms)
		}
	})
}

// A room that a late handler has joined is later in the log than the disconnection, and
// the server that the client comes to may not be there yet. What was emitted before goes
// by the rooms of before nevertheless.
func TestRoomsOfLateHandlersAtAServerThatLagsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, bus, stop := newLaggingNodes(t)
		defer stop()
		proceed := make(chan bool)
		a.srv.On("move", func(_ context.Context, s *socketio.Socket, _ socketio.Args) error {
			s.Leave("attic")
			<-proceed
			return s.Join("cellar")
		})
		r := a.recoverable("")
		s := <-a.connected
		s.Join("attic")
		bus.lag.Store(3)
		a.srv.Emit("lost")
		r.send(`42["move"]`)
		synctest.Wait()
		r.receive()
		r.conn.Close()
		synctest.Wait()
		a.srv.To("attic").Emit("too late")
		a.srv.To("cellar").Emit("too early")
		proceed <- true
		<-a.left
		r.client = b.connect()
		r.send(r.ask())
		for range 3 {
			synctest.Wait() // it would be admitted here if it did not wait for the rest
			bus.proceed <- true
		}
		r.expectEvents(`42["lost"]`)
		r.expect(fmt.Sprintf(`40{"sid":%q,"pid":%q}`, r.sid, r.pid))
		a.srv.To("cellar").Emit("live")
		r.expectEvents(`42["live"]`)
	})
}
