package client

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"

	socketio "github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

// faultyCodec is a codec of the application: the format is that of packet.JSON, but it
// panics where it is told to.
type faultyCodec struct {
	packet.Codec
	where string
}

func (f faultyCodec) NewDecoder(limits packet.Limits) packet.Decoder {
	f.check("NewDecoder")
	return faultyDecoder{f.Codec.NewDecoder(limits), f}
}

func (f faultyCodec) check(where string) {
	if where == f.where {
		panic("in " + where)
	}
}

type faultyDecoder struct {
	packet.Decoder
	codec faultyCodec
}

func (d faultyDecoder) Text(data []byte) (packet.Packet, bool, error) {
	if bytes.Contains(data, []byte("fatal")) {
		d.codec.check("Text")
	}
	return d.withSource(d.Decoder.Text(data))
}

func (d faultyDecoder) Binary(data []byte) (packet.Packet, bool, error) {
	d.codec.check("Binary")
	return d.withSource(d.Decoder.Binary(data))
}

func (d faultyDecoder) withSource(p packet.Packet, complete bool, err error) (packet.Packet, bool, error) {
	p.Args = packet.NewArgs(faultySource{p.Args, d.codec, p.Type})
	return p, complete, err
}

type faultySource struct {
	packet.Args
	codec faultyCodec
	of    packet.Type
}

func (s faultySource) Decode(i int, dst any) error {
	s.codec.check("Decode of " + s.of.String())
	return s.Args.Decode(i, dst)
}

func (s faultySource) Raw(i int) (packet.Raw, error) {
	s.codec.check("Raw of " + s.of.String())
	return packet.Raw{JSON: s.Args.Raw(i), Attachments: s.Args.Attachments()}, nil
}

func (s faultySource) Size() int {
	s.codec.check("Size of " + s.of.String())
	return s.Args.Size()
}

// A codec of the application that panics ends the connection, and nothing else.
func TestCodecThatPanics(t *testing.T) {
	for where, connects := range map[string]bool{
		"NewDecoder": false, "Decode of CONNECT": false, "Decode of CONNECT_ERROR": false,
		"Text": true, "Binary": true, "Size of EVENT": true, "Raw of EVENT": true, "Decode of EVENT": true,
	} {
		for _, transport := range []string{Polling, WebSocket} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				srv := w.server(socketio.Options{Recovery: &socketio.Recovery{}, Logger: silent})
				if where == "Decode of CONNECT_ERROR" {
					srv.Use(func(context.Context, *socketio.Socket) error { return errors.New("no") })
				}
				left := make(chan Disconnect, 1)
				c, err := New("http://memory", w.options(Options{
					Codec: faultyCodec{packet.JSON, where}, Logger: silent, Transports: []string{transport}, DisableReconnect: true,
				}))
				if err != nil {
					t.Fatal(err)
				}
				s := c.Of("/")
				onDisconnect(left)(s)
				if err := s.Connect(t.Context()); (err == nil) != connects || err != nil && !errors.Is(err, errPanic) {
					t.Errorf("%s: Connect = %v", where, err)
				} else if !connects {
					var failure *ConnectError
					if errors.As(err, &failure); failure.Fault != FaultCaller {
						t.Errorf("%s: the fault is that of the %s", where, failure.Fault)
					}
				}
				if connects {
					srv.Emit("fatal", []byte("attachment"))
					if d := <-left; d.Reason != ReasonParseError || !errors.Is(d.Err, errPanic) {
						t.Errorf("%s: ended with %v, %v", where, d.Reason, d.Err)
					}
				}
				if err := c.Shutdown(t.Context()); err != nil {
					t.Errorf("%s: Shutdown = %v", where, err)
				}
				if n := c.Stats().Panics; n != 1 {
					t.Errorf("%s: %d panics counted", where, n)
				}
			})
		}
	}
}

// What cannot be encoded because it panics is an error to whoever sends it, and what a
// handler has failed with cannot end the process.
func TestSendingWhatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		srv := w.server(socketio.Options{})
		bomb := credentials(func() ([]byte, error) { panic("boom") })
		var acknowledged error
		s := w.connect(Options{Logger: silent, Setup: func(s *Socket) {
			s.On("data", func(context.Context, *Socket, Args) error { return &event.Error{Message: "failed", Data: bomb} })
			s.On("answer", func(_ context.Context, _ *Socket, args Args) error {
				acknowledged = args.Ack(bomb)
				return nil
			})
			s.On("mistake", func(context.Context, *Socket, Args) error { return (*typedNil)(nil) })
			s.OnAnyOutgoing(func(*Socket, string, []any) { panic("in OnAnyOutgoing") })
		}})
		isPanic := func(what string, err error) {
			t.Helper()
			if !errors.As(err, new(*packet.EncodeError)) || !errors.Is(err, errPanic) {
				t.Errorf("%s = %v", what, err)
			}
		}
		isPanic("Emit", s.Emit("e", bomb))
		_, err := s.EmitWithAck(t.Context(), "e", bomb)
		isPanic("EmitWithAck", err)
		for _, name := range []string{"data", "answer", "mistake"} {
			answers, err := srv.EmitWithAck(t.Context(), name)
			if err != nil || len(answers) != 1 || string(answers[0].Raw(0)) != `{"error":"internal error"}` {
				t.Errorf("%s: %v, %v", name, answers, err)
			}
		}
		isPanic("Ack", acknowledged)
		if err := s.Emit("e"); err != nil {
			t.Errorf("Emit = %v", err)
		}
		if n := s.Client().Stats().Panics; n != 6 {
			t.Errorf("%d panics counted", n)
		}
	})
}

// typedNil is an error that a function returns by mistake: a nil pointer in an interface,
// which is not nil, and whose methods panic.
type typedNil struct{ text string }

func (e *typedNil) Error() string { return e.text }
func (e *typedNil) Unwrap() error { return &typedNil{e.text} }

// An error of AuthFunc whose methods panic is a failure to connect.
func TestAuthErrorThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fake(engine.Options{}, grantAll)
		_, err := Connect(t.Context(), "http://memory", w.options(Options{
			Logger:   silent,
			AuthFunc: func(context.Context, string) (any, error) { return nil, (*typedNil)(nil) },
		}))
		var failure *ConnectError
		if !errors.As(err, &failure) || failure.Step != StepAuth || !errors.Is(err, errPanic) {
			t.Errorf("Connect = %v", err)
		}
	})
}
