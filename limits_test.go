package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/packet"
)

// Whatever a client sends that is not allowed ends its connection, with a reason, and
// nobody else's.
func TestHostilePackets(t *testing.T) {
	nested := strings.Repeat("[", 100_000)
	tests := map[string][]string{
		"event before CONNECT":         {`42["x"]`},
		"ack before CONNECT":           {`430[]`},
		"DISCONNECT before CONNECT":    {"41"},
		"namespace not joined":         {"40", `42/other,["x"]`},
		"second CONNECT":               {"40", "40"},
		"CONNECT_ERROR":                {"40", `44{"message":"x"}`},
		"CONNECT with an array":        {"40[]"},
		"CONNECT with a string":        {`40"x"`},
		"CONNECT with null":            {"40null"},
		"DISCONNECT with payload":      {"40", `41{"x":1}`},
		"empty message":                {"40", "4"},
		"unknown type":                 {"40", `49["x"]`},
		"event without payload":        {"40", "42"},
		"event without name":           {"40", "42[]"},
		"event with an object":         {"40", "42{}"},
		"event with null as name":      {"40", "42[null]"},
		"reserved event":               {"40", `42["disconnect"]`},
		"broken JSON":                  {"40", `42["x"`},
		"garbage behind":               {"40", `42["x"]]`},
		"id that is no number":         {"40", `42abc["x"]`},
		"id that is too large":         {"40", `42184467440737095516160["x"]`},
		"nested arrays":                {"40", `42["x",` + nested + strings.Repeat("]", 100_000) + "]"},
		"nested and truncated":         {"40", `42["x",` + nested},
		"long event name":              {"40", `42["` + strings.Repeat("x", 5000) + `"]`},
		"binary without attachments":   {"40", `450-["x"]`},
		"huge number of attachments":   {"40", `4599999999999-["x"]`},
		"too many attachments":         {"40", `4511-["x"]`},
		"no number of attachments":     {"40", `45["x"]`},
		"text instead of attachment":   {"40", `451-["x",{"_placeholder":true,"num":0}]`, `42["x"]`},
		"placeholder out of range":     {"40", `451-["x",{"_placeholder":true,"num":1}]`, "binary"},
		"negative placeholder":         {"40", `451-["x",{"_placeholder":true,"num":-1}]`, "binary"},
		"placeholder without number":   {"40", `451-["x",{"_placeholder":true,"num":"0"}]`, "binary"},
		"attachment nobody announced":  {"40", "binary"},
		"attachment too many":          {"40", `451-["x",{"_placeholder":true,"num":0}]`, "binary", "binary"},
		"ack with an object":           {"40", "430{}"},
		"binary CONNECT":               {`451-{"_placeholder":true,"num":0}`, "binary"},
		"namespace that is too long":   {"40/" + strings.Repeat("x", 5000) + ","},
		"garbage between good packets": {"40", `42["echo",1]`, `4\x00`, `42["echo",2]`},
	}
	for name, messages := range tests {
		t.Run(name, func(t *testing.T) {
			srv := socketio.NewServer(socketio.Options{})
			echo(srv)
			srv.Of("/other")
			left := disconnects(srv.Of("/"))
			h := serve(t, srv)
			bystander := h.connect()
			bystander.join("/", "")
			c := h.connect()
			joined := false
			for _, m := range messages {
				switch m {
				case "binary":
					c.sendBinary([]byte{1, 2, 3})
				case "40":
					if joined {
						c.send(m)
					} else {
						c.join("/", "")
						joined = true
					}
				default:
					c.send(m)
				}
			}
			for _, m := range c.expectClosed() {
				if m != `42["echo",1]` {
					t.Errorf("received %q", m)
				}
			}
			if joined {
				if d := await(t, left, "the disconnect"); d.Reason != socketio.ReasonForcedClose || d.Err == nil {
					t.Errorf("disconnect %+v", d)
				}
			}
			if n := srv.Stats().InvalidPackets; n != 1 {
				t.Errorf("InvalidPackets = %d", n)
			}
			bystander.send(`42["echo","unharmed"]`)
			bystander.expect(`42["echo","unharmed"]`)
		})
	}
}

// JavaScript can send lone surrogates; they are no reason to end a connection.
func TestInvalidUnicodeIsHandled(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	srv.On("x", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		var v string
		if err := args.Decode(&v); err != nil {
			return err
		}
		return s.Emit("x", v)
	})
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send(`42["x","a\ud800b"]`)
	c.expect(`42["x","a` + "\ufffd" + `b"]`)
}

func TestLimitsAreOptions(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Limits: packet.Limits{MaxAttachments: 1, MaxDepth: 2}})
	echo(srv)
	h := serve(t, srv)
	for _, m := range []string{`452-["echo"]`, `42["echo",[[[]]]]`} {
		c := h.connect()
		c.join("/", "")
		c.send(`42["echo",[[]]]`)
		c.expect(`42["echo",[[]]]`)
		c.send(m)
		c.expectClosed()
	}
}

// When an inbox is full nothing more is read from its client, and the client's
// silence is no reason to end it. Nothing is lost.
func TestFullInboxStopsReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{MaxInbox: 20_000})
		proceed := make(chan bool)
		handled := 0
		srv.On("x", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
			<-proceed
			var i int
			if err := args.Decode(&i); err != nil || i != handled {
				t.Errorf("event %d handled, want %d; %v", i, handled, err)
			}
			handled++
			return nil
		})
		left := disconnects(srv.Of("/"))
		h, stop := serveInMemory(t, srv, 1000)
		defer stop()
		c := h.connect()
		c.join("/", "")
		const n = 1000
		written := 0
		go func() {
			for i := range n {
				c.send(fmt.Sprintf(`42["x",%d,"%s"]`, i, strings.Repeat("x", 100)))
				written++
			}
		}()
		synctest.Wait()
		if written > 150 { // 20 kB in the inbox, and some in the buffers of the connection
			t.Errorf("%d events were read although none has been handled", written)
		}
		close(proceed)
		synctest.Wait()
		if handled != n {
			t.Errorf("%d events handled, want %d", handled, n)
		}
		c.conn.Close()
		<-left
	})
}

func TestHeartbeatIsSuspendedWhileTheInboxIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{MaxInbox: 1})
		echo(srv)
		proceed := make(chan bool)
		srv.On("slow", func(context.Context, *socketio.Socket, socketio.Args) error {
			<-proceed
			return nil
		})
		left := disconnects(srv.Of("/"))
		h, stop := serveInMemory(t, srv, 0)
		defer stop()
		c := h.connect()
		c.join("/", "")
		c.send(`42["slow"]`, `42["slow"]`, `42["echo","patient"]`)
		time.Sleep(time.Hour)
		if len(left) != 0 {
			t.Fatalf("disconnected while it could not be read from: %+v", <-left)
		}
		close(proceed)
		c.conn.SetReadDeadline(time.Time{})
		for m := ""; m != `42["echo","patient"]`; {
			m = c.receive() // answers the pings that have gathered
		}
		c.conn.Close()
		<-left
	})
}

// A handler that waits for an answer which cannot be read would wait for ever.
func TestWaitingForAnAckThatCannotArrive(t *testing.T) {
	for _, order := range []string{"wait first", "full first", "broadcast"} {
		t.Run(order, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := socketio.NewServer(socketio.Options{MaxInbox: 5000})
				errs := make(chan error, 1)
				full := make(chan bool)
				srv.On("x", func(ctx context.Context, s *socketio.Socket, args socketio.Args) error {
					if args.Len() != 1 {
						return nil
					}
					if order == "full first" {
						<-full
					}
					limited, cancel := context.WithTimeout(ctx, 24*time.Hour)
					defer cancel()
					var err error
					if order == "broadcast" {
						_, err = srv.EmitWithAck(limited, "question")
						if errors.Is(context.Cause(limited), socketio.ErrDisconnected) {
							err = context.Cause(limited)
						}
					} else {
						_, err = s.EmitWithAck(limited, "question")
					}
					errs <- err
					return nil
				})
				left := disconnects(srv.Of("/"))
				h, stop := serveInMemory(t, srv, 0)
				defer stop()
				c := h.connect()
				c.join("/", "")
				c.send(`42["x","wait"]`)
				synctest.Wait()
				for range 100 {
					c.send(`42["x"]`)
				}
				synctest.Wait()
				close(full)
				var d *socketio.DisconnectError
				if err := <-errs; !errors.As(err, &d) || d.Reason != socketio.ReasonInboxFull {
					t.Errorf("EmitWithAck = %v", err)
				}
				if d := <-left; d.Reason != socketio.ReasonInboxFull || d.Err == nil {
					t.Errorf("disconnect %+v", d)
				}
				if n := srv.Stats().InboxFull; n != 1 {
					t.Errorf("InboxFull = %d", n)
				}
			})
		})
	}
}

// Waiting as such is fine while answers can be read.
func TestWaitingWhileEventsArrive(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	log := make(chan string, 10)
	srv.On("wait", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) error {
		_, err := s.EmitWithAck(ctx, "question")
		log <- "answered"
		return err
	})
	srv.On("next", func(context.Context, *socketio.Socket, socketio.Args) error {
		log <- "next"
		return nil
	})
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send(`42["wait"]`, `42["next"]`)
	c.expect(`420["question"]`)
	c.send(`430[]`)
	for _, want := range []string{"answered", "next"} {
		if got := await(t, log, want); got != want {
			t.Errorf("%q happened, want %q", got, want)
		}
	}
}

func TestVolatileIsDroppedIfNobodyPolls(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	connected := sockets(srv.Of("/"))
	p := serve(t, srv).poll()
	p.send("40")
	s := await(t, connected, "the socket")
	if err := s.Volatile().Emit("lost"); !errors.Is(err, socketio.ErrDropped) {
		t.Errorf("Emit = %v", err)
	}
	if _, err := s.Volatile().EmitWithAck(t.Context(), "lost"); !errors.Is(err, socketio.ErrDropped) {
		t.Errorf("EmitWithAck = %v", err)
	}
	if err := srv.Volatile().Emit("lost"); err != nil {
		t.Errorf("Emit to all = %v", err)
	}
	if answers, err := srv.Volatile().EmitWithAck(t.Context(), "lost"); err != nil || len(answers) != 0 {
		t.Errorf("EmitWithAck to all = %v, %v", answers, err)
	}
	s.Emit("kept")
	if got := p.receive(); len(got) != 2 || got[1] != `42["kept"]` {
		t.Errorf("received %q", got)
	}
	if n := srv.Stats().VolatileDropped; n != 4 {
		t.Errorf("VolatileDropped = %d", n)
	}
}

func TestFullQueue(t *testing.T) {
	big := strings.Repeat("x", 6000)
	t.Run("disconnects", func(t *testing.T) {
		j := new(journal)
		srv := socketio.NewServer(socketio.Options{MaxQueue: 10_000, Hooks: j})
		connected, left := sockets(srv.Of("/")), disconnects(srv.Of("/"))
		p := serve(t, srv).poll()
		p.send("40")
		s := await(t, connected, "the socket")
		if err := s.Emit("1", big); err != nil {
			t.Errorf("first Emit = %v", err)
		}
		if err := srv.Emit("2", big); err != nil {
			t.Errorf("broadcast = %v", err)
		}
		if d := await(t, left, "the disconnect"); d.Reason != socketio.ReasonQueueFull || !strings.Contains(fmt.Sprint(d.Err), "MaxQueue (10000 bytes)") {
			t.Errorf("disconnect %+v", d)
		}
		// The queue of a client that is gone is not full.
		j.take()
		if err := s.Emit("3"); !errors.Is(err, socketio.ErrDisconnected) || errors.Is(err, socketio.ErrQueueFull) {
			t.Errorf("Emit after the end = %v", err)
		}
		if told := j.take(); len(told) > 0 || srv.Stats().QueueFull != 1 {
			t.Errorf("told of %q, %d counted", told, srv.Stats().QueueFull)
		}
	})
	t.Run("can never take it", func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{MaxQueue: 5_000})
		connected := sockets(srv.Of("/"))
		p := serve(t, srv).poll()
		p.send("40")
		s := await(t, connected, "the socket")
		if err := s.Emit("1", big); !errors.Is(err, socketio.ErrQueueFull) {
			t.Errorf("Emit = %v", err)
		}
		if err := srv.Emit("2", big); !errors.Is(err, socketio.ErrQueueFull) {
			t.Errorf("broadcast = %v", err)
		}
		if !s.Connected() {
			t.Error("the client was disconnected for it")
		}
		p.receive()
	})
	t.Run("is an error", func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{MaxQueue: 10_000, QueuePolicy: socketio.QueueError})
		connected := sockets(srv.Of("/"))
		p := serve(t, srv).poll()
		p.send("40")
		s := await(t, connected, "the socket")
		s.Emit("1", big)
		if err := s.Emit("2", big); !errors.Is(err, socketio.ErrQueueFull) {
			t.Errorf("Emit = %v", err)
		}
		if err := srv.Emit("3", big); !errors.Is(err, socketio.ErrQueueFull) || !strings.Contains(err.Error(), "1 of 1 clients") {
			t.Errorf("broadcast = %v", err)
		}
		if _, err := srv.EmitWithAck(t.Context(), "4", big); !errors.Is(err, socketio.ErrQueueFull) {
			t.Errorf("EmitWithAck = %v", err)
		}
		if got := p.receive(); len(got) != 2 || !strings.HasPrefix(got[1], `42["1"`) || !s.Connected() {
			t.Errorf("received %d packets", len(got))
		}
	})
}

// A handler may wait for an answer while the inbox of another socket of the client is
// full: that will be emptied, and then the answer is read.
func TestWaitingWhileAnotherInboxIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{MaxInbox: 5000})
		proceed := make(chan bool)
		srv.Of("/full").On("x", func(context.Context, *socketio.Socket, socketio.Args) error {
			<-proceed
			return nil
		})
		answered := make(chan error, 1)
		srv.Of("/waiting").On("ask", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) error {
			_, err := s.EmitWithAck(ctx, "question")
			answered <- err
			return nil
		})
		h, stop := serveInMemory(t, srv, 0)
		defer stop()
		c := h.connect()
		c.join("/full", "")
		c.join("/waiting", "")
		c.send(`42/waiting,["ask"]`)
		c.expect(`42/waiting,0["question"]`)
		for range 100 {
			c.send(`42/full,["x"]`)
		}
		c.send("43/waiting,0[]")
		synctest.Wait()
		close(proceed)
		synctest.Wait()
		if err := await(t, answered, "the answer"); err != nil {
			t.Errorf("EmitWithAck = %v", err)
		}
		c.conn.Close()
	})
}
