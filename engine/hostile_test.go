package engine

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/internal/memconn"
)

// TestSecondPollAtTheTimeOfAPing lets a second GET come in the very moment in which
// a ping is due, which answers the first one.
func TestSecondPollAtTheTimeOfAPing(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 50
	}
	opts := Options{PingInterval: 200 * time.Microsecond, PingTimeout: time.Hour}
	server := NewServer(opts, func(*Session) Receiver { return nobody{} })
	defer server.Close()
	for i := range rounds {
		r := httptest.NewRequest("GET", "/engine.io/", nil)
		s := server.newSession(r, params{revision: revision4}, "x", nil, onPolling)
		s.receiver = nobody{}
		handshake := &poll{answer: make(chan []item, 1)}
		s.pollArrived(handshake)
		s.pollDone(nil)
		first, second := &poll{answer: make(chan []item, 1)}, &poll{answer: make(chan []item, 1)}
		if err := s.pollArrived(first); err != nil {
			t.Fatal(err)
		}
		s.mu.Lock()
		pingAt := s.machine.pingAt
		s.mu.Unlock()
		for server.now() < pingAt-time.Duration(i%40)*50*time.Nanosecond { // no timer is so exact
		}
		err := s.pollArrived(second)
		s.mu.Lock()
		consistent := s.machine.pollWaiting == (s.waiting != nil)
		answered := len(first.answer)
		s.mu.Unlock()
		if !consistent || answered != 1 {
			t.Fatalf("the second GET: %v; first one answered %d times, waiting as the machine believes: %v", err, answered, consistent)
		}
		s.Abort(ReasonForcedClose, nil)
	}
}

// TestManyFragments sends a message in as many fragments as it has bytes. Each of
// them must cost a little, not a copy of all that came before.
func TestManyFragments(t *testing.T) {
	const size = 100_000
	stream := bytes.Repeat(encodeFrame(false, ws.OpContinuation, "x"), size)
	stream[0] = byte(ws.OpBinary)
	in := wsInput{max: 1_000_000}
	copied, last := 0, 0
	for len(stream) > 0 {
		in.buf, in.start, in.end = stream, 0, min(len(stream), readSize)
		if _, _, ok, err := in.next(); ok || err != nil {
			t.Fatal(ok, err)
		}
		stream = stream[in.start:]
		if cap(in.message) != last {
			copied += last
			last = cap(in.message)
		}
	}
	if len(in.message) != size {
		t.Fatalf("%d bytes arrived", len(in.message))
	}
	allocs := testing.AllocsPerRun(1, func() {
		stream := bytes.Repeat(encodeFrame(false, ws.OpContinuation, "x"), 1000)
		stream[0] = byte(ws.OpBinary)
		in := wsInput{max: 1_000_000}
		in.buf, in.end = stream, len(stream)
		in.next()
	})
	if allocs > 60 || copied > 4*size {
		t.Errorf("1000 fragments cost %v allocations, and %d bytes were copied to hold %d", allocs, copied, size)
	}
	if cap(in.message) > 3*size {
		t.Errorf("%d bytes are held in %d", size, cap(in.message))
	}
}

// TestPingFlood lets a client send WebSocket pings and never read the answers.
func TestPingFlood(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{MaxQueue: 100_000}, memory)
		c, e := h.connect()
		pings := bytes.Repeat(encode(ws.OpPing, ""), 1000)
		items := 0
		for e.Transport() == WebSocket { // until the connection is cut
			if _, err := c.conn.Write(pings); err != nil {
				break
			}
			time.Sleep(time.Millisecond)
			e.mu.Lock()
			items = max(items, len(e.machine.queue))
			e.mu.Unlock()
		}
		e.expect("closed send queue full")
		if items > 2000 {
			t.Errorf("%d answers were queued within a bound of 100,000 bytes", items)
		}
	})
}

// TestProbeThatDoesNotRead keeps the server from answering its probes. Other
// sessions' deadlines must not wait for it.
func TestProbeThatDoesNotRead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PingInterval: time.Hour, UpgradeTimeout: 5 * time.Second}, memoryOf(300))
		e := h.open()
		probe := h.dialWS("transport=websocket&sid=" + e.ID())
		go func() { // stuck from the moment when the server is
			for {
				if _, err := probe.conn.Write(bytes.Repeat(textFrame("2probe"), 50)); err != nil {
					return
				}
			}
		}()
		synctest.Wait()
		other := &testDeadline{fired: make(chan time.Time, 1)}
		due := time.Now().Add(5*time.Second + time.Nanosecond)
		h.engine.deadlines.Set(&other.Entry, other, due)
		if late := receive(t, other.fired).Sub(due); late > 0 {
			t.Errorf("another deadline was %v late", late)
		}
		probe.conn.Close()
	})
}

// TestAnswersOfAClosedSession lets a session end in every stage of a slow POST and
// a waiting GET, whose handlers must return.
func TestHandlersReturnWhenTheSessionEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		get := h.waitPoll(e)
		conn := h.slowPost(e, "10", "4x")
		e.Abort(ReasonForcedClose, nil)
		receive(t, get).want(t, 200, "1")
		conn.Write([]byte("12345678"))
		buf := make([]byte, 12)
		conn.(*memconn.Conn).Read(buf)
		if string(buf) != "HTTP/1.1 400" {
			t.Errorf("the POST was answered %q", buf)
		}
		conn.Close()
		e.expect("closed forced close")
		e.quiet()
	})
}

// TestDeadlinesOfAPostDoNotOutliveIt uses the connection of a POST much later.
func TestDeadlinesOfAPostDoNotOutliveIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var aborted atomic.Bool
		h := newHost(t, Options{}, memory, func(h *host) {
			mux := http.NewServeMux()
			mux.Handle("/engine.io/", h.engine)
			mux.HandleFunc("/other", func(w http.ResponseWriter, r *http.Request) {
				aborted.Store(r.Context().Err() != nil)
				w.Write([]byte("fine"))
			})
			h.server.Handler = mux
		})
		h.client.Transport.(*http.Transport).MaxConnsPerHost = 1
		other := func() {
			t.Helper()
			r, _ := http.NewRequest("POST", "http://engine.test/other", nil) // which is not repeated on another connection
			if a := h.do(r); a.status != 200 || a.body != "fine" || aborted.Load() {
				t.Errorf("another request on the connection: %+v, aborted: %v", a, aborted.Load())
			}
		}
		e := h.open()
		h.post(e, "4x").want(t, 200, "ok")
		time.Sleep(5 * time.Minute)
		other()

		// The same with a POST that waited long for the application.
		e = h.open()
		h.onMessage = func(e *endpoint, _ []byte, _ bool) {
			e.SetPaused(true)
			go func() {
				time.Sleep(5 * time.Minute)
				e.SetPaused(false)
			}()
		}
		h.post(e, "4x").want(t, 200, "ok")
		other()
	})
}

func TestLargeHeadersAreNotKeptTwice(t *testing.T) {
	r := httptest.NewRequest("GET", "/engine.io/", nil)
	r.Header.Set("Cookie", strings.Repeat("c", 10_000))
	hs := newHandshake(r, nil, nil)
	if n := len(hs.packed.own); n > 10_100 {
		t.Errorf("%d bytes are kept", n)
	}
}
