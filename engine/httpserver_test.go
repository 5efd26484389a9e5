package engine

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"
)

// unwrappable is a response writer as middleware wraps it.
type unwrappable struct{ http.ResponseWriter }

func (w unwrappable) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// TestServerWithTimeouts plays a long session under time-outs of ten seconds that
// are shorter than any poll waits.
func TestServerWithTimeouts(t *testing.T) {
	for name, wrap := range map[string]func(http.ResponseWriter) http.ResponseWriter{
		"bare":        func(w http.ResponseWriter) http.ResponseWriter { return w },
		"with Unwrap": func(w http.ResponseWriter) http.ResponseWriter { return unwrappable{w} },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHost(t, Options{}, memory, func(h *host) {
					h.server.ReadTimeout, h.server.WriteTimeout = 10*time.Second, 10*time.Second
					h.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.engine.ServeHTTP(wrap(w), r) })
				})
				e := h.open()
				for range 3 {
					start := time.Now()
					h.get(e).want(t, 200, "2")
					if d := since(start); d != 25*time.Second {
						t.Errorf("a poll was answered after %v", d)
					}
					h.post(e, "3").want(t, 200, "ok")
				}
				c := h.upgrade(e)
				for range 3 {
					c.expect("2")
					c.text("3")
				}
				c.text("4still here")
				e.expect("text still here", "end")
				e.text("and here")
				c.expect("4and here")
			})
		})
	}
}

// TestTimeoutsThatCannotBeLifted is under time-outs and behind a response writer
// that hides the connection. Polls are then answered before the time-outs strike.
func TestTimeoutsThatCannotBeLifted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory, func(h *host) {
			h.server.WriteTimeout = 10 * time.Second
			h.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.engine.ServeHTTP(plainWriter{w}, r) })
		})
		e := h.open()
		for range 4 {
			start := time.Now()
			h.get(e).want(t, 200, "6")
			if d := since(start); d != 5*time.Second {
				t.Errorf("the poll was answered after %v", d)
			}
		}
		h.get(e).want(t, 200, "2")
		h.post(e, "3").want(t, 200, "ok")
		// Without a way to hijack there is no WebSocket, and the client is told.
		if c := h.tryWS("transport=websocket", "", ""); c.response.StatusCode != 500 {
			t.Errorf("a WebSocket was answered %s", c.response.Status)
		}
		if n := h.engine.Sessions(); n != 1 {
			t.Errorf("%d sessions", n)
		}
	})
}

func TestHandlerReturnsAfterTheUpgrade(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		returned := make(chan struct{}, 2)
		h := newHost(t, Options{}, n, func(h *host) {
			h.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h.engine.ServeHTTP(w, r)
				if r.Header.Get("Upgrade") != "" {
					returned <- struct{}{}
				}
			})
		})
		c, e := h.connect()
		receive(t, returned)
		c.text("4x")
		e.expect("text x", "end")
		polling := h.open()
		h.upgrade(polling)
		receive(t, returned)
	})
}

func TestPollingOverHTTP2(t *testing.T) {
	engine := NewServer(Options{}, func(s *Session) Receiver {
		s.Send(textMessage("hello"), SendOptions{})
		return nobody{}
	})
	server := httptest.NewUnstartedServer(engine)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	defer engine.Close()
	client := server.Client()
	get := func(query string) (string, int) {
		t.Helper()
		res, err := client.Get(server.URL + "/engine.io/?EIO=4&transport=polling" + query)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.ProtoMajor != 2 {
			t.Fatalf("spoke %s", res.Proto)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body), res.StatusCode
	}
	open, status := get("")
	sid, _, _ := strings.Cut(strings.TrimPrefix(open, `0{"sid":"`), `"`)
	if status != 200 || !strings.HasSuffix(open, "}") {
		t.Fatalf("%d %q", status, open)
	}
	if body, status := get("&sid=" + sid); status != 200 || body != "4hello" {
		t.Fatalf("%d %q", status, body)
	}
	s := engine.session(sid)
	if !s.Handshake().Secure() {
		t.Error("the handshake says that the connection is not secure")
	}
	answered := make(chan string, 1)
	go func() { body, _ := get("&sid=" + sid); answered <- body }()
	for waiting := false; !waiting; yield() {
		s.mu.Lock()
		waiting = s.machine.pollWaiting
		s.mu.Unlock()
	}
	res, err := client.Post(server.URL+"/engine.io/?EIO=4&transport=polling&sid="+sid, "text/plain", strings.NewReader("3"))
	if err != nil || res.StatusCode != 200 {
		t.Fatal(res, err)
	}
	res.Body.Close()
	s.Send(textMessage("x"), SendOptions{})
	if got := receive(t, answered); got != "4x" {
		t.Errorf("the poll was answered %q", got)
	}
}

// TestOnlyExactTCPIsWrittenToDirectly wraps connections in a type that changes
// what is written, as a TLS or a counting listener does.
func TestOnlyExactTCPIsWrittenToDirectly(t *testing.T) {
	var written atomic.Int64
	h := newHost(t, Options{}, func(t *testing.T) (net.Listener, func() (net.Conn, error)) {
		l, dial := loopback(t)
		return countingListener{l.(*net.TCPListener), &written}, dial
	})
	c, e := h.connect()
	before := written.Load()
	e.text("counted")
	c.expect("4counted")
	if n := written.Load() - before; n != 10 {
		t.Errorf("the wrapper saw %d bytes, want 10", n)
	}
	if exactTCP(&tls.Conn{}) != nil || exactTCP(countingConn{}) != nil {
		t.Error("a wrapped connection would be bypassed")
	}
	c.send(encode(ws.OpClose, ""))
	e.expect("closed transport close")
}

type countingListener struct {
	*net.TCPListener
	written *atomic.Int64
}

func (l countingListener) Accept() (net.Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return countingConn{c, l.written}, nil
}

// countingConn has all methods of a *net.TCPConn, also SyscallConn.
type countingConn struct {
	*net.TCPConn
	written *atomic.Int64
}

func (c countingConn) Write(p []byte) (int, error) {
	c.written.Add(int64(len(p)))
	return c.TCPConn.Write(p)
}
