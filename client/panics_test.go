package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
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

// faultyTransport is the application's part of an HTTP client. It panics where it is told
// to, from the given request on.
type faultyTransport struct {
	http.RoundTripper
	where string
	armed *atomic.Bool
}

func (f faultyTransport) check(where string) {
	if f.where == where && f.armed.Load() {
		panic("in " + where)
	}
}

func (f faultyTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	f.check("RoundTrip")
	if f.where == "an error" && f.armed.Load() {
		return nil, (*typedNil)(nil)
	}
	res, err := f.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	conn, _ := res.Body.(io.Writer) // nil if it is no WebSocket
	if body := (faultyBody{res.Body, f}); conn == nil {
		res.Body = body
	} else {
		res.Body = faultyConn{body, conn}
	}
	return res, nil
}

type faultyBody struct {
	io.ReadCloser
	transport faultyTransport
}

func (b faultyBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.transport.check("Read")
	return n, err
}

func (b faultyBody) Close() error {
	b.ReadCloser.Close()
	b.transport.check("Close")
	return nil
}

type faultyConn struct {
	faultyBody
	io.Writer
}

func (c faultyConn) Write(p []byte) (int, error) {
	c.transport.check("Write")
	return c.Writer.Write(p)
}

// An HTTP client of the application that panics is like one that fails: at first as well
// as later.
func TestHTTPClientThatPanics(t *testing.T) {
	for _, where := range []string{"RoundTrip", "an error", "Read", "Write", "Close"} {
		for _, transport := range []string{Polling, WebSocket} {
			for _, late := range []bool{false, true} {
				switch {
				case where == "Write" && (transport == Polling || !late), // there is nothing to write
					transport == WebSocket && late && (where == "RoundTrip" || where == "an error"), // that is over
					where == "Close" && (transport == WebSocket) != late:                            // too late, or never
					continue
				}
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					srv := w.server(socketio.Options{Logger: silent})
					armed := new(atomic.Bool)
					armed.Store(!late)
					rt := faultyTransport{w.http, where, armed}
					left := make(chan Disconnect, 1)
					c, err := New("http://memory", Options{
						HTTPClient: &http.Client{Transport: rt}, Logger: silent, Transports: []string{transport}, DisableReconnect: true,
					})
					if err != nil {
						t.Fatal(err)
					}
					s := c.Of("/")
					onDisconnect(left)(s)
					err = s.Connect(t.Context())
					switch {
					case late && err != nil:
						t.Errorf("%s over %s: Connect = %v", where, transport, err)
					case late:
						armed.Store(true)
						srv.Emit("e")
						s.Emit("e")
						if where == "Close" {
							s.Disconnect()
						}
						d := <-left
						if want := (map[bool]Reason{true: ReasonClientDisconnect, false: ReasonTransportError})[where == "Close"]; d.Reason != want {
							t.Errorf("%s over %s: ended with %v, %v", where, transport, d.Reason, d.Err)
						}
					case where != "Close":
						var failure *ConnectError
						if !errors.As(err, &failure) || failure.Fault != FaultCaller || !strings.Contains(err.Error(), "panic") {
							t.Errorf("%s over %s: Connect = %v", where, transport, err)
						}
					}
					if err := c.Shutdown(t.Context()); err != nil {
						t.Errorf("%s over %s: Shutdown = %v", where, transport, err)
					}
					if c.Stats().Panics == 0 {
						t.Errorf("%s over %s: no panic counted", where, transport)
					}
				})
			}
		}
	}
}
