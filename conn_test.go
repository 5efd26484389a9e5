package socketio

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// While a socket ends, its client may already ask to come back: between the last
// packet that it gets and the moment when its connection has forgotten it.
func TestPlaceOfAnEndingSocketIsFree(t *testing.T) {
	srv := NewServer(Options{MaxNamespaces: 1})
	defer srv.Close()
	ending := &Socket{namespace: srv.main, state: stateGone}
	c := &conn{server: srv, sockets: []*Socket{ending}}
	if got := c.enter(&Socket{namespace: srv.main}, nil); got != entered {
		t.Errorf("enter = %v, want entered", got)
	}
	if got := c.enter(&Socket{namespace: srv.main}, nil); got != alreadyIn {
		t.Errorf("enter = %v, want alreadyIn", got)
	}
	if got := c.enter(&Socket{namespace: srv.Of("/other")}, nil); got != tooMany {
		t.Errorf("enter = %v, want tooMany", got)
	}
}

// openPolling opens a session without a network. The function it returns posts packets.
func openPolling(srv *Server) (post func(packets string) (answer string)) {
	request := func(method, sid, body string) string {
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, httptest.NewRequest(method, "/socket.io/?EIO=4&transport=polling&sid="+sid, strings.NewReader(body)))
		return w.Body.String()
	}
	_, sid, _ := strings.Cut(request("GET", "", ""), `"sid":"`)
	sid, _, _ = strings.Cut(sid, `"`)
	return func(packets string) string { return request("POST", sid, packets) }
}

// Whoever joins and leaves all day leaves nothing behind.
func TestNothingIsLeftOfEndedSockets(t *testing.T) {
	srv := NewServer(Options{})
	var last *Socket
	post := openPolling(srv)
	for range 50 {
		if got := post("40"); got != "ok" {
			t.Fatalf("POST: %s", got)
		}
		last = srv.Sockets()[0]
		last.Join("room")
		impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		srv.EmitWithAck(impatient, "not answered")
		cancel()
		if len(last.acks) != 0 {
			t.Fatalf("%d acknowledgements are still awaited", len(last.acks))
		}
		if got := post("41"); got != "ok" {
			t.Fatalf("POST: %s", got)
		}
	}
	c := last.conn
	c.mu.Lock()
	if len(c.sockets)+len(c.ejected) != 0 {
		t.Errorf("the connection keeps %d sockets and %d names", len(c.sockets), len(c.ejected))
	}
	c.mu.Unlock()
	ns := srv.main
	ns.mu.Lock()
	if len(ns.rooms.byID)+len(ns.rooms.byName)+len(ns.rooms.all.list) != 0 {
		t.Errorf("the namespace keeps %+v", ns.rooms)
	}
	ns.mu.Unlock()
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if n := srv.deadlines.Len(); n != 0 {
		t.Errorf("%d deadlines are set", n)
	}
	if q := last.inbox; q.queue != nil || q.cost != 0 || q.running {
		t.Errorf("inbox %+v", q)
	}
}

// An acknowledgement is not awaited for an event that was not queued.
func TestNoAcknowledgementOfWhatIsNotSent(t *testing.T) {
	srv := NewServer(Options{MaxQueue: 10_000, QueuePolicy: QueueError})
	defer srv.Close()
	openPolling(srv)("40")
	s := srv.Sockets()[0]
	for {
		if err := s.Emit("fill", strings.Repeat("x", 1000)); err != nil {
			break
		}
	}
	if _, err := s.EmitWithAck(t.Context(), "question", strings.Repeat("x", 1000)); !errors.Is(err, ErrQueueFull) {
		t.Errorf("EmitWithAck = %v", err)
	}
	if n := len(s.acks); n != 0 {
		t.Errorf("%d acknowledgements are awaited", n)
	}
}
