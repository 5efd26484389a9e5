package engine

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

func TestPollingMessages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		h.post(e, "4hello\x1ebAQIDBA==\x1e4\x1e4h€llo").want(t, 200, "ok")
		e.expect("text hello", "binary \x01\x02\x03\x04", "text ", "text h€llo", "end")
		h.post(e, "3").want(t, 200, "ok") // brings no message, so ends no batch
		e.quiet()

		e.text("one")
		e.Send(binaryMessage("\x05\x06"), SendOptions{})
		e.text("zw€i")
		h.get(e).want(t, 200, "4one\x1ebBQY=\x1e4zw€i")

		waiting := h.waitPoll(e)
		e.text("three")
		receive(t, waiting).want(t, 200, "4three")
	})
}

func TestAnswersToPollsAndPostsAreNotStored(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		e.text("x")
		for _, a := range []answer{h.get(e), h.post(e, "4x")} {
			if got := a.header.Get("Cache-Control"); a.status != 200 || got != "no-store" {
				t.Errorf("%d with Cache-Control %q", a.status, got)
			}
		}
	})
}

func TestEmptyMessageSendsNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		waiting := h.waitPoll(e)
		for _, nothing := range []*frame.Message{new(frame.Builder).Message(), nil} {
			if err := e.Send(nothing, SendOptions{}); err != nil {
				t.Errorf("Send = %v", err)
			}
			if err := e.Enqueue(nothing, SendOptions{}); err != nil {
				t.Errorf("Enqueue = %v", err)
			}
		}
		e.text("x")
		receive(t, waiting).want(t, 200, "4x")
	})
}

func TestSendFromOpen(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		h.onOpen = func(e *endpoint) { e.text("hello"); e.text("again") }
		h.get(h.open()).want(t, 200, "4hello\x1e4again")
		c := h.dialWS("transport=websocket")
		c.frame()
		c.expect("4hello", "4again")
	})
}

func TestCloseFromOpen(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		h.onOpen = func(e *endpoint) { e.text("bye"); e.Close(ReasonForcedClose) }
		e := h.open()
		h.get(e).want(t, 200, "4bye")
		h.get(e).want(t, 200, "1")
		e.expect("closed forced close")
		c := h.dialWS("transport=websocket")
		c.frame()
		c.expect("4bye")
		c.expectClose(0)
		h.session().expect("closed forced close")
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		h.onOpen = func(e *endpoint) { e.Abort(ReasonTransportError, errTest) }
		h.request("GET", "transport=polling", "").want(t, 400, unknownSession)
		e := h.session()
		e.expect("closed transport error")
		if !errors.Is(e.err, errTest) || h.engine.Sessions() != 0 {
			t.Errorf("closed with %v, %d sessions left", e.err, h.engine.Sessions())
		}
	})
}

// What a client can do wrong over polling, what it is answered, and how the
// session ends.
func TestPollingViolations(t *testing.T) {
	unknown := func(h *host, e *endpoint) {
		h.t.Helper()
		h.get(e).want(h.t, 400, unknownSession)
		h.post(e, "4x").want(h.t, 400, unknownSession)
	}
	for _, c := range []struct {
		name   string
		do     func(h *host, e *endpoint)
		reason Reason // empty: the session goes on
		err    error
	}{
		{"two GETs", func(h *host, e *endpoint) {
			first := h.waitPoll(e)
			h.get(e).want(h.t, 400, "")
			receive(h.t, first).want(h.t, 200, "1")
		}, ReasonTransportError, errPollOverlap},
		{"octet-stream", func(h *host, e *endpoint) {
			h.request("POST", sidQuery(e.ID()), "4x", "Content-Type", "application/octet-stream").want(h.t, 400, "")
		}, ReasonTransportError, errPostType},
		{"too large", func(h *host, e *endpoint) {
			h.post(e, "4"+strings.Repeat("x", 1000)).want(h.t, 413, "")
		}, ReasonTransportError, errPostTooLarge},
		{"too large without announcing it", func(h *host, e *endpoint) {
			r, _ := http.NewRequest("POST", h.url(sidQuery(e.ID())), io.MultiReader(strings.NewReader("4"+strings.Repeat("x", 1000))))
			h.do(r).want(h.t, 413, "")
		}, ReasonTransportError, errPostTooLarge},
		{"as large as allowed", func(h *host, e *endpoint) {
			h.post(e, "4"+strings.Repeat("x", 999)).want(h.t, 200, "ok")
			e.expect("text "+strings.Repeat("x", 999), "end")
		}, "", nil},
		{"empty body", func(h *host, e *endpoint) { h.post(e, "").want(h.t, 200, "ok") }, ReasonParseError, frame.ErrPacket},
		{"unknown type", func(h *host, e *endpoint) { h.post(e, "abc").want(h.t, 200, "ok") }, ReasonParseError, frame.ErrPacket},
		{"bad base64", func(h *host, e *endpoint) { h.post(e, "b!!").want(h.t, 200, "ok") }, ReasonParseError, frame.ErrPacket},
		{"trailing separator", func(h *host, e *endpoint) {
			h.post(e, "4x\x1e").want(h.t, 200, "ok")
			e.expect("text x", "end")
		}, ReasonParseError, frame.ErrPacket},
		{"garbage after a message", func(h *host, e *endpoint) {
			h.post(e, "4x\x1e9\x1e4y").want(h.t, 200, "ok")
			e.expect("text x", "end") // what follows the garbage is not read
		}, ReasonParseError, frame.ErrPacket},
		{"ping", func(h *host, e *endpoint) { h.post(e, "2").want(h.t, 200, "ok") }, ReasonTransportError, errHeartbeat},
		{"probe over polling", func(h *host, e *endpoint) { h.post(e, "2probe").want(h.t, 200, "ok") }, ReasonTransportError, errHeartbeat},
		{"leave", func(h *host, e *endpoint) {
			waiting := h.waitPoll(e)
			h.post(e, "1").want(h.t, 200, "ok")
			receive(h.t, waiting).want(h.t, 200, "6")
		}, ReasonTransportClose, nil},
		{"leave without a poll", func(h *host, e *endpoint) { h.post(e, "1").want(h.t, 200, "ok") }, ReasonTransportClose, nil},
		{"PUT", func(h *host, e *endpoint) { h.request("PUT", sidQuery(e.ID()), "4x").want(h.t, 500, "") }, "", nil},
		{"DELETE", func(h *host, e *endpoint) { h.request("DELETE", sidQuery(e.ID()), "").want(h.t, 500, "") }, "", nil},
		{"other version", func(h *host, e *endpoint) {
			h.request("GET", "EIO=3&"+sidQuery(e.ID()), "").want(h.t, 400, badRequest)
		}, "", nil},
		{"other transport", func(h *host, e *endpoint) {
			h.request("GET", "transport=websocket&sid="+e.ID(), "").want(h.t, 400, badRequest)
		}, "", nil},
		{"stray packets", func(h *host, e *endpoint) { h.post(e, "0\x1e5\x1e6\x1e3\x1e3probe").want(h.t, 200, "ok") }, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHost(t, Options{MaxPayload: 1000}, memory)
				e := h.open()
				c.do(h, e)
				if c.reason == "" {
					e.quiet()
					h.post(e, "4on").want(t, 200, "ok")
					e.expect("text on", "end")
					return
				}
				e.expect("closed " + string(c.reason))
				if !errors.Is(e.err, c.err) {
					t.Errorf("closed because of %v, want %v", e.err, c.err)
				}
				if c.err == errPostTooLarge && !strings.Contains(e.err.Error(), "MaxPayload (1000 bytes)") {
					t.Errorf("%v does not say what the limit is", e.err)
				}
				unknown(h, e)
				synctest.Wait()
				e.quiet()
				if n := h.engine.Sessions(); n != 0 {
					t.Errorf("%d sessions are left", n)
				}
			})
		})
	}
}

func TestPollInUpgradedSessionIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		c := h.upgrade(e)
		h.get(e).want(t, 400, badRequest)
		h.post(e, "4x").want(t, 400, badRequest)
		c.text("4still here")
		e.expect("text still here", "end")
	})
}

func TestAbortedPollIsNoticedBeforeTheNextOne(t *testing.T) {
	for name, n := range realNetworks {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, Options{}, n)
			e := h.open()
			conn, err := h.dial()
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, "GET /engine.io/?EIO=4&transport=polling&sid="+e.ID()+" HTTP/1.1\r\nHost: x\r\n\r\n")
			h.until(e, "a GET waits", func(m *machine) bool { return m.pollWaiting })
			conn.Close()
			e.expect("closed transport error")
			if !errors.Is(e.err, errPollAborted) {
				t.Errorf("closed because of %v", e.err)
			}
			h.get(e).want(t, 400, unknownSession)
		})
	}
}

// slowPost begins a POST and leaves the rest of its body to the caller.
func (h *host) slowPost(e *endpoint, length, begin string) io.WriteCloser {
	h.t.Helper()
	conn, err := h.dial()
	if err != nil {
		h.t.Fatal(err)
	}
	io.WriteString(conn, "POST /engine.io/?EIO=4&transport=polling&sid="+e.ID()+" HTTP/1.1\r\nHost: x\r\nContent-Length: "+length+"\r\n\r\n"+begin)
	h.until(e, "a POST is being read", func(m *machine) bool { return m.posting })
	return conn
}

func TestPostWhileAPostIsRead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		first := h.slowPost(e, "10", "4x")
		h.post(e, "4y").want(t, 400, "")
		e.expect("closed transport error")
		if !errors.Is(e.err, errPostOverlap) {
			t.Errorf("closed because of %v", e.err)
		}
		io.WriteString(first, "12345678") // what the first POST brings reaches nobody
		answer, _ := io.ReadAll(io.LimitReader(first.(io.Reader), 12))
		if string(answer) != "HTTP/1.1 400" {
			t.Errorf("the first POST was answered %q", answer)
		}
		first.Close()
		synctest.Wait()
		e.quiet()
	})
}

func TestPostThatIsCutOff(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		h.slowPost(e, "10", "4x").Close()
		e.expect("closed transport error") // and nothing of what came is delivered
		if !errors.Is(e.err, errPostRead) {
			t.Errorf("closed because of %v", e.err)
		}
	})
}

func TestSlowPostIsGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		start := time.Now()
		conn := h.slowPost(e, "1000", "")
		for err := error(nil); err == nil; time.Sleep(time.Second) {
			_, err = io.WriteString(conn, "4")
		}
		if d := time.Since(start); d > time.Minute {
			t.Errorf("the server went on reading for %v", d)
		}
		e.expect("closed ping timeout") // its pong could not come while it posted
	})
}

func TestCloseWhileNoPollWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		e.text("last")
		e.Close(ReasonForcedClose)
		if err := e.text("too late"); err != ErrClosed {
			t.Errorf("Send after Close: %v", err)
		}
		time.Sleep(time.Second)
		e.quiet()
		h.get(e).want(t, 200, "4last")
		e.quiet()
		h.get(e).want(t, 200, "1")
		e.expect("closed forced close")
		h.get(e).want(t, 400, unknownSession)
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PingInterval: time.Hour}, memory)
		e := h.open()
		e.Close(ReasonForcedClose)
		start := time.Now()
		e.expect("closed forced close")
		if d := time.Since(start); d != 30*time.Second || e.err != nil {
			t.Errorf("closed after %v with %v", d, e.err)
		}
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PingInterval: time.Hour}, memory)
		e := h.open()
		e.text("never fetched")
		e.Close(ReasonForcedClose)
		e.expect("closed forced close")
		if !errors.Is(e.err, errCloseTimeout) {
			t.Errorf("closed with %v", e.err)
		}
	})
}

func TestCloseWhileAPollWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		for _, end := range []func(e *endpoint){
			func(e *endpoint) { e.Close(ReasonForcedClose) },
			func(e *endpoint) { e.Abort(ReasonForcedClose, nil) },
		} {
			e := h.open()
			waiting := h.waitPoll(e)
			end(e)
			receive(t, waiting).want(t, 200, "1")
			e.expect("closed forced close")
		}
	})
}

func TestNothingIsDeliveredAfterClose(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		h.onMessage = func(e *endpoint, _ []byte, _ bool) { e.Close(ReasonForcedClose) }
		e := h.open()
		e.text("so that the session does not end at once")
		h.post(e, "4close\x1e4more").want(t, 200, "ok")
		e.expect("text close", "end")
		h.post(e, "4more").want(t, 200, "ok")
		e.quiet()
	})
}

// TestOnlyItsOwnPollIsFreed: a GET for which there is no time left, and which was answered
// in the same moment, does not cut short the next one.
func TestOnlyItsOwnPollIsFreed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		waiting := h.waitPoll(e)
		e.pollFree(&poll{})
		e.text("x")
		receive(t, waiting).want(t, 200, "4x")
	})
}
