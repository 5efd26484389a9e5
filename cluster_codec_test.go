package socketio_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// What MessagePack can say, and JSON cannot, is the same to the clients of every server,
// however it gets there.
func TestMessagePackInTheCluster(t *testing.T) {
	for name, options := range map[string]socketio.Options{
		"without recovery":                {Bus: cluster.NewMemory()},
		"recovery, and a log of the bus":  {Bus: cluster.NewMemory(), Recovery: new(socketio.Recovery)},
		"recovery, and logs of their own": {Bus: forgetfulBus{cluster.NewMemory()}, Recovery: new(socketio.Recovery)},
	} {
		t.Run(name, func(t *testing.T) {
			options.Codec, options.Logger = msgpack.Codec, silent
			a, b := newPackedNode(t, options), newPackedNode(t, options)
			a.socket.Join("room")
			b.socket.Join("room")
			at := time.UnixMilli(1234).UTC()
			emitters := map[string]func() error{
				"broadcast": func() error { return a.srv.Emit("e", at, math.NaN(), []byte{1}) },
				"room":      func() error { return a.srv.To("room").Emit("e", at, math.NaN(), []byte{1}) },
				"acknowledgements": func() error {
					go a.srv.EmitWithAck(t.Context(), "e", at, math.NaN(), []byte{1})
					return nil
				},
			}
			for way, emit := range emitters {
				if err := emit(); err != nil {
					t.Errorf("%s: %v", way, err)
				}
				for _, n := range []*node{a, b} {
					args := n.event(t)
					var gotTime, number, data any
					for i, dst := range []*any{&gotTime, &number, &data} {
						if err := args.Decode(i, dst); err != nil {
							t.Fatalf("%s: %v", way, err)
						}
					}
					when, _ := gotTime.(time.Time)
					if f, _ := number.(float64); !when.Equal(at) || !math.IsNaN(f) || string(data.([]byte)) != "\x01" {
						t.Errorf("%s: a client at %v got %v, %v, %v", way, n == b, gotTime, number, data)
					}
				}
			}
		})
	}
}

// What goes over the bus is read back by the codec. If that panics the clients of this
// server get the event nevertheless, and who emits learns about the others.
func TestCodecThatCannotReadWhatItWrote(t *testing.T) {
	bus := cluster.NewMemory()
	options := socketio.Options{Bus: bus, Codec: faultyCodec{}, Logger: silent}
	srv, other := socketio.NewServer(options), socketio.NewServer(options)
	defer other.Close()
	connected := sockets(srv.Of("/"))
	c := serve(t, srv).connect()
	c.join("/", "")
	s := await(t, connected, "the socket")

	var panicked *socketio.PanicError
	if err := srv.Emit("panic in Text"); !errors.As(err, &panicked) {
		t.Errorf("Emit: %v", err)
	}
	c.expect(`42["panic in Text"]`)
	asked := make(chan error)
	go func() {
		_, err := srv.EmitWithAck(t.Context(), "panic in Text")
		asked <- err
	}()
	c.expect(`420["panic in Text"]`)
	s.Disconnect()
	if err := await(t, asked, "the end of the question"); !errors.As(err, &panicked) {
		t.Errorf("EmitWithAck: %v", err)
	}
}

func newPackedNode(t *testing.T, options socketio.Options) *node {
	t.Helper()
	srv := socketio.NewServer(options)
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	c := h.connect()
	c.sendBinary([]byte("\x82\xa4type\x00\xa3nsp\xa1/")) // CONNECT
	n := &node{srv, c, await(t, connected, "the socket"), h}
	n.unpack(t) // the answer
	return n
}

func (n *node) unpack(t *testing.T) packet.Packet {
	t.Helper()
	p, _, err := msgpack.Codec.NewDecoder(packet.Limits{}).Binary(n.client.receiveBinary())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (n *node) event(t *testing.T) packet.Args {
	t.Helper()
	p := n.unpack(t)
	if p.Type != packet.Event {
		t.Fatalf("received %+v", p.Header)
	}
	return p.Args
}
