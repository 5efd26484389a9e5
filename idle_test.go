package socketio_test

import (
	"bytes"
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"
)

// TestIdleConnections measures what an idle client costs that has come with a browser's
// headers, is in the main namespace, and has answered a heartbeat: one goroutine, and
// memory, measured with a margin.
func TestIdleConnections(t *testing.T) {
	skipBudget(t)
	const n = 500
	c := newIdleClients(t, serve(t, budgetServer()))
	c.connect() // what is made once is the server's
	c.answerHeartbeats()
	before := settle()
	for range n {
		c.connect()
	}
	settle() // how large the stacks of new goroutines are depends on those of the others
	c.answerHeartbeats()
	want := before.goroutines + n
	for end := time.Now().Add(patience); goroutines() > want && time.Now().Before(end); {
		runtime.Gosched() // some are on their way out
	}
	after := settle()
	if after.goroutines > want {
		t.Errorf("%d connections have %d goroutines", n, after.goroutines-before.goroutines)
	}
	heap, stack := (after.heap-before.heap)/n, (after.stacks-before.stacks)/n
	t.Logf("%d bytes of heap and %d of stacks for each connection, the client's end included", heap, stack)
	if budget := 2400; heap > budget {
		t.Errorf("an idle connection costs %d bytes, more than %d", heap, budget)
	}
	if budget := 3 << 10; stack > budget {
		t.Errorf("an idle connection has %d bytes of stacks, more than %d", stack, budget)
	}
}

// usage is what a process uses: of its heap, the small objects.
type usage struct{ goroutines, heap, stacks int }

func settle() usage {
	for range 3 {
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	heap := 0
	for _, class := range stats.BySize { // without the read buffers, which are for all
		heap += int(class.Size) * int(class.Mallocs-class.Frees)
	}
	return usage{goroutines(), heap, int(stats.StackInuse)}
}

// goroutines returns how many there are, except for those that wait for work for any
// connection.
func goroutines() (n int) {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for stack := range bytes.SplitSeq(stacks, []byte("\n\n")) {
		if !bytes.Contains(stack, []byte("(*runners).wait")) {
			n++
		}
	}
	return n
}

// An idle connection has no timer: heartbeats wait in one queue for all. What the
// program holds of timers is in the memory profile, deadlines of connections are not.
func TestIdleConnectionsHaveNoTimers(t *testing.T) {
	defer func(rate int) { runtime.MemProfileRate = rate }(runtime.MemProfileRate)
	runtime.MemProfileRate = 1
	var l deadlineListener
	h := serve(t, budgetServer(), func(web *httptest.Server) {
		l.Listener, web.Listener = web.Listener, &l
		web.Config.ReadHeaderTimeout = time.Minute
	})
	c := newIdleClients(t, h)
	c.connect() // the server's own timers
	c.answerHeartbeats()
	before := timers(t)
	const n = 10
	for range n {
		c.connect()
	}
	c.answerHeartbeats()
	if got := timers(t) - before; got > 0 {
		t.Errorf("%d connections have %d timers", n, got)
	}
	if before == 0 {
		t.Error("the server has no timer at all: the test finds none")
	}
	end := time.Now().Add(patience)
	for _, conn := range l.accepted() {
		for conn.set() != "" && time.Now().Before(end) {
			runtime.Gosched() // what wrote to the client is not done yet
		}
		if set := conn.set(); set != "" {
			t.Errorf("an idle connection has a %s deadline", set)
		}
	}
}

// timers returns how many timers have been made and are still referred to.
func timers(t *testing.T) (n int64) {
	runtime.GC()
	runtime.GC() // the profile is as of the collection before the last one
	records := make([]runtime.MemProfileRecord, 100_000)
	size, ok := runtime.MemProfile(records, false)
	if !ok {
		t.Fatalf("%d records", size)
	}
	for _, r := range records[:size] {
		frames := runtime.CallersFrames(r.Stack())
		for more := true; more; {
			var f runtime.Frame
			if f, more = frames.Next(); f.Function == "time.newTimer" {
				n += r.InUseObjects()
				break
			}
		}
	}
	return n
}

// deadlineListener accepts connections that know which of their deadlines are set.
type deadlineListener struct {
	net.Listener
	mu    sync.Mutex
	conns []*deadlineConn
}

func (l *deadlineListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &deadlineConn{Conn: conn}
	l.conns = append(l.conns, c)
	return c, nil
}

func (l *deadlineListener) accepted() []*deadlineConn {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conns
}

type deadlineConn struct {
	net.Conn
	mu          sync.Mutex
	read, write bool
}

func (c *deadlineConn) note(t time.Time, deadlines ...*bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range deadlines {
		*d = !t.IsZero()
	}
}

func (c *deadlineConn) SetDeadline(t time.Time) error {
	c.note(t, &c.read, &c.write)
	return c.Conn.SetDeadline(t)
}

func (c *deadlineConn) SetReadDeadline(t time.Time) error {
	c.note(t, &c.read)
	return c.Conn.SetReadDeadline(t)
}

func (c *deadlineConn) SetWriteDeadline(t time.Time) error {
	c.note(t, &c.write)
	return c.Conn.SetWriteDeadline(t)
}

// set names the deadlines that are set.
func (c *deadlineConn) set() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	if c.read {
		names = append(names, "read")
	}
	if c.write {
		names = append(names, "write")
	}
	return strings.Join(names, " and ")
}

// idleClients are connections that share everything else.
type idleClients struct {
	wire
	addr     *net.TCPAddr
	upgrade  []byte
	conns    []*net.TCPConn
	answered int // so many of them have answered a heartbeat
}

func newIdleClients(t *testing.T, h *host) *idleClients {
	c := &idleClients{addr: h.tcpAddr(), upgrade: upgradeRequest(h.addr)}
	c.t, c.buf = t, make([]byte, 4<<10)
	t.Cleanup(func() {
		for _, conn := range c.conns {
			conn.Close()
		}
	})
	return c
}

func (c *idleClients) connect() {
	c.dial(c.addr)
	c.conns = append(c.conns, c.conn)
	c.join(c.upgrade)
	c.conn.SetDeadline(time.Time{}) // it takes memory
}

// answerHeartbeats sends a pong on each connection that has sent none, and sees to it
// that it has been read: the answer to the WebSocket ping behind it has come.
func (c *idleClients) answerHeartbeats() {
	for _, conn := range c.conns[c.answered:] {
		c.use(conn)
		c.write(pongAndPing)
		c.expect(pingAnswer)
		conn.SetDeadline(time.Time{})
	}
	c.answered = len(c.conns)
}

var (
	pongAndPing = fromClient(textFrame("3"), ws.NewPingFrame(nil))
	pingAnswer  = fromServer(ws.NewPongFrame(nil))
)
