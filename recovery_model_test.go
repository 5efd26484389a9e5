package socketio_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
)

// Clients lose their connections with some of what was on its way, come back to any
// server of a cluster whose servers lag behind each other, and join and leave rooms. In
// the end each has received what a simple model says, once and in order. If the log is
// small, some begin a new session instead.
func TestRecoveryAgainstAModel(t *testing.T) {
	for seed := range int64(8) {
		servers, logBytes := 1+2*int(seed%2), 0
		if seed%4 >= 2 {
			logBytes = 5000
		}
		t.Run(fmt.Sprintf("seed=%d,servers=%d,log=%d", seed, servers, logBytes), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newRecoveryModel(t, seed, servers, logBytes)
				defer m.close()
				for range 300 {
					m.step()
				}
				m.finish()
			})
		})
	}
}

type recoveryModel struct {
	t       *testing.T
	rand    *rand.Rand
	nodes   []*modelNode
	clients []*modelClient
	events  []modelEvent // by their number in the log, less one
	stop    []func()

	smallLog  bool // it may have forgotten what a client has missed
	recovered int  // so many times
}

// modelEvent is whom an event is for.
type modelEvent struct {
	rooms, except []string     // no rooms means everybody
	to            *modelClient // or only this one, in its present session
	session       int
}

type modelNode struct {
	srv       *socketio.Server
	host      *host
	connected <-chan *socketio.Socket
	lag       *rand.Rand

	mu       sync.Mutex
	position int // the number of the last event that was delivered
}

// modelClient is a client that recovers, and what it should have received.
type modelClient struct {
	name     string
	pid, sid string
	offset   string
	node     *modelNode // nil while it is away
	conn     *modelConn
	socket   *socketio.Socket
	session  int
	since    int // the position at which it was admitted
	changes  []modelChange
	got      []int
	left     time.Time
}

// modelChange is a room that a client has joined or left, and the position of its server.
type modelChange struct {
	position int
	room     string
	joined   bool
}

// modelConn collects what arrives.
type modelConn struct {
	*client
	mu      sync.Mutex
	packets []string
	done    chan bool
}

// laggingNodes is a bus whose servers take their time for each message.
type laggingNodes struct {
	*cluster.Memory
	next *modelNode
}

func (b *laggingNodes) Join(namespace string, r cluster.Receiver) (cluster.Member, error) {
	return b.Memory.Join(namespace, &laggingNode{r, b.next})
}

type laggingNode struct {
	cluster.Receiver
	node *modelNode
}

func (r *laggingNode) Deliver(m *cluster.Message, offset string) {
	n := r.node
	time.Sleep(time.Duration(n.lag.Intn(100)) * time.Millisecond)
	n.mu.Lock()
	defer n.mu.Unlock()
	r.Receiver.Deliver(m, offset)
	if offset != "" {
		n.position = offsetNumber(offset)
	}
}

func offsetNumber(offset string) int {
	n, err := strconv.ParseInt(offset[9:], 36, 64)
	if err != nil {
		panic(err)
	}
	return int(n)
}

func newRecoveryModel(t *testing.T, seed int64, servers, logBytes int) *recoveryModel {
	m := &recoveryModel{t: t, rand: rand.New(rand.NewSource(seed)), smallLog: logBytes > 0}
	bus := &laggingNodes{Memory: cluster.NewMemory()}
	for i := range servers {
		n := &modelNode{lag: rand.New(rand.NewSource(seed*10 + int64(i)))}
		o := socketio.Options{Logger: silent, Recovery: &socketio.Recovery{MaxBytes: logBytes}}
		if servers > 1 {
			bus.next = n
			o.Bus = bus
		}
		var stop func()
		n.srv = socketio.NewServer(o)
		n.connected = sockets(n.srv.Of("/"))
		n.host, stop = serveInMemory(t, n.srv, 0)
		m.stop = append(m.stop, stop)
		m.nodes = append(m.nodes, n)
	}
	for i := range 4 {
		c := &modelClient{name: fmt.Sprint(i)}
		m.clients = append(m.clients, c)
		m.connect(c)
	}
	return m
}

func (m *recoveryModel) step() {
	c := m.clients[m.rand.Intn(len(m.clients))]
	n := m.nodes[m.rand.Intn(len(m.nodes))]
	switch p := m.rand.Intn(100); {
	case p < 50:
		m.emit(n, c)
	case p < 65:
		m.changeRooms(c)
	case p < 80:
		if c.node != nil {
			m.drop(c)
		}
	case p < 95:
		if c.node == nil {
			m.connect(c)
		}
	case p < 99:
		time.Sleep(time.Duration(m.rand.Intn(200)) * time.Millisecond)
	default:
		for _, c := range m.clients { // who answers a ping has received what came before
			if c.node != nil {
				m.receive(c, c.conn.take())
			}
		}
		time.Sleep(time.Duration(m.rand.Intn(100)) * time.Second)
	}
}

func (m *recoveryModel) rooms(n int) (rooms []string) {
	for range n {
		rooms = append(rooms, fmt.Sprint("room ", m.rand.Intn(5)))
	}
	return rooms
}

func (m *recoveryModel) emit(n *modelNode, c *modelClient) {
	number := len(m.events) + 1
	var e modelEvent
	var err error
	switch m.rand.Intn(4) {
	case 0:
		if c.node == nil && time.Since(c.left) > time.Minute {
			return // it might be an error
		}
		e.to, e.session = c, c.session
		n = m.nodeOf(c.socket)
		err = c.socket.Emit("e", number)
	case 1:
		e.except = m.rooms(1)
		err = n.srv.Except(e.except...).Emit("e", number)
	default:
		e.rooms, e.except = m.rooms(1+m.rand.Intn(2)), m.rooms(m.rand.Intn(2))
		err = n.srv.To(e.rooms...).Except(e.except...).Emit("e", number)
	}
	if err != nil {
		m.t.Fatalf("emit: %v", err)
	}
	m.events = append(m.events, e)
	n.mu.Lock()
	n.position = number
	n.mu.Unlock()
}

func (m *recoveryModel) nodeOf(s *socketio.Socket) *modelNode {
	for _, n := range m.nodes {
		if n.srv.Of("/") == s.Namespace() {
			return n
		}
	}
	return nil
}

func (m *recoveryModel) changeRooms(c *modelClient) {
	if c.node == nil {
		return
	}
	n := c.node
	n.mu.Lock()
	defer n.mu.Unlock()
	room := m.rooms(1)[0]
	joined := m.rand.Intn(3) > 0
	if c.isIn(room) == joined {
		return
	}
	if joined {
		if err := c.socket.Join(room); err != nil {
			m.t.Fatal(err)
		}
	} else {
		c.socket.Leave(room)
	}
	c.changes = append(c.changes, modelChange{n.position, room, joined})
}

func (c *modelClient) isIn(room string) (in bool) {
	for _, change := range c.changes {
		if change.room == room {
			in = change.joined
		}
	}
	return in
}

// drop loses the connection, and some of what the client has not looked at yet.
func (m *recoveryModel) drop(c *modelClient) {
	synctest.Wait()
	packets := c.conn.take()
	m.receive(c, packets[:m.rand.Intn(len(packets)+1)])
	c.conn.close()
	synctest.Wait()
	c.node, c.left = nil, time.Now()
}

// connect lets a client come back, or come at all.
func (m *recoveryModel) connect(c *modelClient) {
	n := m.nodes[m.rand.Intn(len(m.nodes))]
	c.conn = newModelConn(n.host)
	auth := ""
	if c.pid != "" {
		auth = fmt.Sprintf(`{"pid":%q,"offset":%q}`, c.pid, c.offset)
	}
	c.conn.send("40" + auth)
	for synctest.Wait(); !c.conn.joined(); synctest.Wait() {
		time.Sleep(time.Millisecond)
	}
	packets := c.conn.take()
	reply := slices.IndexFunc(packets, func(p string) bool { return strings.HasPrefix(p, "40") })
	var granted struct{ SID, PID string }
	if err := json.Unmarshal([]byte(packets[reply][2:]), &granted); err != nil {
		m.t.Fatal(err)
	}
	if granted.PID != c.pid {
		if c.pid != "" && !m.smallLog && time.Since(c.left) < 2*time.Minute {
			m.t.Fatalf("client %s cannot recover after %v", c.name, time.Since(c.left))
		}
		m.check(c, true)
		n.mu.Lock()
		*c = modelClient{name: c.name, pid: granted.PID, sid: granted.SID, session: c.session + 1, conn: c.conn, since: n.position}
		n.mu.Unlock()
	} else {
		m.recovered++
	}
	c.node = n
	c.socket = <-n.connected
	m.receive(c, packets)
}

func (m *recoveryModel) receive(c *modelClient, packets []string) {
	for _, p := range packets {
		if strings.HasPrefix(p, "40") {
			continue
		}
		var args []any
		if err := json.Unmarshal([]byte(p[2:]), &args); err != nil || len(args) != 3 {
			m.t.Fatalf("packet %q", p)
		}
		c.offset = args[2].(string)
		c.got = append(c.got, int(args[1].(float64)))
		if offsetNumber(c.offset) != c.got[len(c.got)-1] {
			m.t.Fatalf("packet %q", p)
		}
	}
}

// finish lets all clients come back and compares.
func (m *recoveryModel) finish() {
	time.Sleep(10 * time.Second)
	for _, c := range m.clients {
		if c.node == nil {
			m.connect(c)
		}
		synctest.Wait()
		m.receive(c, c.conn.take())
		m.check(c, false)
	}
	if m.recovered == 0 {
		m.t.Error("nobody has recovered")
	}
}

func (m *recoveryModel) close() {
	for _, stop := range m.stop {
		stop()
	}
	for _, c := range m.clients {
		c.conn.close()
	}
}

// check compares what a client has received with what was for it.
func (m *recoveryModel) check(c *modelClient, partly bool) {
	rooms := map[string]bool{c.sid: true}
	changes := c.changes
	var want []int
	for i, e := range m.events {
		number := i + 1
		for len(changes) > 0 && changes[0].position < number {
			rooms[changes[0].room] = changes[0].joined
			changes = changes[1:]
		}
		in := func(room string) bool { return rooms[room] }
		mine := e.to == c && e.session == c.session
		if e.to == nil {
			mine = (len(e.rooms) == 0 || slices.ContainsFunc(e.rooms, in)) && !slices.ContainsFunc(e.except, in)
		}
		if number > c.since && mine {
			want = append(want, number)
		}
	}
	if partly {
		want = want[:min(len(want), len(c.got))]
	}
	if !slices.Equal(c.got, want) {
		m.t.Errorf("client %s, session %d\n got %v\nwant %v", c.name, c.session, c.got, want)
	}
}

func newModelConn(h *host) *modelConn {
	c := &modelConn{client: h.connect(), done: make(chan bool)}
	c.conn.SetReadDeadline(time.Time{})
	go c.run()
	return c
}

func (c *modelConn) run() {
	defer close(c.done)
	for {
		data, op, err := wsutil.ReadServerData(c.rw)
		switch {
		case err != nil || op != ws.OpText:
			return
		case string(data) == "2":
			c.send("3")
		default:
			c.mu.Lock()
			c.packets = append(c.packets, string(data))
			c.mu.Unlock()
		}
	}
}

func (c *modelConn) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	packets := c.packets
	c.packets = nil
	return packets
}

func (c *modelConn) joined() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.packets, func(p string) bool { return strings.HasPrefix(p, "40") })
}

func (c *modelConn) close() {
	c.conn.Close()
	<-c.done
}
