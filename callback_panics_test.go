package socketio_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/event"
)

// faultyHooks has every hook, and panics in each. It notes which have been called.
type faultyHooks struct {
	mu     sync.Mutex
	called map[string]int
}

func (f *faultyHooks) fail(hook string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.called[hook]++
	panic("in " + hook)
}

func (f *faultyHooks) ConnectionOpened(*engine.Session) { f.fail("ConnectionOpened") }
func (f *faultyHooks) ConnectionClosed(*engine.Session, socketio.Reason, error) {
	f.fail("ConnectionClosed")
}
func (f *faultyHooks) ConnectionUpgraded(*engine.Session) { f.fail("ConnectionUpgraded") }
func (f *faultyHooks) SocketConnected(*socketio.Socket)   { f.fail("SocketConnected") }
func (f *faultyHooks) SocketDisconnected(*socketio.Socket, socketio.Disconnect) {
	f.fail("SocketDisconnected")
}
func (f *faultyHooks) PacketReceived(*socketio.Socket, socketio.PacketInfo) { f.fail("PacketReceived") }
func (f *faultyHooks) PacketSent(*socketio.Socket, socketio.PacketInfo)     { f.fail("PacketSent") }
func (f *faultyHooks) EventDropped(*socketio.Socket, string, error)         { f.fail("EventDropped") }
func (f *faultyHooks) InboxFull(*socketio.Socket)                           { f.fail("InboxFull") }
func (f *faultyHooks) InboxRelaxed(*socketio.Socket)                        { f.fail("InboxRelaxed") }
func (f *faultyHooks) BusFailed(*socketio.Namespace, error)                 { f.fail("BusFailed") }
func (f *faultyHooks) StartEvent(ctx context.Context, _ *socketio.Socket, event string) (context.Context, func(error)) {
	if event == "echo" {
		f.fail("StartEvent")
	}
	return ctx, func(error) { f.fail("the function that StartEvent returns") }
}

// Each hook may panic: what it was told of goes on as without it.
func TestHooksThatPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hooks := &faultyHooks{called: make(map[string]int)}
		srv := socketio.NewServer(socketio.Options{
			Hooks: hooks, Logger: silent, MaxInbox: 1000, PingInterval: time.Hour, MaxQueue: 1000,
			QueuePolicy: socketio.QueueError, Bus: &brokenBus{cluster.NewMemory(), true},
		})
		echo(srv)
		proceed := make(chan bool)
		srv.On("wait", func(context.Context, *socketio.Socket, socketio.Args) error {
			<-proceed
			return nil
		})
		h, stop := serveInMemory(t, srv, 0)
		c := h.connect()
		c.join("/", "")
		c.send(`42["wait"]`)
		synctest.Wait()
		for range 2 {
			c.send(`42["wait","` + strings.Repeat("x", 500) + `"]`)
		}
		synctest.Wait()
		for range 3 {
			proceed <- true
		}
		c.send(`422["echo","still here"]`)
		c.expect(`432["still here"]`)
		if err := srv.Emit("too large for the queue", strings.Repeat("x", 1000)); !errors.Is(err, socketio.ErrQueueFull) {
			t.Errorf("Emit = %v", err)
		}
		if err := srv.Emit("for other servers too"); !errors.Is(err, errBus) {
			t.Errorf("Emit = %v", err)
		}
		c.expect(`42["for other servers too"]`)
		p := h.poll()
		p.send("40")
		p.receive()
		srv.Local().Emit("fills the queue", strings.Repeat("x", 600))
		srv.Local().Emit("does not fit", strings.Repeat("x", 600))
		h.upgrade(p).send("5")
		synctest.Wait()
		c.send("41")
		c.conn.Close()
		stop()
		total := 0
		for _, n := range hooks.called {
			total += n
		}
		names := slices.Sorted(maps.Keys(hooks.called))
		want := []string{"BusFailed", "ConnectionClosed", "ConnectionOpened", "ConnectionUpgraded", "EventDropped", "InboxFull", "InboxRelaxed",
			"PacketReceived", "PacketSent", "SocketConnected", "SocketDisconnected", "StartEvent", "the function that StartEvent returns"}
		if !slices.Equal(names, want) {
			t.Errorf("called %q, want %q", names, want)
		}
		if n := srv.Stats().Panics; n != uint64(total) {
			t.Errorf("%d panics counted, %d made", n, total)
		}
	})
}

// The functions that watch what others do may panic too, and a value that cannot be
// decoded is a failure of that event alone.
func TestWatchersThatPanic(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	echo(srv)
	srv.OnAnyOutgoing(func(*socketio.Socket, string, socketio.Args) { panic("in OnAnyOutgoing") })
	srv.OnError(func(context.Context, *socketio.Socket, string, error) { panic("in OnError") })
	srv.OnRoomEvent(func(socketio.RoomEvent) { panic("in OnRoomEvent") })
	srv.UsePacket(func(_ context.Context, _ *socketio.Socket, event string, _ socketio.Args) error {
		if event == "refused" {
			panic("in packet middleware")
		}
		return nil
	})
	srv.On("fail", func(context.Context, *socketio.Socket, socketio.Args) error { return errors.New("no") })
	socketio.On(srv, event.New[undecodable]("typed"), func(context.Context, *socketio.Socket, undecodable) error { return nil })
	c := serve(t, srv).connect()
	c.join("/", "") // two room events
	c.send(`420["echo",1]`, `42["echo",2]`, `421["fail"]`, `422["refused"]`, `423["typed",1]`)
	c.expect(`430[1]`, `42["echo",2]`)
	for _, id := range "123" {
		c.expect(`43` + string(id) + `[{"error":"internal error"}]`)
	}
	if err := srv.Emit("hello"); err != nil {
		t.Errorf("Emit = %v", err)
	}
	c.expect(`42["hello"]`)
	// OnRoomEvent 2, OnAnyOutgoing 2, OnError 3, packet middleware and UnmarshalJSON.
	if n := srv.Stats().Panics; n != 9 {
		t.Errorf("%d panics counted", n)
	}
}

// undecodable is a value whose decoding panics.
type undecodable struct{}

func (*undecodable) UnmarshalJSON([]byte) error { panic("in UnmarshalJSON") }

// A further request of a connection whose OnRequest panics ends that connection, and one
// that would only have upgraded it leaves it as it is.
func TestOnRequestThatPanics(t *testing.T) {
	for _, fatal := range []string{"GET polling", "POST polling", "GET websocket"} {
		t.Run(fatal, func(t *testing.T) {
			srv := socketio.NewServer(socketio.Options{Logger: silent, OnRequest: func(_ *engine.Session, r *http.Request) {
				if r.Method+" "+r.URL.Query().Get("transport") == fatal && r.Header.Get("X-Fatal") != "" {
					panic("in OnRequest")
				}
			}})
			left := disconnects(srv.Of("/"))
			echo(srv)
			h := serve(t, srv)
			p := h.poll()
			p.send("40")
			p.receive()
			method, transport, _ := strings.Cut(fatal, " ")
			r, err := http.NewRequest(method, strings.Replace(p.url, "polling", transport, 1), nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header = http.Header{"X-Fatal": {"yes"}, "Content-Type": {"text/plain"}}
			if transport == socketio.WebSocket {
				r.Header.Set("Connection", "Upgrade")
				r.Header.Set("Upgrade", "websocket")
			}
			res, err := p.http.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if n := srv.Stats().Panics; res.StatusCode != http.StatusInternalServerError || n != 1 {
				t.Errorf("answered %s, %d panics counted", res.Status, n)
			}
			if transport == socketio.WebSocket {
				p.send(`421["echo","still here"]`)
				p.expect(`431["still here"]`)
				return
			}
			if d := await(t, left, "the end"); d.Reason != socketio.ReasonTransportError {
				t.Errorf("ended with %v", d.Reason)
			}
		})
	}
}
