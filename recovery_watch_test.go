package socketio_test

import (
	"fmt"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
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

// forgetfulBus keeps no log and no sessions.
type forgetfulBus struct{ *cluster.Memory }

func (b forgetfulBus) Join(namespace string, r cluster.Receiver) (cluster.Member, error) {
	m, err := b.Memory.Join(namespace, r)
	return struct{ cluster.Member }{m}, err
}

// Those who watch are told what was emitted, and nothing of what recovery adds, whatever
// the codec, the bus, and the way to emit.
func TestOutgoingArgumentsWithRecovery(t *testing.T) {
	packed := "\x82\xa4type\x00\xa3nsp\xa1/" // CONNECT
	for name, codec := range map[string]packet.Codec{"JSON": packet.JSON, "MessagePack": msgpack.Codec} {
		for kind, bus := range map[string]func() cluster.Bus{
			"alone":             func() cluster.Bus { return nil },
			"bus with a log":    func() cluster.Bus { return cluster.NewMemory() },
			"bus without a log": func() cluster.Bus { return forgetfulBus{cluster.NewMemory()} },
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				options := socketio.Options{Bus: bus(), Codec: codec, Recovery: new(socketio.Recovery), Logger: silent}
				told := make(chan string, 10)
				watch := func(_ *socketio.Socket, event string, args socketio.Args) {
					var number int
					var data []byte
					if err := args.Decode(&number, &data); err != nil {
						told <- err.Error()
						return
					}
					told <- fmt.Sprint(event, " ", args.Len(), " ", number, " ", data)
				}
				srv := socketio.NewServer(options)
				srv.OnAnyOutgoing(watch)
				connected := sockets(srv.Of("/"))
				c := serve(t, srv).connect()
				if codec == packet.JSON {
					c.send("40")
				} else {
					c.sendBinary([]byte(packed))
				}
				s := await(t, connected, "the socket")
				emitters := map[string]func() error{
					"direct":    func() error { return s.Emit("e", 1, []byte{2}) },
					"broadcast": func() error { return srv.Emit("e", 1, []byte{2}) },
					"volatile":  func() error { return srv.Volatile().Emit("e", 1, []byte{2}) },
				}
				if options.Bus != nil {
					other := socketio.NewServer(options)
					defer other.Close()
					emitters["another server"] = func() error { return other.Emit("e", 1, []byte{2}) }
				}
				for way, emit := range emitters {
					if err := emit(); err != nil {
						t.Errorf("%s: %v", way, err)
					}
					if got, want := await(t, told, "the event"), "e 2 1 [2]"; got != want {
						t.Errorf("%s: %q, want %q", way, got, want)
					}
				}
			})
		}
	}
}
