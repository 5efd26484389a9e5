package engine

import (
	"bytes"
	"context"
	"io"
	"math"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/deadline"
)

// slowOwner keeps a deadline queue busy.
type slowOwner struct{ d time.Duration }

func (o slowOwner) Expire(time.Time) { time.Sleep(o.d) }

// A client aborts its poll when a ping is overdue that the busy deadline queue has not
// come to: the ping answers the poll, and then the poll is gone.
func TestAbortOfAPollThatIsAnsweredInTheSameMoment(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PingInterval: 3 * time.Second, PingTimeout: 2 * time.Second}, memory)
		e := h.open()
		conn, _ := h.dial()
		io.WriteString(conn, "GET /engine.io/?EIO=4&transport=polling&sid="+e.ID()+" HTTP/1.1\r\nHost: x\r\n\r\n")
		h.until(e, "a GET waits", func(m *machine) bool { return m.pollWaiting })
		var entry deadline.Entry
		h.engine.deadlines.Set(&entry, slowOwner{100 * time.Millisecond}, h.engine.start.Add(3*time.Second-10*time.Millisecond))
		time.Sleep(3*time.Second + 20*time.Millisecond)
		conn.Close()
		e.expect("closed transport error")
	})
}

func TestShutdownWaitsForASessionThatIsBeingOpened(t *testing.T) {
	bubble(t, func(t *testing.T) {
		release := make(chan struct{})
		opened := make(chan *endpoint, 1)
		h := newHost(t, Options{}, memory, func(h *host) {
			h.onOpen = func(e *endpoint) { opened <- e; <-release }
		})
		answered := make(chan answer, 1)
		go func() { answered <- h.request("GET", "transport=polling", "") }()
		e := <-opened
		done := make(chan error, 1)
		go func() { done <- h.engine.Shutdown(context.Background()) }()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("Shutdown returned %v while a session was being opened", err)
		default:
		}
		close(release)
		if err := <-done; err != nil {
			t.Error(err)
		}
		e.expect("closed server shutting down")
		<-answered
	})
}

// A message of a POST that is kept does not keep the rest of the POST.
func TestSmallMessagesOfALargePost(t *testing.T) {
	body := []byte(`4small` + strings.Repeat("\x1e6", 10_000))
	r := &payloadReader{revision: revision4, rest: body, size: len(body)}
	p, ok, err := r.next()
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	data := r.release(p.Data)
	if string(data) != "small" || cap(data) > 64 {
		t.Errorf("%q with capacity %d", data, cap(data))
	}
	body = []byte("4" + strings.Repeat("x", 10_000) + "\x1e6")
	r = &payloadReader{revision: revision4, rest: body, size: len(body)}
	p, _, _ = r.next()
	if data := r.release(p.Data); cap(data) != len(data) || &data[0] != &body[1] {
		t.Errorf("a message that is most of the POST was copied, or reaches into the next: %d, %d", len(data), cap(data))
	}
}

// While the rest of a frame's header is awaited no read buffer is held.
func TestIncompleteHeaderHoldsNoBuffer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := newWSConn(conn, 1000, frame.Form{})
	in := c.takeBuffer()
	in.end = copy(in.buf, textFrame("4hello")[:3])
	c.dropBuffer()
	if in.buf != nil {
		t.Fatal("the buffer is held")
	}
	c.takeBuffer()
	if got := in.buf[in.start:in.end]; !bytes.Equal(got, textFrame("4hello")[:3]) {
		t.Errorf("%x is left of it", got)
	}
	in.end = 0
	if c.dropBuffer(); c.in != nil {
		t.Error("an idle connection holds input")
	}
}

func TestNoLimitOfPayloads(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{MaxPayload: math.MaxInt64}, memory)
		e := h.open()
		h.post(e, "4hello").want(t, 200, "ok")
		e.expect("text hello", "end")
	})
}
