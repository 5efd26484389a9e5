package engine

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/engine/frame"
)

// What OnRequest is told of a POST is known when its messages are delivered.
func TestOnRequest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		var requests, carried []string
		h := newHost(t, Options{OnRequest: func(s *Session, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			requests = append(requests, r.Method+" "+r.URL.Query().Get("transport")+" "+r.Header.Get("X-Test"))
			if s.ID() != r.URL.Query().Get("sid") {
				t.Errorf("told of session %q, but the request is for %q", s.ID(), r.URL.Query().Get("sid"))
			}
		}}, memory)
		h.onMessage = func(_ *endpoint, data []byte, _ bool) {
			mu.Lock()
			defer mu.Unlock()
			carried = append(carried, string(data)+" by "+requests[len(requests)-1])
		}
		e := h.open()
		sid := sidQuery(e.ID())
		h.request("POST", sid, "4one\x1e4two", "X-Test", "first").want(t, 200, "ok")
		h.request("POST", sid, "4three", "X-Test", "second").want(t, 200, "ok")
		e.text("x")
		h.request("GET", sid, "", "X-Test", "poll").want(t, 200, "4x")
		h.upgrade(e)
		h.request("GET", sid, "", "X-Test", "too late").want(t, 400, badRequest)
		h.request("POST", sid, "4four", "X-Test", "too late").want(t, 400, badRequest)
		h.request("GET", "transport=polling&sid=none", "", "X-Test", "none").want(t, 400, unknownSession)

		mu.Lock()
		defer mu.Unlock()
		if want := []string{"POST polling first", "POST polling second", "GET polling poll", "GET websocket "}; !slices.Equal(requests, want) {
			t.Errorf("told of %q, want %q", requests, want)
		}
		want := []string{"one by POST polling first", "two by POST polling first", "three by POST polling second"}
		if !slices.Equal(carried, want) {
			t.Errorf("messages came %q, want %q", carried, want)
		}
	})
}

func TestInitialPacket(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{
			InitialPacket: textMessage("hello"),
			GenerateID:    func(r *http.Request) (string, error) { return r.URL.Query().Get("n"), nil },
		}, memory)
		h.onOpen = func(e *endpoint) { e.text("from open") }
		limits := `"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`
		h.request("GET", "transport=polling&n=1", "").
			want(t, 200, `0{"sid":"1","upgrades":["websocket"],`+limits+"\x1e4hello")
		h.get(h.session()).want(t, 200, "4from open")
		c := h.dialWS("transport=websocket&n=2")
		c.expect(`0{"sid":"2","upgrades":[],`+limits, "4hello", "4from open")
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{InitialPacket: binaryMessage("\x01\x02\x03")}, memory)
		c := h.dialWS("transport=websocket")
		c.frame()
		if op, p := c.frame(); op != ws.OpBinary || p != "\x01\x02\x03" {
			t.Errorf("received %v %q", op, p)
		}
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{InitialPacket: new(frame.Builder).Message()}, memory)
		e := h.open() // which checks the payload
		e.text("x")
		h.get(e).want(t, 200, "4x")
	})
}

// A function of the options that panics ends the session whose request it was called
// for, which would wait for the end of that request for ever.
func TestPanicWithinARequestEndsItsSession(t *testing.T) {
	catch := func(h *host) {
		serve := h.server.Handler.ServeHTTP
		h.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if recover() != nil {
					w.WriteHeader(500)
				}
			}()
			serve(w, r)
		})
	}
	for _, where := range []string{"the handshake", "Headers of a poll", "OnRequest of a poll", "Headers of a POST", "OnRequest of a POST"} {
		bubble(t, func(t *testing.T) {
			armed := ""
			panics := func(name string, r *http.Request) {
				if armed == name+map[string]string{"GET": " of a poll", "POST": " of a POST"}[r.Method] {
					panic(name)
				}
			}
			h := newHost(t, Options{
				InitialHeaders: func(http.Header, *http.Request) {
					if armed == "the handshake" {
						panic(armed)
					}
				},
				Headers:   func(_ http.Header, r *http.Request) { panics("Headers", r) },
				OnRequest: func(_ *Session, r *http.Request) { panics("OnRequest", r) },
			}, memory, catch)
			start := time.Now()
			if where == "the handshake" {
				armed = where
			}
			a := h.request("GET", "transport=polling", "")
			e := h.session()
			armed = where
			switch {
			case strings.HasSuffix(where, "poll"):
				a = h.get(e)
			case strings.HasSuffix(where, "POST"):
				a = h.post(e, "4x")
			}
			if a.status != 500 {
				t.Errorf("%s: answered %d", where, a.status)
			}
			e.expect("closed transport error")
			if passed := time.Since(start); !errors.Is(e.err, errPanicked) || passed != 0 {
				t.Errorf("%s: closed with %v after %v", where, e.err, passed)
			}
		})
	}
}

// failingWriter is a ResponseWriter of the application's middleware that panics when the
// answer is written.
type failingWriter struct{ http.ResponseWriter }

func (failingWriter) Write([]byte) (int, error) { panic("in Write") }

// Middleware around the server may panic while an answer is written. After a poll what was
// in the answer is lost, and so is the session; after a POST nothing is.
func TestPanicWhileAnAnswerIsWritten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		fails := false
		h := newHost(t, Options{}, memory, func(h *host) {
			h.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if fails {
					w = failingWriter{w}
				}
				h.engine.ServeHTTP(w, r)
			})
		})
		e := h.open()
		fails = true
		if a := h.post(e, "4x"); a.err == nil {
			t.Errorf("answered %+v", a)
		}
		e.expect("text x", "end")
		fails = false
		h.post(e, "4y").want(t, 200, "ok")
		e.expect("text y", "end")
		e.text("lost")
		fails = true
		start := time.Now()
		if a := h.get(e); a.err == nil {
			t.Errorf("answered %+v", a)
		}
		e.expect("closed transport error")
		if passed := time.Since(start); !errors.Is(e.err, errPanicked) || passed != 0 {
			t.Errorf("closed with %v after %v", e.err, passed)
		}
	})
}
