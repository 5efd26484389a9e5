package socketio_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
)

func TestReasons(t *testing.T) {
	tests := map[string]struct {
		end     func(c *client, s *socketio.Socket, srv *socketio.Server)
		want    socketio.Reason
		receive []string // before the connection is closed
		open    bool     // the connection stays open
	}{
		"client leaves": {
			end:  func(c *client, _ *socketio.Socket, _ *socketio.Server) { c.send("41") },
			want: socketio.ReasonClientDisconnect, open: true,
		},
		"server disconnects": {
			end:  func(_ *client, s *socketio.Socket, _ *socketio.Server) { s.Disconnect(); s.Disconnect() },
			want: socketio.ReasonServerDisconnect, receive: []string{"41"}, open: true,
		},
		"server closes": {
			end:  func(_ *client, s *socketio.Socket, _ *socketio.Server) { s.DisconnectConn(); s.DisconnectConn() },
			want: socketio.ReasonServerDisconnect, receive: []string{"41", "41/other,"},
		},
		"connection closed": {
			end:  func(c *client, _ *socketio.Socket, _ *socketio.Server) { c.conn.Close() },
			want: socketio.ReasonTransportClose,
		},
		"not a Socket.IO packet": {
			end:  func(c *client, _ *socketio.Socket, _ *socketio.Server) { c.send("4nonsense") },
			want: socketio.ReasonForcedClose,
		},
		"not an Engine.IO packet": {
			end:  func(c *client, _ *socketio.Socket, _ *socketio.Server) { c.send("nonsense") },
			want: socketio.ReasonParseError,
		},
		"server closed": {
			end: func(_ *client, s *socketio.Socket, srv *socketio.Server) {
				s.Emit("last")
				go srv.Shutdown(context.Background()) // the end of the test waits for it
			},
			want: socketio.ReasonServerShutdown, receive: []string{`42["last"]`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			srv := socketio.NewServer(socketio.Options{})
			other := srv.Of("/other")
			connected, left, leftOther := sockets(srv.Of("/")), disconnects(srv.Of("/")), disconnects(other)
			c := serve(t, srv).connect()
			c.join("/", "")
			c.join("/other", "")
			s := await(t, connected, "the socket")
			s.Join("b", "a")

			tt.end(c, s, srv)
			d := await(t, left, "the disconnect handler")
			if d.Reason != tt.want || !reflect.DeepEqual(d.Rooms, []string{s.ID(), "b", "a"}) {
				t.Errorf("disconnect %+v, want reason %q", d, tt.want)
			}
			var cause *socketio.DisconnectError
			if err := context.Cause(s.Context()); !errors.As(err, &cause) || cause.Reason != tt.want || !errors.Is(err, socketio.ErrDisconnected) {
				t.Errorf("cause of the context's end: %v", err)
			}
			if s.Connected() || s.Rooms() != nil || len(srv.To("a").Sockets()) != 0 {
				t.Error("the socket is still there")
			}
			for what, err := range map[string]error{
				"Emit": s.Emit("x"), "Join": s.Join("x"),
				"EmitWithAck": func() error { _, err := s.EmitWithAck(t.Context(), "x"); return err }(),
			} {
				if !errors.As(err, &cause) || cause.Reason != tt.want {
					t.Errorf("%s after the disconnect: %v", what, err)
				}
			}
			if tt.open {
				c.expect(tt.receive...)
				if len(leftOther) != 0 {
					t.Error("the other namespace has been left too")
				}
				c.join("/", "") // a client may come back
				return
			}
			if d := await(t, leftOther, "the other disconnect handler"); d.Reason != tt.want {
				t.Errorf("the other namespace's reason: %q", d.Reason)
			}
			if name != "connection closed" {
				if rest := c.expectClosed(); !reflect.DeepEqual(rest, tt.receive) {
					t.Errorf("received %q, want %q", rest, tt.receive)
				}
			}
		})
	}
}

// Events that have arrived are handled even if the client has left by then; after
// them, the disconnect handlers run, with a context that has not ended.
func TestReceivedEventsAreHandledAfterTheEnd(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	busy, proceed := make(chan *socketio.Socket), make(chan bool)
	log := make(chan string, 10)
	srv.On("slow", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) error {
		busy <- s
		<-proceed
		<-ctx.Done()
		return nil
	})
	srv.On("next", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) error {
		log <- "event, context: " + ctx.Err().Error()
		return s.Broadcast().EmitContext(ctx, "still heard")
	})
	srv.OnDisconnect(func(ctx context.Context, s *socketio.Socket, d socketio.Disconnect) {
		if ctx.Err() != nil {
			t.Errorf("the context of the disconnect handler has ended: %v", ctx.Err())
		}
		log <- "namespace: " + string(d.Reason)
	})
	h := serve(t, srv)
	listener := h.connect()
	listener.join("/", "")
	c := h.connect()
	c.join("/", "")
	c.send(`42["slow"]`)
	s := await(t, busy, "the slow handler")
	s.OnDisconnect(func(context.Context, *socketio.Socket, socketio.Disconnect) { log <- "socket" })
	off := s.OnDisconnect(func(context.Context, *socketio.Socket, socketio.Disconnect) { log <- "taken away" })
	off()
	c.send(`42["next"]`, "41")
	<-s.Context().Done() // at once, although the handler is busy
	if len(srv.Sockets()) != 1 {
		t.Error("the socket is still in the namespace")
	}
	close(proceed)
	for _, want := range []string{"event, context: context canceled", "namespace: client namespace disconnect", "socket"} {
		if got := await(t, log, want); got != want {
			t.Errorf("%q happened, want %q", got, want)
		}
	}
	listener.expect(`42["still heard"]`)
}

// What was sent to a client before it broke the rules still arrives, and then it is told
// that the connection ends. The application knows at once.
func TestPollerThatBreaksTheRulesIsToldOfTheEnd(t *testing.T) {
	for name, offence := range map[string]string{"no packet": "4nonsense", "not joined": `42/other,["x"]`} {
		t.Run(name, func(t *testing.T) {
			closed := make(chan error, 1)
			srv := socketio.NewServer(socketio.Options{Hooks: closings(closed)})
			connected, left := sockets(srv.Of("/")), disconnects(srv.Of("/"))
			p := serve(t, srv).poll()
			p.send("40")
			p.receive()
			if err := await(t, connected, "the socket").Emit("before"); err != nil {
				t.Fatal(err)
			}
			p.send(offence)
			if d := await(t, left, "the disconnect"); d.Reason != socketio.ReasonForcedClose || d.Err == nil {
				t.Errorf("disconnect %+v", d)
			}
			p.expect(`42["before"]`)
			p.expect("1")
			if err := await(t, closed, "the end of the connection"); err == nil {
				t.Error("the hook is not told why")
			}
		})
	}
}

// closings is a ConnectionHook.
type closings chan<- error

func (closings) ConnectionOpened(*engine.Session) {}

func (c closings) ConnectionClosed(_ *engine.Session, _ socketio.Reason, err error) { c <- err }

func TestLeaveAndComeBackInOneBatch(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	echo(srv)
	connected := sockets(srv.Of("/"))
	c := serve(t, srv).connect()
	first := c.join("/", "")
	c.send("41", "40", `42["echo","back"]`)
	reply := c.receive()
	if !strings.HasPrefix(reply, `40{"sid":"`) || strings.Contains(reply, first) {
		t.Errorf("reply %q", reply)
	}
	c.expect(`42["echo","back"]`)
	await(t, connected, "the first socket")
	await(t, connected, "the second socket")
}

func TestEventAfterTheClientLeft(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	left := disconnects(srv.Of("/other"))
	srv.Of("/other")
	c := serve(t, srv).connect()
	c.join("/", "")
	c.join("/other", "")
	c.send("41", `42["too late"]`)
	c.expectClosed()
	if d := await(t, left, "the disconnect"); d.Reason != socketio.ReasonForcedClose || d.Err == nil {
		t.Errorf("disconnect %+v", d)
	}
}

// What a client has sent before it hears that the server has disconnected it must
// not cost it its other namespaces.
func TestEventThatCrossesTheServersDisconnect(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	echo(srv)
	connected := sockets(srv.Of("/other"))
	srv.Of("/other").On("echo", func(context.Context, *socketio.Socket, socketio.Args) error {
		t.Error("an event was handled after the disconnect")
		return nil
	})
	c := serve(t, srv).connect()
	c.join("/", "")
	c.join("/other", "")
	await(t, connected, "the socket").Disconnect()
	c.send(`42/other,["echo"]`, `43/other,1[]`, "41/other,", `42["echo","fine"]`)
	c.expect("41/other,", `42["echo","fine"]`)
	c.join("/other", "")
	await(t, connected, "the new socket")
	c.send("41/other,", `42/other,["echo"]`) // but this is the client's own fault
	c.expectClosed()
}

// A client may ask again as soon as it reads that it was refused or disconnected.
func TestComingBackAtOnce(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	admit := false
	srv.Use(func(context.Context, *socketio.Socket) error {
		if admit = !admit; admit {
			return nil
		}
		return errors.New("every other time")
	})
	srv.OnConnect(func(_ context.Context, s *socketio.Socket) { s.Disconnect() })
	c := serve(t, srv).connect()
	for range 200 {
		c.join("/", "")
		c.expect("41")
		c.send("40")
		c.expect(`44{"message":"every other time"}`)
	}
}

// Only so many namespaces are remembered that the server has ended as one client may be
// in, so that one that goes on joining new ones does not occupy more and more memory.
func TestEndedNamespacesAreForgotten(t *testing.T) {
	for joined, closes := range map[string]bool{"/a": true, "/b": false, "/c": false} {
		srv := socketio.NewServer(socketio.Options{MaxNamespaces: 2})
		echo(srv)
		c := serve(t, srv).connect()
		c.join("/", "")
		for _, name := range []string{"/a", "/b", "/c"} {
			connected := sockets(srv.Of(name))
			c.join(name, "")
			await(t, connected, "the socket").Disconnect()
			c.expect("41" + name + ",")
		}
		c.send("42"+joined+`,["late"]`, `42["echo"]`)
		if closes {
			c.expectClosed()
		} else {
			c.expect(`42["echo"]`)
		}
	}
}

// meddler disconnects the socket of the first event when it arrives, and waits until its
// disconnect handlers have run.
type meddler struct {
	left <-chan socketio.Disconnect
	done bool
}

func (m *meddler) PacketSent(*socketio.Socket, socketio.PacketInfo) {}

func (m *meddler) PacketReceived(s *socketio.Socket, _ socketio.PacketInfo) {
	if !m.done {
		m.done = true
		s.Disconnect()
		<-m.left
	}
}

// An event that arrives while the server ends its socket is not handled after the
// disconnect handlers, which are the last to run. If the client sends it again to its next
// socket it is handled there.
func TestNoEventIsHandledAfterTheDisconnectHandlers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(meddler)
		srv, runs := withRetries(socketio.Options{Hooks: m, PingInterval: time.Hour})
		m.left = disconnects(srv.Of("/"))
		srv.Of("/other").On("echo", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack(args) })
		h, stop := serveInMemory(t, srv, 0)
		r := h.retrying("")
		r.join("/other", "")
		start := time.Now()
		r.send(`421073741824["count","x"]`, `42/other,1["echo"]`, `42/other,2["echo"]`)
		r.expect("41", "43/other,1[]", "43/other,2[]")
		if d := time.Since(start); d != 0 {
			t.Errorf("the answers were held back for %v", d)
		}
		if n := runs(); n != 0 {
			t.Error("an event was handled after the end")
		}
		r.mustComeBack()
		r.send(`421073741824["count","x"]`)
		r.expect(`431073741824[1,"x"]`)
		stop()
	})
}
