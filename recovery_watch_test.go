package socketio_test

import (
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
)

// Those who watch may emit: when a bus keeps the log, that waits for the bus, which
// therefore must not wait for them.
func TestRecoveryWatchersMayEmit(t *testing.T) {
	cluster := func(t *testing.T) (a, b *recoveryNode, s *socketio.Socket) {
		bus := cluster.NewMemory()
		a, b = newRecoveryNode(t, bus, socketio.Recovery{}), newRecoveryNode(t, bus, socketio.Recovery{})
		a.recoverable("")
		return a, b, await(t, a.connected, "the socket")
	}
	emitted := make(chan error, 10)
	t.Run("room event by another server", func(t *testing.T) {
		a, b, s := cluster(t)
		a.srv.OnRoomEvent(func(e socketio.RoomEvent) {
			if e.Kind == socketio.RoomJoined && e.Room == "room" {
				emitted <- a.srv.To("room").Emit("joined")
			}
		})
		b.srv.To(s.ID()).Join("room")
		if err := await(t, emitted, "the event"); err != nil {
			t.Error(err)
		}
	})
	t.Run("own event", func(t *testing.T) {
		a, _, s := cluster(t)
		s.OnAnyOutgoing(func(_ *socketio.Socket, event string, _ socketio.Args) {
			if event == "x" {
				emitted <- a.srv.To("audit").Emit("sent")
			}
		})
		go s.Emit("x")
		if err := await(t, emitted, "the event"); err != nil {
			t.Error(err)
		}
	})
	t.Run("event of another server", func(t *testing.T) {
		a, b, s := cluster(t)
		s.OnAnyOutgoing(func(_ *socketio.Socket, event string, _ socketio.Args) {
			if event != "sent" {
				emitted <- a.srv.Emit("sent")
			}
		})
		go func() {
			b.srv.Emit("x")
			b.srv.Volatile().Emit("y")
			b.srv.EmitWithAck(s.Context(), "z")
		}()
		for range 3 {
			if err := await(t, emitted, "the event"); err != nil {
				t.Error(err)
			}
		}
		s.DisconnectConn()
	})
}
