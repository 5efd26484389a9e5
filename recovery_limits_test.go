package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/go-socketio/socketio"
)

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
					go r.answerPings()
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

// A client does not recover if the log forgets what it has missed while middleware runs.
// Who is told of the loss learns the rooms nevertheless.
func TestLogForgetsWhileMiddlewareRuns(t *testing.T) {
	lost := make(chan socketio.LostSession, 1)
	srv, connected, left := withRecovery(socketio.Options{Recovery: &socketio.Recovery{
		MaxBytes: 10_000, RunMiddleware: true,
		OnLost: func(l socketio.LostSession) { lost <- l },
	}})
	srv.Use(func(_ context.Context, s *socketio.Socket) error {
		for s.Recovered() && srv.Stats().Recovery.LogDropped == 0 {
			srv.To("room").Emit("filler", strings.Repeat("x", 1000))
		}
		return nil
	})
	r := serve(t, srv).recoverable("")
	await(t, connected, "the socket").Join("room")
	r.drop(left)
	srv.To("room").Emit("missed")
	r.client = r.host.connect()
	r.send(r.ask())
	r.expectClosed()
	if l := await(t, lost, "OnLost"); l.Reason != socketio.LostEvents || !slices.Equal(l.Rooms, []string{r.sid, "room"}) {
		t.Errorf("%+v", l)
	}
}

// An event that no client could ever be sent is refused, and spoils no session.
func TestRecoveryWithAnEventThatIsTooLarge(t *testing.T) {
	srv, _, left := withRecovery(socketio.Options{MaxQueue: 100_000})
	r := serve(t, srv).recoverable("")
	if err := srv.Emit("large", strings.Repeat("x", 100_000)); !errors.Is(err, socketio.ErrQueueFull) {
		t.Errorf("Emit = %v", err)
	}
	r.drop(left)
	r.expectRecovery()
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

// answerPings keeps the connection alive, and takes no notice of anything else.
func (c *client) answerPings() {
	c.conn.SetDeadline(time.Time{})
	for {
		data, op, err := wsutil.ReadServerData(c.rw)
		if err == nil && op == ws.OpText && string(data) == "2" {
			err = wsutil.WriteClientText(c.conn, []byte("3"))
		}
		if err != nil {
			return
		}
	}
}
