package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
)

func TestConnectEventAndAck(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	echo(srv)
	h := serve(t, srv)
	c := h.connect()
	if sid := c.join("/", ""); len(sid) != 20 {
		t.Errorf("id %q, want 20 characters", sid)
	}
	c.send(`42["echo",1,"two",{"3":[null]}]`)
	c.expect(`42["echo",1,"two",{"3":[null]}]`)
	c.send(`427["echo","x"]`)
	c.expect(`437["x"]`)
	c.send(`420["echo"]`)
	c.expect(`430[]`)
}

func TestServerAsksClient(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	asked := make(chan string, 1)
	srv.On("ask me", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) error {
		answer, err := s.EmitWithAck(ctx, "question", 42)
		if err != nil {
			return err
		}
		var v string
		err = answer.Decode(&v)
		asked <- v
		return err
	})
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send(`42["ask me"]`)
	c.expect(`420["question",42]`)
	c.send(`430["answer"]`)
	if v := await(t, asked, "the answer"); v != "answer" {
		t.Errorf("answer %q", v)
	}
}

func TestPolling(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	echo(srv)
	p := serve(t, srv).poll()
	p.send("40")
	if got := p.receive(); len(got) != 1 || !strings.HasPrefix(got[0], `40{"sid":`) {
		t.Fatalf("received %q", got)
	}
	// One payload with several packets, one of them binary.
	p.send(`42["echo",1]`, `451-["echo",{"_placeholder":true,"num":0}]`, "bAQIDBA==", `42["echo",2]`)
	want := []string{`42["echo",1]`, `451-["echo",{"_placeholder":true,"num":0}]`, "bAQIDBA==", `42["echo",2]`}
	var got []string
	for len(got) < len(want) {
		got = append(got, p.receive()...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
}

// Events and acknowledgements survive the change of transports.
func TestUpgrade(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	echo(srv)
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	p := h.poll()
	p.send("40")
	p.receive()
	s := await(t, connected, "the socket")
	if s.Transport() != socketio.Polling {
		t.Errorf("transport %s", s.Transport())
	}
	c := h.upgrade(p)
	s.Emit("during the upgrade")
	c.send("5")
	c.expect(`42["during the upgrade"]`)
	c.send(`421["echo","x"]`)
	c.expect(`431["x"]`)
	if s.Transport() != socketio.WebSocket {
		t.Errorf("transport %s", s.Transport())
	}
}

func TestMounting(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Path: "/live/"})
	defer srv.Close()
	mux := http.NewServeMux()
	mux.Handle("/live/", srv)
	for path, want := range map[string]int{"/live/": http.StatusOK, "/socket.io/": http.StatusNotFound} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", path+"?EIO=4&transport=polling", nil))
		if w.Code != want {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, httptest.NewRequest("GET", "/elsewhere/?EIO=4&transport=polling", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("another path: status %d", w.Code)
	}
}

// An idle WebSocket connection costs at most one goroutine.
func TestIdleConnectionsCostOneGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{PingInterval: time.Hour})
		echo(srv)
		connected, left := sockets(srv.Of("/")), disconnects(srv.Of("/"))
		h, stop := serveInMemory(t, srv, 0)
		synctest.Wait()
		before := goroutinesOfBubbles()
		const n = 50
		var clients []*client
		for range n {
			c := h.connect()
			c.join("/", "")
			<-connected
			c.send(`42["echo"]`)
			c.expect(`42["echo"]`)
			clients = append(clients, c)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := goroutinesOfBubbles() - before; got > n {
			t.Errorf("%d goroutines for %d idle connections", got, n)
		}
		for _, c := range clients {
			c.conn.Close()
			<-left
		}
		stop()
	})
}

// goroutinesOfBubbles does not count what other tests have left on its way out.
func goroutinesOfBubbles() int {
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), ", synctest bubble ")
}

// FuzzMessages sends a client's messages: whatever they are, the server answers the
// next client.
func FuzzMessages(f *testing.F) {
	for _, seed := range []string{
		`40|42["echo",1]|41`, `40|451-["echo",{"_placeholder":true,"num":0}]|bAQID|430[]`,
		`40/a,{"x":1}|42/a,1["echo"]|40|40`, `40|42["echo",[[[{"a":[null]}]]]]|2|3|1`, `44{}|4|b|5|6`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, messages string) {
		srv := socketio.NewServer(socketio.Options{Logger: silent})
		echo(srv)
		srv.Of("/a")
		request := func(method, sid, body string) string {
			w := httptest.NewRecorder()
			url := "/socket.io/?EIO=4&transport=polling&sid=" + sid
			srv.ServeHTTP(w, httptest.NewRequest(method, url, strings.NewReader(body)))
			return w.Body.String()
		}
		open := func() (sid string) {
			var handshake struct{ SID string }
			if err := json.Unmarshal([]byte(request("GET", "", "")[1:]), &handshake); err != nil {
				t.Fatal(err)
			}
			return handshake.SID
		}
		request("POST", open(), strings.ReplaceAll(messages, "|", "\x1e"))
		next := open()
		request("POST", next, "40")
		if got := request("GET", next, ""); !strings.HasPrefix(got, `40{"sid":`) {
			t.Errorf("the next client gets %q", got)
		}
		if err := errors.Join(srv.Close(), srv.Shutdown(t.Context())); err != nil {
			t.Error(err)
		}
		if n := srv.Stats().Panics; n != 0 {
			t.Errorf("%d panics", n)
		}
	})
}
