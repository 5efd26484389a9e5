package engine

import (
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/memconn"
)

// TestIdleWebSockets measures what an idle connection costs: its goroutines
// exactly, its memory with a margin. Over TCP a goroutine waits with the smallest
// stack there is; what a wrapped connection does in its Read is not known.
func TestIdleWebSockets(t *testing.T) {
	t.Run("tcp", func(t *testing.T) { idleWebSockets(t, loopback, 2400, 3<<10) })
	t.Run("wrapped", func(t *testing.T) { idleWebSockets(t, wrapped, 4200, 9<<10) })
}

func idleWebSockets(t *testing.T, network network, heapBudget, stackBudget int64) {
	const n = 500
	h := newHost(t, Options{}, network, func(h *host) {
		h.engine = NewServer(Options{}, func(*Session) Receiver { return nobody{} })
		h.server.Handler = h.engine
	})
	h.dialWS("transport=websocket").frame() // what the first one costs is the server's
	clients := make([]*wsClient, 0, n)
	settle := func() (goroutines int, heap, stacks, all uint64) {
		for range 3 {
			runtime.GC()
		}
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		for _, class := range stats.BySize { // without the read buffers, which are for all
			heap += uint64(class.Size) * (class.Mallocs - class.Frees)
		}
		return runtime.NumGoroutine(), heap, stats.StackInuse, stats.HeapAlloc
	}
	g0, h0, s0, all0 := settle()
	for range n {
		c := h.dialWS("transport=websocket")
		c.frame()
		clients = append(clients, c)
	}
	settle() // how large the stacks of new goroutines are depends on those of the others
	for _, c := range clients {
		c.send(append(textFrame("3"), encode(ws.OpPing, "")...))
		c.frame() // it has been read
	}
	conns := make([]net.Conn, n) // without the clients' buffers
	for i, c := range clients {
		conns[i] = c.conn
	}
	clients = nil
	for deadline := 0; runtime.NumGoroutine() > g0+n && deadline < 1e7; deadline++ {
		yield() // the HTTP server's goroutines are on their way out
	}
	g1, h1, s1, all1 := settle()
	perConn, stack := (int64(h1)-int64(h0))/n, (int64(s1)-int64(s0))/n
	t.Logf("%d goroutines, %d bytes of heap and %d of stacks for each connection, the client's end included", (g1-g0)/n, perConn, stack)
	if g1-g0 > n {
		t.Errorf("%d connections have %d goroutines", n, g1-g0)
	}
	if kept := (int64(all1) - int64(all0)) / n; kept > readSize/4 {
		t.Errorf("an idle connection has %d bytes: it keeps its read buffer", kept)
	}
	if perConn > heapBudget && !raceEnabled {
		t.Errorf("an idle connection costs %d bytes, more than %d", perConn, heapBudget)
	}
	if stack > stackBudget && !raceEnabled {
		t.Errorf("an idle connection has %d bytes of stacks, more than %d", stack, stackBudget)
	}
	runtime.KeepAlive(conns)
}

func TestIdlePollingSessionsHaveNoGoroutine(t *testing.T) {
	server := NewServer(Options{}, func(*Session) Receiver { return nobody{} })
	defer server.Close()
	before := runtime.NumGoroutine()
	for range 500 {
		w := httptest.NewRecorder()
		server.ServeHTTP(w, httptest.NewRequest("GET", "/engine.io/?EIO=4&transport=polling", nil))
	}
	if after := runtime.NumGoroutine(); after > before || server.Sessions() != 500 {
		t.Errorf("%d goroutines before, %d with %d sessions", before, after, server.Sessions())
	}
	if n := server.deadlines.Len(); n != 500 {
		t.Errorf("%d deadlines", n)
	}
}

// discard is a session over a connection that takes everything and that is read
// from by nobody.
func discard(t *testing.T) (*Server, *Session, *wsConn) {
	server := NewServer(Options{}, func(*Session) Receiver { return nobody{} })
	s := server.newSession(httptest.NewRequest("GET", "/engine.io/", nil), params{revision: revision4}, "x", nil, onWebSocket)
	s.receiver = nobody{}
	a, b := memconn.Pipe(0)
	t.Cleanup(func() { a.Close(); b.Close(); server.Close() })
	s.ws = newWSConn(a, 1<<20, frame.Form{})
	return server, s, s.ws
}

// TestAllocationsOfSend counts what sending a shared message costs over TCP, where
// the sender writes by itself.
func TestAllocationsOfSend(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	h := newHost(t, Options{}, loopback)
	c, e := h.connect()
	m := textMessage(strings.Repeat("x", 64))
	allocs := testing.AllocsPerRun(200, func() {
		e.Send(m, SendOptions{})
		c.frame()
	})
	reading := testing.AllocsPerRun(1, func() {}) // of nothing, for comparison
	if allocs-reading > 4 {                       // three are the client's: header, payload and the text compared
		t.Errorf("Send allocates: %v in a round trip", allocs)
	}
}

// TestAllocationsOfReceive counts what a text message of 64 bytes costs.
func TestAllocationsOfReceive(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	_, s, c := discard(t)
	stream := textFrame("4" + strings.Repeat("x", 63))
	input := make([]byte, len(stream))
	in := c.takeBuffer()
	allocs := testing.AllocsPerRun(1000, func() {
		copy(input, stream)
		in.start, in.end = 0, copy(in.buf, input)
		if _, err := s.readBatch(c, true); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 1 {
		t.Errorf("receiving a message of 64 bytes allocates %v times, want once: the message", allocs)
	}
}
