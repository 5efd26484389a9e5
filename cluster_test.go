package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
)

// node is a server of a cluster with one client.
type node struct {
	srv    *socketio.Server
	client *client
	socket *socketio.Socket
	host   *host
}

func newNode(t *testing.T, bus cluster.Bus) *node {
	t.Helper()
	srv := socketio.NewServer(socketio.Options{Bus: bus, Logger: silent})
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	c := h.connect()
	c.join("/", "")
	return &node{srv, c, await(t, connected, "the socket"), h}
}

func TestBroadcastsReachTheWholeCluster(t *testing.T) {
	bus := cluster.NewMemory()
	a, b := newNode(t, bus), newNode(t, bus)
	a.socket.Join("room")
	b.socket.Join("room", "other")

	a.srv.Emit("all", 1, []byte{1, 2})
	for _, n := range []*node{a, b} {
		n.client.expect(`451-["all",1,{"_placeholder":true,"num":0}]`)
		if got := n.client.receiveBinary(); string(got) != "\x01\x02" {
			t.Errorf("attachment % x", got)
		}
	}
	a.socket.To("room").Emit("but me")
	a.srv.To("room").Except("other").Emit("a only")
	a.srv.Local().Emit("local")
	a.srv.To([]string{}...).Emit("nobody")
	a.srv.To(b.socket.ID()).Emit("b only")
	a.srv.Emit("end")
	a.client.expect(`42["a only"]`, `42["local"]`, `42["end"]`)
	b.client.expect(`42["but me"]`, `42["b only"]`, `42["end"]`)

	// Other namespaces are others' business.
	a.srv.Of("/x")
	a.client.join("/x", "")
	b.srv.Of("/x").Emit("x")
	a.client.expect(`42/x,["x"]`)
}

func TestOperationsReachTheWholeCluster(t *testing.T) {
	bus := cluster.NewMemory()
	a, b := newNode(t, bus), newNode(t, bus)
	a.srv.Of("/").To(b.socket.ID()).Join("moved")
	a.srv.To("moved").Emit("1")
	b.client.expect(`42["1"]`)
	if rooms := b.socket.Rooms(); !slices.Equal(rooms, []string{b.socket.ID(), "moved"}) {
		t.Errorf("rooms %v", rooms)
	}
	a.srv.To("moved").Leave("moved")
	a.srv.To("moved").Emit("2")
	a.srv.To(b.socket.ID()).Disconnect()
	b.client.expect("41")
	b.client.join("/", "")
	a.srv.Except(a.socket.ID()).DisconnectConn()
	if rest := b.client.expectClosed(); !slices.Equal(rest, []string{"41"}) {
		t.Errorf("received %q", rest)
	}
	if !a.socket.Connected() {
		t.Error("the wrong one was disconnected")
	}
}

// The order of what one goroutine emits holds across the cluster.
func TestClusterOrder(t *testing.T) {
	bus := cluster.NewMemory()
	a, b := newNode(t, bus), newNode(t, bus)
	const n = 300
	go func() {
		for i := range n {
			a.srv.Emit("i", i)
		}
	}()
	for i := range n {
		want := fmt.Sprintf(`42["i",%d]`, i)
		a.client.expect(want)
		b.client.expect(want)
	}
}

func TestBroadcastAckInTheCluster(t *testing.T) {
	bus := cluster.NewMemory()
	a, b, c := newNode(t, bus), newNode(t, bus), newNode(t, bus)
	type result struct {
		answers []string
		err     error
	}
	results := make(chan result)
	ask := func(ctx context.Context) {
		answers, err := a.srv.EmitWithAck(ctx, "q")
		r := result{err: err}
		for _, answer := range answers {
			var v string
			answer.Decode(&v)
			r.answers = append(r.answers, v)
		}
		slices.Sort(r.answers)
		results <- r
	}
	expect := func(what string, want ...string) {
		t.Helper()
		r := await(t, results, what)
		if r.err != nil || !slices.Equal(r.answers, want) {
			t.Errorf("%s: %v, want %v", what, r, want)
		}
	}

	go ask(t.Context())
	for i, n := range []*node{a, b, c} {
		n.client.expect(fmt.Sprintf(`42%d["q"]`, 0))
		n.client.send(fmt.Sprintf(`430["%c"]`, 'a'+i))
	}
	expect("all answer", "a", "b", "c")

	go ask(t.Context())
	a.client.expect(`421["q"]`)
	b.client.expect(`421["q"]`)
	c.client.expect(`421["q"]`)
	a.client.send(`431["a"]`)
	b.client.send(`431["b"]`)
	c.client.send("41")
	expect("a client of another server leaves", "a", "b")

	go ask(t.Context())
	a.client.expect(`422["q"]`)
	b.client.expect(`422["q"]`)
	a.client.send(`432["a"]`)
	down := make(chan error)
	go func() { down <- b.srv.Shutdown(t.Context()) }()
	b.client.expectClosed()
	if err := <-down; err != nil {
		t.Error(err)
	}
	expect("another server leaves", "a")

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	go ask(ctx)
	if r := await(t, results, "the time-out"); !errors.Is(r.err, context.DeadlineExceeded) || len(r.answers) != 0 {
		t.Errorf("nobody answers: %v", r)
	}
}

// The server that has asked says how long it waits, and the others do not wait longer.
func TestOtherServersForgetUnansweredAcks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := &recordingBus{Memory: cluster.NewMemory()}
		asking := socketio.NewServer(socketio.Options{Bus: bus})
		other := socketio.NewServer(socketio.Options{Bus: bus, PingInterval: time.Hour})
		connected := sockets(other.Of("/"))
		h, stop := serveInMemory(t, other, 0)
		c := h.connect()
		c.join("/", "")
		<-connected
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := asking.EmitWithAck(ctx, "q"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("EmitWithAck = %v", err)
		}
		c.expect(`420["q"]`)
		time.Sleep(time.Second)
		c.send(`430["late"]`)
		synctest.Wait()
		if n := len(bus.responses); n != 1 || bus.responses[0].Kind != cluster.BroadcastClientCount {
			t.Errorf("%d responses, want the client count only", n)
		}
		c.conn.Close()
		synctest.Wait()
		stop()
		if err := asking.Close(); err != nil {
			t.Error(err)
		}
	})
}

// recordingBus keeps the responses that go over it.
type recordingBus struct {
	*cluster.Memory
	responses []*cluster.Message
}

func (b *recordingBus) Join(namespace string, r cluster.Receiver) (cluster.Member, error) {
	m, err := b.Memory.Join(namespace, r)
	return recordingMember{m, b}, err
}

type recordingMember struct {
	cluster.Member
	bus *recordingBus
}

func (m recordingMember) Respond(ctx context.Context, node string, msg *cluster.Message) error {
	m.bus.responses = append(m.bus.responses, msg)
	return m.Member.Respond(ctx, node, msg)
}

var errBus = errors.New("the bus is down")

// brokenBus can be joined, but publishes nothing; or not even that.
type brokenBus struct {
	*cluster.Memory
	joins bool
}

func (b *brokenBus) Join(namespace string, r cluster.Receiver) (cluster.Member, error) {
	if !b.joins {
		return nil, errBus
	}
	m, err := b.Memory.Join(namespace, r)
	return brokenMember{m}, err
}

type brokenMember struct{ cluster.Member }

func (brokenMember) Nodes() []string { return []string{"unreachable"} }

func (brokenMember) Publish(context.Context, *cluster.Message) (string, error) { return "", errBus }

// If the bus fails the caller is told, and the clients of this server are served.
func TestBusFailure(t *testing.T) {
	for _, joins := range []bool{true, false} {
		t.Run(fmt.Sprintf("joins=%v", joins), func(t *testing.T) {
			n := newNode(t, &brokenBus{cluster.NewMemory(), joins})
			if err := n.srv.Emit("e"); !errors.Is(err, errBus) {
				t.Errorf("Emit = %v", err)
			}
			n.client.expect(`42["e"]`)
			if err := n.srv.To(n.socket.ID()).Join("room"); !errors.Is(err, errBus) || len(n.socket.Rooms()) != 2 {
				t.Errorf("Join = %v, rooms %v", err, n.socket.Rooms())
			}
			answered := make(chan error)
			go func() {
				answers, err := n.srv.EmitWithAck(t.Context(), "q")
				if len(answers) != 1 {
					t.Errorf("%d answers", len(answers))
				}
				answered <- err
			}()
			n.client.expect(`420["q"]`)
			n.client.send(`430[]`)
			if err := await(t, answered, "EmitWithAck"); !errors.Is(err, errBus) {
				t.Errorf("EmitWithAck = %v", err)
			}
			if err := n.srv.Local().Emit("local"); err != nil {
				t.Errorf("Local: %v", err)
			}
			n.client.expect(`42["local"]`)
		})
	}
}

// A handler whose client has left can still tell the cluster about it.
func TestBroadcastWithTheContextOfAClientThatLeft(t *testing.T) {
	bus := cluster.NewMemory()
	a, b := newNode(t, bus), newNode(t, bus)
	errs := make(chan error, 1)
	a.srv.On("x", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) error {
		<-ctx.Done()
		errs <- s.Broadcast().EmitContext(ctx, "left")
		return nil
	})
	a.client.send(`42["x"]`, "41")
	if err := await(t, errs, "the broadcast"); err != nil {
		t.Error(err)
	}
	b.client.expect(`42["left"]`)
}
