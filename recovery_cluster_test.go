package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/packet"
)

// recoveryNode is a server of a cluster whose clients can recover.
type recoveryNode struct {
	*host
	srv       *socketio.Server
	connected <-chan *socketio.Socket
	left      <-chan socketio.Disconnect
}

func newRecoveryNode(t *testing.T, bus cluster.Bus, o socketio.Recovery) *recoveryNode {
	srv, connected, left := withRecovery(socketio.Options{Bus: bus, Logger: silent, Recovery: &o})
	srv.OnServer("settle", func(_ context.Context, args socketio.Args) error { return args.Ack() })
	return &recoveryNode{serve(t, srv), srv, connected, left}
}

// settle returns when the bus has given the other servers all that n has emitted. Until
// then clients that recover there may get it as new, after the reply to CONNECT.
func (n *recoveryNode) settle() {
	n.t.Helper()
	if _, err := n.srv.OtherServers().EmitWithAck(n.t.Context(), "settle"); err != nil {
		n.t.Fatal(err)
	}
}

// at makes a client connect to another server from now on.
func (r *recovering) at(n *recoveryNode) *recovering {
	r.host = n.host
	return r
}

// expectRecovery lets a client recover at n, and returns its socket.
func (n *recoveryNode) expectRecovery(r *recovering, want ...string) *socketio.Socket {
	r.t.Helper()
	r.at(n).expectRecovery(want...)
	return await(r.t, n.connected, "the socket")
}

// A client recovers at any server of the cluster, with what was emitted anywhere.
func TestRecoveryAtAnotherServer(t *testing.T) {
	type profile struct{ Name string }
	bus := cluster.NewMemory()
	a, b := newRecoveryNode(t, bus, socketio.Recovery{}), newRecoveryNode(t, bus, socketio.Recovery{})
	r := a.recoverable("")
	s := await(t, a.connected, "the socket")
	s.Join("room")
	s.SetData(profile{"x"})
	s.Emit("direct", 1)
	b.srv.Emit("from b", []byte{1})
	a.srv.To("room").Emit("from a")
	r.expectEvents(`42["direct",1]`, `451-["from b",{"_placeholder":true,"num":0}]`)
	r.receiveBinary()
	r.expectEvents(`42["from a"]`)
	saved := a.drop(r)
	b.srv.To("room").Emit("missed", 1)
	a.srv.Emit("missed", 2)
	s.Emit("missed", 3)
	a.srv.To("room").Volatile().Emit("volatile")
	a.srv.To("other").Emit("not for it")
	a.srv.Except("room").Emit("not for it")
	saved()
	a.settle()
	again := b.expectRecovery(r, `42["missed",1]`, `42["missed",2]`, `42["missed",3]`)
	if !again.Recovered() || again.ID() != s.ID() || !slices.Equal(again.Rooms(), []string{r.sid, "room"}) {
		t.Errorf("%s, rooms %v", again.ID(), again.Rooms())
	}
	if raw, ok := again.Data().(packet.Raw); !ok || string(raw.JSON) != `{"Name":"x"}` {
		t.Errorf("data %v", again.Data())
	}
	if _, ok := socketio.DataOf[int](again); ok {
		t.Error("data of another type")
	}
	for range 2 {
		if p, ok := socketio.DataOf[profile](again); !ok || p.Name != "x" {
			t.Errorf("data %v", p)
		}
	}
	if again.Data() != (profile{"x"}) {
		t.Errorf("decoded data is not kept: %v", again.Data())
	}
	s.Emit("by the old socket")
	r.expectEvents(`42["by the old socket"]`)

	// And back again, without having received anything more; the data goes along.
	saved = b.drop(r)
	saved()
	again = a.expectRecovery(r)
	if p, ok := socketio.DataOf[profile](again); !ok || p.Name != "x" {
		t.Errorf("data %v", again.Data())
	}
	if n := a.srv.Stats().Recovery.Recovered + b.srv.Stats().Recovery.Recovered; n != 2 {
		t.Errorf("%d recoveries", n)
	}
	thief := *r
	thief.at(b).expectNewSession()
}

// drop loses the connection of a client. The function it returns waits until the bus
// has the session.
func (n *recoveryNode) drop(r *recovering) (saved func()) {
	r.t.Helper()
	r.conn.Close()
	return func() { // the session is saved before the disconnect handlers run
		r.t.Helper()
		await(r.t, n.left, "the disconnect")
	}
}

// A client that has received nothing yet recovers at another server too, even at one
// that joined the cluster later, and even if its own server is gone.
func TestRecoveryAtAServerThatTakesOver(t *testing.T) {
	bus := cluster.NewMemory()
	a := newRecoveryNode(t, bus, socketio.Recovery{})
	a.srv.Emit("before")
	r := a.recoverable("")
	await(t, a.connected, "the socket")
	down := make(chan error)
	go func() { down <- a.srv.Shutdown(t.Context()) }()
	r.expectClosed()
	r.conn.Close()
	if err := await(t, down, "Shutdown"); err != nil {
		t.Fatal(err)
	}
	if d := await(t, a.left, "the disconnect"); d.Reason != socketio.ReasonServerShutdown || !d.Recoverable {
		t.Errorf("%+v", d)
	}
	b := newRecoveryNode(t, bus, socketio.Recovery{})
	b.srv.Emit("missed")
	b.expectRecovery(r, `42["missed"]`)
	b.srv.Emit("live")
	r.expectEvents(`42["live"]`)
}

// Servers emit all the time, to each other's clients, while a client goes from one to
// the other: it gets everything once. What it gets is in the order of the log, which
// is the same everywhere.
func TestNothingIsLostOrDoubledInTheCluster(t *testing.T) {
	bus := cluster.NewMemory()
	nodes := []*recoveryNode{newRecoveryNode(t, bus, socketio.Recovery{}), newRecoveryNode(t, bus, socketio.Recovery{})}
	r := nodes[0].recoverable("")
	await(t, nodes[0].connected, "the socket").Join("room")
	witness := nodes[1].recoverable("")
	await(t, nodes[1].connected, "the socket").Join("room")
	flow := newFlow()
	for i, n := range nodes {
		flow.run(func(k int) { n.srv.To("room").Emit("n", i, k) })
	}
	var got []string
	for round := range 20 {
		flow.allow(200)
		for range 10 {
			got = append(got, r.note(r.receive()))
		}
		nodes[round%2].drop(r)()
		flow.allow(200)
		missed, recovered := r.at(nodes[(round+1)%2]).comeBack()
		if !recovered {
			t.Fatalf("round %d: not recovered", round)
		}
		got = append(got, missed...)
	}
	flow.end()
	for _, n := range nodes {
		n.srv.To("room").Emit("end")
	}
	ends := func(events []string) (n int) {
		for _, e := range events {
			if e == `42["end"]` {
				n++
			}
		}
		return n
	}
	for ends(got) < 2 {
		got = append(got, r.note(r.receive()))
	}
	var want []string
	for ends(want) < 2 {
		want = append(want, witness.note(witness.receive()))
	}
	// The client was there first.
	for len(got) > len(want) {
		got = got[1:]
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("event %d: %s, want %s", i, got[i], want[i])
		}
	}
}

// What is emitted while the middleware decides on a client that recovers is missed too.
func TestMiddlewareAtRecoveryInTheCluster(t *testing.T) {
	bus := cluster.NewMemory()
	a, b := newRecoveryNode(t, bus, socketio.Recovery{}), newRecoveryNode(t, bus, socketio.Recovery{RunMiddleware: true})
	runs, proceed := make(chan bool), make(chan bool)
	b.srv.Use(func(ctx context.Context, s *socketio.Socket) error {
		runs <- s.Recovered()
		select {
		case <-proceed:
		case <-ctx.Done():
		}
		return ctx.Err()
	})
	r := a.recoverable("")
	await(t, a.connected, "the socket")
	a.drop(r)()
	b.srv.Emit("1")
	c := b.connect()
	c.send(r.ask())
	if !await(t, runs, "middleware") {
		t.Error("not recovered in middleware")
	}
	a.srv.Emit("2")
	c.conn.Close() // the session goes back to the bus
	eventually(t, "the client has left", func() bool { return b.srv.Stats().Clients == 0 })
	a.srv.Emit("3")
	for try := 0; ; try++ {
		r.client = b.connect()
		r.send(r.ask())
		if await(t, runs, "middleware") {
			break
		}
		if r.conn.Close(); try == 1000 {
			t.Fatal("the session has not gone back")
		}
	}
	b.srv.Emit("4")
	proceed <- true
	r.expectEvents(`42["1"]`, `42["2"]`, `42["3"]`, `42["4"]`)
	r.expect(fmt.Sprintf(`40{"sid":%q,"pid":%q}`, r.sid, r.pid))
	a.srv.Emit("5")
	r.expectEvents(`42["5"]`)
}

// Without a store on the bus, a client recovers at the server that it left.
func TestRecoveryWithABusThatKeepsNothing(t *testing.T) {
	bus := forgetful{cluster.NewMemory()}
	a, b := newRecoveryNode(t, bus, socketio.Recovery{}), newRecoveryNode(t, bus, socketio.Recovery{})
	r := a.recoverable("")
	await(t, a.connected, "the socket")
	b.srv.Emit("by the other", 1)
	r.expectEvents(`42["by the other",1]`)
	a.srv.Emit("own", []byte{1})
	r.expectEvents(`451-["own",{"_placeholder":true,"num":0}]`)
	r.receiveBinary()
	a.drop(r)()
	before := a.srv.Stats().Recovery.LogBytes
	b.srv.Emit("by the other", 2)
	eventually(t, "it is in the log", func() bool { return a.srv.Stats().Recovery.LogBytes > before })
	a.srv.Emit("own", 2)
	r.expectRecovery(`42["by the other",2]`, `42["own",2]`)
	await(t, a.connected, "the socket")
	a.drop(r)()
	r.at(b).expectNewSession()
}

// An event to one socket concerns no other server, if its client cannot come back
// anywhere else.
func TestDirectEventsStayAtHomeWithABusThatKeepsNothing(t *testing.T) {
	n := newRecoveryNode(t, &brokenBus{cluster.NewMemory(), true}, socketio.Recovery{})
	r := n.recoverable("")
	if err := await(t, n.connected, "the socket").Emit("e"); err != nil {
		t.Errorf("Emit = %v", err)
	}
	r.expectEvents(`42["e"]`)
}

// forgetful is a bus whose members are nothing but members.
type forgetful struct{ *cluster.Memory }

func (b forgetful) Join(namespace string, r cluster.Receiver) (cluster.Member, error) {
	m, err := b.Memory.Join(namespace, r)
	return struct{ cluster.Member }{m}, err
}

var errStore = errors.New("the store is down")

// brokenStore fails to do what its fields say.
type brokenStore struct {
	*cluster.Memory
	publish, save, restore bool
}

func (b *brokenStore) Join(namespace string, r cluster.Receiver) (cluster.Member, error) {
	m, err := b.Memory.Join(namespace, r)
	return &brokenStoreMember{m, m.(cluster.SessionStore), b}, err
}

type brokenStoreMember struct {
	cluster.Member
	cluster.SessionStore
	bus *brokenStore
}

func (m *brokenStoreMember) PublishLogged(ctx context.Context, msg *cluster.Message, deliver func(string)) error {
	if m.bus.publish {
		return errStore
	}
	return m.SessionStore.PublishLogged(ctx, msg, deliver)
}

func (m *brokenStoreMember) Save(ctx context.Context, s *cluster.Session) error {
	if m.bus.save {
		return errStore
	}
	return m.SessionStore.Save(ctx, s)
}

func (m *brokenStoreMember) Restore(ctx context.Context, id string) (*cluster.Session, error) {
	if m.bus.restore {
		return nil, errStore
	}
	return m.SessionStore.Restore(ctx, id)
}

// When the store fails, clients are served, and it is said what was lost.
func TestStoreFailures(t *testing.T) {
	lost := make(chan socketio.LostSession, 10)
	recovery := socketio.Recovery{OnLost: func(l socketio.LostSession) { lost <- l }}
	t.Run("publish", func(t *testing.T) {
		n := newRecoveryNode(t, &brokenStore{Memory: cluster.NewMemory(), publish: true}, recovery)
		r := n.recoverable("")
		s := await(t, n.connected, "the socket")
		for _, err := range []error{n.srv.Emit("all"), s.Emit("direct")} {
			if !errors.Is(err, errStore) {
				t.Errorf("Emit = %v", err)
			}
		}
		r.expect(`42["all"]`, `42["direct"]`)
	})
	t.Run("save", func(t *testing.T) {
		n := newRecoveryNode(t, &brokenStore{Memory: cluster.NewMemory(), save: true}, recovery)
		r := n.recoverable("")
		n.drop(r)()
		if l := await(t, lost, "OnLost"); l.Reason != socketio.LostUnsaved {
			t.Errorf("%+v", l)
		}
		r.expectNewSession()
	})
	for name, data := range map[string]any{"cannot be encoded": func() {}, "panics": panicking{}} {
		t.Run("data that "+name, func(t *testing.T) {
			n := newRecoveryNode(t, cluster.NewMemory(), recovery)
			r := n.recoverable("")
			s := await(t, n.connected, "the socket")
			s.SetData(data)
			n.drop(r)()
			if l := await(t, lost, "OnLost"); l.Reason != socketio.LostUnsaved {
				t.Errorf("%+v", l)
			}
			if err := s.Emit("e"); !errors.Is(err, socketio.ErrDisconnected) {
				t.Errorf("Emit = %v", err)
			}
		})
	}
	t.Run("restore", func(t *testing.T) {
		n := newRecoveryNode(t, &brokenStore{Memory: cluster.NewMemory(), restore: true}, recovery)
		r := n.recoverable("")
		n.drop(r)()
		r.expectNewSession()
		if got := n.srv.Stats().Recovery; got.Unknown != 1 {
			t.Errorf("%+v", got)
		}
	})
}

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("in MarshalJSON") }

// In virtual time: sessions expire in the store, and long quiet connections recover.
func TestRecoveryOfTheClusterInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := cluster.NewMemory()
		srv, connected, left := withRecovery(socketio.Options{Bus: bus, PingInterval: 5 * time.Second})
		h, stop := serveInMemory(t, srv, 0)
		r := h.recoverable("")
		s := <-connected
		s.Emit("received")
		r.expectEvents(`42["received"]`)
		go r.answerPings()
		for range 3600 {
			srv.To("others").Emit("noise")
			time.Sleep(time.Second)
		}
		s.Emit("lost on the way")
		r.drop(left)
		time.Sleep(2*time.Minute - time.Nanosecond)
		r.expectRecovery(`42["lost on the way"]`)
		s = <-connected
		r.drop(left)
		time.Sleep(2 * time.Minute)
		if err := s.Emit("e"); !errors.Is(err, socketio.ErrDisconnected) {
			t.Errorf("Emit after the session has expired: %v", err)
		}
		r.expectNewSession()
		r.drop(left)
		stop()
	})
}

// A client, and its rooms, may have come further at its first server than the one it
// comes to has taken from the bus so far: that one catches up first.
func TestRecoveryAtAServerThatLagsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, bus, stop := newLaggingNodes(t)
		defer stop()
		r := a.recoverable("")
		s := <-a.connected
		bus.lag.Store(4)
		a.srv.Emit("e", 0)
		a.srv.Emit("e", 1)
		a.srv.To("joined later").Emit("not for it")
		s.Join("joined later")
		a.srv.To("joined later").Emit("e", 2)
		r.expectEvents(`42["e",0]`)
		first := r.offset
		r.expectEvents(`42["e",1]`, `42["e",2]`)
		r.offset = first // the others were lost
		r.drop(a.left)
		r.client = b.connect()
		r.send(r.ask())
		for range 4 {
			synctest.Wait() // it would be admitted here if it did not wait for the rest
			bus.proceed <- true
		}
		r.expectEvents(`42["e",1]`, `42["e",2]`)
		r.expect(fmt.Sprintf(`40{"sid":%q,"pid":%q}`, r.sid, r.pid))
		a.srv.Emit("live")
		r.expectEvents(`42["live"]`)
	})
}

// laggingBus delivers so many messages only when it is told to.
type laggingBus struct {
	*cluster.Memory
	lag     atomic.Int32
	proceed chan bool
}

func (b *laggingBus) Join(namespace string, r cluster.Receiver) (cluster.Member, error) {
	return b.Memory.Join(namespace, laggingReceiver{r, b})
}

// newLaggingNodes returns two servers with such a bus, and a function that ends them. It
// is for a test in virtual time.
func newLaggingNodes(t *testing.T) (a, b *recoveryNode, bus *laggingBus, stop func()) {
	bus = &laggingBus{Memory: cluster.NewMemory(), proceed: make(chan bool)}
	start := func() (*recoveryNode, func()) {
		srv, connected, left := withRecovery(socketio.Options{Bus: bus})
		h, stop := serveInMemory(t, srv, 0)
		return &recoveryNode{h, srv, connected, left}, stop
	}
	a, stopA := start()
	b, stopB := start()
	return a, b, bus, func() {
		stopA()
		stopB()
	}
}

type laggingReceiver struct {
	cluster.Receiver
	bus *laggingBus
}

func (r laggingReceiver) Deliver(m *cluster.Message, offset string) {
	if r.bus.lag.Add(-1) >= 0 {
		<-r.bus.proceed
	}
	r.Receiver.Deliver(m, offset)
}
