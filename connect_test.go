package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws/wsutil"

	"github.com/go-socketio/socketio"
)

func TestJoiningNamespaces(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	srv.Of("admin").On("where", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		return args.Ack(s.Namespace().Name())
	})
	c := serve(t, srv).connect()
	main, admin := c.join("/", ""), c.join("/admin", `{"token":"x"}`)
	if main == admin {
		t.Error("both sockets have the same id")
	}
	c.send(`42/admin,5["where"]`)
	c.expect(`43/admin,5["/admin"]`)
	c.send("40/nowhere,")
	c.expect(`44/nowhere,{"message":"Invalid namespace"}`)
	c.send(`42/admin,6["where"]`) // the connection is unharmed
	c.expect(`43/admin,6["/admin"]`)
	if srv.Of("/") != srv.Of("") || srv.Of("/admin") != srv.Of("admin") {
		t.Error("Of does not find the same namespace under both spellings")
	}
}

func TestHandshakeDetails(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{
		AllowRequest: func(r *http.Request) (any, error) { return "user of " + r.Header.Get("X-Token"), nil },
	})
	connected := sockets(srv.Of("/"))
	before := time.Now()
	c := serve(t, srv).connectWith("&room=7", http.Header{"X-Token": {"abc"}, "Origin": {"http://page.example"}})
	c.join("/", `{"token":"secret","level":3}`)
	hs := await(t, connected, "the socket").Handshake()
	var auth struct {
		Token string `json:"token"`
		Level int    `json:"level"`
	}
	if err := hs.Auth(&auth); err != nil || auth.Token != "secret" || auth.Level != 3 {
		t.Errorf("Auth: %+v, %v", auth, err)
	}
	if raw := string(hs.RawAuth()); raw != `{"token":"secret","level":3}` {
		t.Errorf("RawAuth: %s", raw)
	}
	if hs.Query().Get("room") != "7" || hs.Query().Get("EIO") != "4" {
		t.Errorf("Query: %v", hs.Query())
	}
	if hs.Header().Get("X-Token") != "abc" || hs.Value() != "user of abc" {
		t.Errorf("Header: %v, Value: %v", hs.Header(), hs.Value())
	}
	if hs.Address() != "127.0.0.1" || hs.Secure() || !hs.CrossDomain() || !strings.HasPrefix(hs.URL(), "/socket.io/?EIO=4") {
		t.Errorf("Address %q, Secure %v, CrossDomain %v, URL %q", hs.Address(), hs.Secure(), hs.CrossDomain(), hs.URL())
	}
	if hs.Time().Before(before) || hs.Time().After(time.Now()) {
		t.Errorf("Time: %v", hs.Time())
	}
}

func TestNoAuthLeavesTheTargetAlone(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	connected := sockets(srv.Of("/"))
	serve(t, srv).connect().join("/", "")
	hs := await(t, connected, "the socket").Handshake()
	auth := map[string]any{"kept": true}
	if err := hs.Auth(&auth); err != nil || auth["kept"] != true || hs.RawAuth() != nil {
		t.Errorf("Auth: %v, %v, raw %s", auth, err, hs.RawAuth())
	}
}

func TestMiddlewareRunsInOrderAndCanRefuse(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	var order []string
	srv.Use(func(_ context.Context, s *socketio.Socket) error {
		order = append(order, "first")
		s.SetData("data of first")
		return nil
	})
	refusals := []error{
		errors.New("plain"),
		&socketio.ConnectError{Message: "with data", Data: map[string]int{"code": 7}},
		fmt.Errorf("wrapped: %w", &socketio.ConnectError{Message: "inner"}),
		&socketio.ConnectError{Message: "bad data", Data: make(chan int)},
		&socketio.ConnectError{Message: "empty list", Data: []string{}},
		&socketio.ConnectError{Message: "empty object", Data: struct{}{}},
		&socketio.ConnectError{Message: "empty text", Data: ""},
		nil,
	}
	srv.Use(func(_ context.Context, s *socketio.Socket) error {
		order = append(order, "second")
		if data, ok := socketio.DataOf[string](s); !ok || data != "data of first" {
			t.Errorf("Data = %q, %v", data, ok)
		}
		err := refusals[0]
		refusals = refusals[1:]
		return err
	})
	connected := sockets(srv.Of("/"))
	left := disconnects(srv.Of("/"))
	c := serve(t, srv).connect()
	for _, answer := range []string{
		`44{"message":"plain"}`, `44{"message":"with data","data":{"code":7}}`, `44{"message":"inner"}`, `44{"message":"bad data"}`,
		`44{"message":"empty list","data":[]}`, `44{"message":"empty object","data":{}}`, `44{"message":"empty text","data":""}`,
	} {
		c.send("40")
		c.expect(answer)
	}
	c.join("/", "")
	await(t, connected, "the socket")
	if got := strings.Join(order, " "); got != strings.TrimSpace(strings.Repeat("first second ", 8)) {
		t.Errorf("order: %s", got)
	}
	if len(connected) != 0 || len(left) != 0 {
		t.Error("refused sockets have been seen by handlers")
	}
}

func TestMiddlewareThatPanicsRefuses(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	srv.Use(func(context.Context, *socketio.Socket) error { panic("oops") })
	c := serve(t, srv).connect()
	c.send("40")
	c.expect(`44{"message":"internal error"}`)
	if n := srv.Stats().Panics; n != 1 {
		t.Errorf("Panics = %d", n)
	}
}

func TestSocketInMiddleware(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	inside, proceed := make(chan *socketio.Socket), make(chan bool)
	srv.Use(func(ctx context.Context, s *socketio.Socket) error {
		if err := s.Join("early"); err != nil {
			t.Errorf("Join: %v", err)
		}
		if err := s.Emit("before the reply"); err != nil {
			t.Errorf("Emit: %v", err)
		}
		if _, err := s.EmitWithAck(ctx, "question"); !errors.Is(err, socketio.ErrNotConnected) {
			t.Errorf("EmitWithAck: %v", err)
		}
		inside <- s
		<-proceed
		return nil
	})
	connected := sockets(srv.Of("/"))
	c := serve(t, srv).connect()
	c.send("40")
	c.expect(`42["before the reply"]`)
	s := await(t, inside, "the middleware")
	if s.Connected() || len(srv.Sockets()) != 0 || len(srv.To("early").Sockets()) != 0 {
		t.Error("a socket in middleware is visible")
	}
	srv.To("early").Emit("too early")
	srv.To(s.ID()).Emit("too early")
	srv.Emit("too early")
	proceed <- true
	if reply := c.receive(); reply != `40{"sid":"`+s.ID()+`"}` {
		t.Fatalf("received %q, want the reply", reply)
	}
	await(t, connected, "the connect handler")
	srv.To("early").Emit("in time")
	c.expect(`42["in time"]`)
}

func TestClientThatLeavesDuringMiddleware(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	inside, ended := make(chan *socketio.Socket), make(chan error)
	srv.Use(func(ctx context.Context, s *socketio.Socket) error {
		s.Join("room")
		inside <- s
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return nil // too late to be admitted
	})
	connected, left := sockets(srv.Of("/")), disconnects(srv.Of("/"))
	h := serve(t, srv)
	c := h.connect()
	c.send("40")
	s := await(t, inside, "the middleware")
	c.conn.Close()
	if cause := await(t, ended, "the end of the context"); !errors.Is(cause, socketio.ErrDisconnected) {
		t.Errorf("cause: %v", cause)
	}
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if len(connected)+len(left)+len(srv.Sockets())+len(s.Rooms()) != 0 || s.Connected() {
		t.Error("the socket was admitted")
	}
	if err := s.Join("room"); !errors.Is(err, socketio.ErrDisconnected) {
		t.Errorf("Join: %v", err)
	}
}

func TestMiddlewareThatDisconnects(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	srv.Use(func(_ context.Context, s *socketio.Socket) error {
		s.Disconnect()
		return nil
	})
	connected, left := sockets(srv.Of("/")), disconnects(srv.Of("/"))
	c := serve(t, srv).connect()
	c.send("40")
	c.expect("41")
	c.send("40") // once more: by then the first one is over
	c.expect("41")
	if len(connected)+len(left)+len(srv.Sockets()) != 0 {
		t.Error("the socket was admitted")
	}
}

// A second CONNECT packet is a protocol violation, also while the first is pending.
func TestConnectTwice(t *testing.T) {
	for first, prepare := range map[string]func(srv *socketio.Server, decide func(context.Context)){
		"joined": func(srv *socketio.Server, _ func(context.Context)) { srv.Of("/a") },
		"in middleware": func(srv *socketio.Server, decide func(context.Context)) {
			srv.Of("/a").Use(func(ctx context.Context, _ *socketio.Socket) error {
				decide(ctx)
				return nil
			})
		},
		"in the function of a dynamic namespace": func(srv *socketio.Server, decide func(context.Context)) {
			srv.OfFunc(func(ctx context.Context, _ string, _ socketio.Args) (bool, error) {
				decide(ctx)
				return true, nil
			})
		},
	} {
		t.Run(first, func(t *testing.T) {
			srv := socketio.NewServer(socketio.Options{})
			calls := make(chan bool, 2)
			prepare(srv, func(ctx context.Context) {
				calls <- true
				<-ctx.Done()
			})
			c := serve(t, srv).connect()
			c.send("40/a,", "40/a,")
			if rest := c.expectClosed(); len(rest) > 1 {
				t.Errorf("received %q", rest)
			}
			if len(calls) > 1 {
				t.Error("it was decided twice")
			}
			if n := srv.Stats().InvalidPackets; n != 1 {
				t.Errorf("InvalidPackets = %d", n)
			}
		})
	}
}

// Broadcasts must not overtake the reply to CONNECT.
func TestNothingOvertakesTheReply(t *testing.T) {
	// A client that does not keep up with the noise stays connected.
	srv := socketio.NewServer(socketio.Options{QueuePolicy: socketio.QueueError})
	srv.Use(func(context.Context, *socketio.Socket) error { return nil })
	h := serve(t, srv)
	stop, stopped := make(chan bool), make(chan bool)
	defer func() { close(stop); <-stopped }()
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				srv.Emit("noise")
				runtime.Gosched()
			}
		}
	}()
	for range 50 {
		c := h.connect()
		c.join("/", "")
		c.expect(`42["noise"]`)
		c.conn.Close()
	}
}

// A client may send an event right behind its CONNECT packet.
func TestHandlersOfConnectHandlersMissNothing(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	got := make(chan string, 10)
	srv.OnConnect(func(_ context.Context, s *socketio.Socket) {
		s.On("first", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
			var v string
			err := args.Decode(&v)
			got <- v
			return err
		})
	})
	c := serve(t, srv).connect()
	c.send("40", `42["first","event"]`)
	if v := await(t, got, "the event"); v != "event" {
		t.Errorf("got %q", v)
	}
}

func TestConnectTimeout(t *testing.T) {
	tests := map[string]struct {
		limit time.Duration
		send  []string
		want  time.Duration // 0: it stays connected
	}{
		"default":              {0, nil, 45 * time.Second},
		"set":                  {time.Second, nil, time.Second},
		"refused in between":   {0, []string{"40/nowhere,"}, 45 * time.Second},
		"still in middleware":  {0, []string{"40/slow,"}, 45 * time.Second},
		"joined":               {0, []string{"40"}, 0},
		"joined and left":      {0, []string{"40", "41"}, 0},
		"without":              {-1, nil, 0},
		"joined and one in it": {0, []string{"40", "40/slow,"}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan error, 1)
				srv := socketio.NewServer(socketio.Options{ConnectTimeout: tt.limit, PingInterval: time.Hour, Hooks: closings(ended)})
				srv.Of("/slow").Use(func(ctx context.Context, _ *socketio.Socket) error {
					<-ctx.Done()
					return nil
				})
				h, stop := serveInMemory(t, srv, 0)
				defer stop()
				c := h.connect()
				start := time.Now()
				c.send(tt.send...)
				closed := make(chan bool)
				c.conn.SetReadDeadline(time.Time{})
				go func() {
					defer close(closed)
					for err := error(nil); err == nil; {
						_, _, err = wsutil.ReadServerData(c.conn)
					}
				}()
				select {
				case <-closed:
					if d := time.Since(start); d != tt.want {
						t.Errorf("closed after %v, want %v", d, tt.want)
					}
					if err, want := <-ended, fmt.Sprintf("ConnectTimeout (%v)", tt.want); !strings.Contains(fmt.Sprint(err), want) {
						t.Errorf("the operator is told %v", err)
					}
				case <-time.After(30 * time.Minute):
					if tt.want != 0 {
						t.Error("not closed")
					}
					c.conn.Close()
					<-closed
				}
			})
		})
	}
}

func TestTooManyNamespaces(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{MaxNamespaces: 2})
	srv.Of("/a")
	srv.Of("/b")
	c := serve(t, srv).connect()
	c.join("/", "")
	c.join("/a", "")
	c.send("40/b,")
	c.expect(`44/b,{"message":"Too many namespaces"}`)
	c.send("41/a,")
	c.join("/b", "")
}

func TestIDsDiffer(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	h := serve(t, srv)
	ids := make(map[string]bool)
	for range 20 {
		ids[h.connect().join("/", "")] = true
	}
	if len(ids) != 20 {
		t.Errorf("%d different ids of 20", len(ids))
	}
	for id := range ids {
		if s, ok := srv.Of("/").Socket(id); !ok || s.ID() != id {
			t.Errorf("Socket(%q) = %v, %v", id, s, ok)
		}
	}
}
