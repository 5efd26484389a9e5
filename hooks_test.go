package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/engine"
)

// journal implements all hooks, and writes down what it is told.
type journal struct {
	mu      sync.Mutex
	entries []string
}

func (j *journal) note(what ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, strings.TrimSpace(fmt.Sprintln(what...)))
}

// take returns the entries since the last call.
func (j *journal) take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	entries := j.entries
	j.entries = nil
	return entries
}

func (j *journal) ConnectionOpened(s *engine.Session) { j.note("opened", s.Transport()) }
func (j *journal) ConnectionClosed(_ *engine.Session, reason socketio.Reason, _ error) {
	j.note("closed", reason)
}
func (j *journal) ConnectionUpgraded(s *engine.Session) { j.note("upgraded to", s.Transport()) }
func (j *journal) SocketConnected(*socketio.Socket)     { j.note("connected") }
func (j *journal) SocketDisconnected(_ *socketio.Socket, d socketio.Disconnect) {
	j.note("disconnected", d.Reason)
}
func (j *journal) PacketReceived(_ *socketio.Socket, p socketio.PacketInfo) {
	j.note("received", p.Type, p.Event, p.Size)
}
func (j *journal) PacketSent(_ *socketio.Socket, p socketio.PacketInfo) {
	j.note("sent", p.Type, p.Event, p.Size > 0)
}
func (j *journal) EventDropped(_ *socketio.Socket, event string, err error) {
	j.note("dropped", event, errors.Is(err, socketio.ErrDropped), errors.Is(err, socketio.ErrQueueFull))
}
func (j *journal) InboxFull(*socketio.Socket)    { j.note("inbox full") }
func (j *journal) InboxRelaxed(*socketio.Socket) { j.note("inbox relaxed") }
func (j *journal) BusFailed(_ *socketio.Namespace, err error) {
	j.note("bus", errors.Is(err, errBus))
}

type traceKey struct{}

func (j *journal) StartEvent(ctx context.Context, _ *socketio.Socket, event string) (context.Context, func(error)) {
	j.note("start", event)
	return context.WithValue(ctx, traceKey{}, "trace"), func(err error) { j.note("end", err) }
}

func TestHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := new(journal)
		srv := socketio.NewServer(socketio.Options{Hooks: j, Logger: silent, PingInterval: time.Hour, MaxInbox: 1000})
		var s *socketio.Socket
		srv.OnConnect(func(_ context.Context, connected *socketio.Socket) {
			s = connected
			j.note("OnConnect")
		})
		proceed := make(chan bool)
		srv.On("e", func(ctx context.Context, _ *socketio.Socket, args socketio.Args) error {
			if ctx.Value(traceKey{}) != "trace" {
				t.Error("the handler did not get the context of the hook")
			}
			return args.Ack()
		})
		srv.On("wait", func(context.Context, *socketio.Socket, socketio.Args) error {
			<-proceed
			return nil
		})
		h, stop := serveInMemory(t, srv, 0)
		expect := func(what string, want ...string) {
			t.Helper()
			synctest.Wait()
			if got := j.take(); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		c := h.connect()
		c.join("/", "")
		expect("connecting", "opened websocket", "connected", "OnConnect")
		c.send(`420["e",1]`)
		expect("an event", "received EVENT e 9", "start e", "sent ACK  true", "end <nil>")
		c.expect("430[]")
		c.send(`42["e"]`)
		expect("an event that fails", "received EVENT e 6", "start e", "end the event does not ask for an acknowledgement")
		s.Emit("x")
		srv.Emit("y")
		expect("sending", "sent EVENT x true", "sent EVENT y true")
		go srv.EmitWithAck(t.Context(), "q")
		synctest.Wait()
		c.send("430[]")
		expect("asking", "sent EVENT q true", "received ACK  4")
		c.send(`42["wait"]`)
		expect("a handler that takes its time", "received EVENT wait 9", "start wait")
		for range 2 {
			c.send(`42["wait","` + strings.Repeat("x", 500) + `"]`)
		}
		expect("filling the inbox", "received EVENT wait 512", "received EVENT wait 512", "inbox full")
		proceed <- true
		proceed <- true
		expect("emptying it", "end <nil>", "start wait", "end <nil>", "inbox relaxed", "start wait")
		proceed <- true
		expect("the end", "end <nil>")
		c.send("41")
		expect("leaving", "disconnected client namespace disconnect")
		c.conn.Close()
		expect("closing", "closed transport close")
		if n := srv.Stats(); n.Opened != 1 || n.Clients != 0 || n.Namespaces != 1 {
			t.Errorf("stats %+v", n)
		}
		stop()
	})
}

func TestHookForUpgrades(t *testing.T) {
	j := new(journal)
	srv := socketio.NewServer(socketio.Options{Hooks: j, Logger: silent})
	left := disconnects(srv.Of("/"))
	h := serve(t, srv)
	p := h.poll()
	p.send("40")
	p.receive()
	c := h.upgrade(p)
	c.send("5")
	c.send("41")
	await(t, left, "the client to leave")
	want := []string{"opened polling", "connected", "upgraded to websocket", "disconnected client namespace disconnect"}
	if got := j.take(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestHooksForWhatIsLost(t *testing.T) {
	j := new(journal)
	bus := &brokenBus{cluster.NewMemory(), true}
	srv := socketio.NewServer(socketio.Options{Hooks: j, Logger: silent, Bus: bus, QueuePolicy: socketio.QueueError, MaxQueue: 1000})
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	p := h.poll()
	p.send("40")
	s := await(t, connected, "the socket")
	p.receive()
	s.Emit("fits", strings.Repeat("x", 600))
	j.take()
	s.Volatile().Emit("v")
	s.Emit("big", strings.Repeat("x", 600))
	srv.Local().Emit("big", strings.Repeat("x", 600))
	srv.Local().Volatile().Emit("v")
	srv.To("nobody").Emit("e")
	want := []string{"dropped v true false", "dropped big false true", "dropped big false true", "dropped v true false", "bus true"}
	if got := j.take(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if n := srv.Stats(); n.BusErrors != 1 || n.VolatileDropped != 2 || n.QueueFull != 2 {
		t.Errorf("stats %+v", n)
	}
	p.receive()
}

func TestHooksForWhatIsLostWithRecovery(t *testing.T) {
	j := new(journal)
	srv := socketio.NewServer(socketio.Options{Hooks: j, Logger: silent, Recovery: &socketio.Recovery{}, QueuePolicy: socketio.QueueError, MaxQueue: 1000})
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	p := h.poll()
	p.send("40")
	s := await(t, connected, "the socket")
	p.receive()
	s.Emit("fits", strings.Repeat("x", 600))
	j.take()
	s.Emit("big", strings.Repeat("x", 600))
	srv.Emit("big", strings.Repeat("x", 600))
	want := []string{"dropped big false true", "dropped big false true"}
	if got := j.take(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	p.receive()
}

// A value without hooks is a mistake that is told.
func TestNoHooks(t *testing.T) {
	log := newLogged()
	srv := socketio.NewServer(socketio.Options{Hooks: struct{ journal *int }{}, Logger: log.logger()})
	defer srv.Close()
	if records := log.take(); len(records) != 1 {
		t.Errorf("logged %v", records)
	}
}
