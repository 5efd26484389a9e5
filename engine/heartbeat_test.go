package engine

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
)

// since reports how much virtual time has passed.
func since(start time.Time) time.Duration { return time.Since(start) }

func TestHeartbeatOverWebSocketIsExact(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PingInterval: 3 * time.Second, PingTimeout: 2 * time.Second}, memory)
		start := time.Now()
		c, e := h.connect()
		c.expect("2")
		if d := since(start); d != 3*time.Second {
			t.Errorf("the first ping came after %v", d)
		}
		time.Sleep(1900 * time.Millisecond)
		c.text("3")
		pong := time.Now()
		c.expect("2")
		if d := since(pong); d != 3*time.Second {
			t.Errorf("the next ping came %v after the pong", d)
		}
		e.expect("closed ping timeout")
		if d := since(pong); d != 5*time.Second || !errors.Is(e.err, errNoPong) {
			t.Errorf("closed %v after the last pong, with %v", d, e.err)
		}
		c.expectClose(0)
	})
}

func TestHeartbeatOverPollingIsExact(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PingInterval: 3 * time.Second, PingTimeout: 2 * time.Second}, memory)
		start := time.Now()
		e := h.open()
		h.get(e).want(t, 200, "2")
		if d := since(start); d != 3*time.Second {
			t.Errorf("the first ping came after %v", d)
		}
		h.post(e, "3")
		pong := time.Now()
		h.get(e).want(t, 200, "2")
		if d := since(pong); d != 3*time.Second {
			t.Errorf("the next ping came %v after the pong", d)
		}
		waiting := h.waitPoll(e)
		e.expect("closed ping timeout")
		if d := since(pong); d != 5*time.Second {
			t.Errorf("closed %v after the last pong", d)
		}
		receive(t, waiting).want(t, 200, "1")
	})
}

// Anything that arrives puts the deadline off, but only once for each ping.
func TestGraceIsGivenOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PingInterval: 300 * time.Millisecond, PingTimeout: 300 * time.Millisecond}, memory)
		start := time.Now()
		c, e := h.connect()
		c.expect("2")
		for range 5 {
			time.Sleep(50 * time.Millisecond)
			c.send(encode(ws.OpPing, ""), encode(ws.OpPong, "")) // these are not the client's, but its library's
		}
		e.expect("closed ping timeout")
		if d := since(start); d != 600*time.Millisecond {
			t.Errorf("WebSocket pings kept the session for %v", d)
		}

		start = time.Now()
		c, e = h.connect()
		c.expect("2")
		time.Sleep(150 * time.Millisecond)
		for range 5 {
			c.text("4on")
			time.Sleep(50 * time.Millisecond)
		}
		e.expectTexts("on", "on", "on", "on", "on")
		e.expect("end", "closed ping timeout")
		if d := since(start); d != 750*time.Millisecond {
			t.Errorf("messages kept the session for %v, want 750ms", d)
		}
	})
}

// TestLateRequestsFindNoSession comes after the deadline to a server whose timers do not fire.
func TestLateRequestsFindNoSession(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PingInterval: 3 * time.Second, PingTimeout: 2 * time.Second}, memory)
		var late []*endpoint
		for range 3 {
			e := h.open()
			h.get(e).want(t, 200, "2")
			late = append(late, e)
		}
		h.engine.deadlines.Close()
		time.Sleep(20 * time.Second)
		for i, request := range []func(e *endpoint) answer{
			h.get,
			func(e *endpoint) answer { return h.post(e, "4too late") },
			func(e *endpoint) answer { return h.post(e, "3") },
		} {
			a := request(late[i])
			a.want(t, 400, unknownSession)
			late[i].expect("closed ping timeout")
		}
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PingInterval: 3 * time.Second, PingTimeout: 2 * time.Second}, memory)
		c, e := h.connect()
		c.expect("2")
		h.engine.deadlines.Close()
		time.Sleep(2 * time.Second)
		c.text("4too late")
		e.expect("closed ping timeout")
	})
}

// TestNoTimerHasFired comes after the deadline when not even the ping was sent.
func TestNoTimerHasFired(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond}, memory)
		first, second := h.open(), h.open()
		h.engine.deadlines.Close()
		time.Sleep(500*time.Millisecond - time.Nanosecond)
		h.get(first).want(t, 200, "2")
		time.Sleep(time.Nanosecond)
		h.get(second).want(t, 400, unknownSession)
		second.expect("closed ping timeout")
	})
}

func TestLatePingGivesTheWholeTimeout(t *testing.T) {
	m := newMachine(testConf, revision4, onWebSocket, 0)
	m.step(event{kind: evTick}, 10*time.Second) // the process was stopped for long
	if got, want := m.pongBy, 10*time.Second+testConf.pingTimeout; got != want {
		t.Errorf("the pong is due at %v, want %v", got, want)
	}
	m = newMachine(testConf, revision4, onWebSocket, 0)
	m.step(event{kind: evTick}, testConf.pingInterval+time.Millisecond) // a timer that is a little late
	if got, want := m.pongBy, testConf.pingInterval+testConf.pingTimeout; got != want {
		t.Errorf("the pong is due at %v, want %v", got, want)
	}
}

func TestPauseSuspendsTheHeartbeat(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PingInterval: 3 * time.Second, PingTimeout: 2 * time.Second}, memory)
		c, e := h.connect()
		e.SetPaused(true)
		e.SetPaused(true) // a level, not a count
		c.expect("2")     // pings are still sent
		c.text("4one")
		e.expect("text one", "end") // the reader was waiting already
		c.text("4two")
		c.text("3")
		for range 100 {
			c.expect("2") // or the client would end the session
		}
		e.quiet()
		e.SetPaused(false)
		e.expect("text two", "end")
		c.expect("2")
		resumed := time.Now()
		e.SetPaused(true)
		e.SetPaused(false) // from now on the client has the whole time-out
		e.expect("closed ping timeout")
		if d := since(resumed); d != 2*time.Second {
			t.Errorf("closed after %v", d)
		}
	})
}

func TestPauseOverPolling(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PingInterval: 3 * time.Second, PingTimeout: 2 * time.Second}, memory)
		h.onMessage = func(e *endpoint, data []byte, _ bool) {
			if string(data) == "pause" {
				e.SetPaused(true)
			}
		}
		e := h.open()
		posted := make(chan answer, 1)
		go func() { posted <- h.post(e, "4pause\x1e4rest of the payload") }()
		e.expect("text pause", "text rest of the payload", "end")
		h.get(e).want(t, 200, "2")
		time.Sleep(time.Hour)
		select {
		case a := <-posted:
			t.Fatalf("the POST was answered during the pause: %+v", a)
		default:
		}
		e.SetPaused(false)
		receive(t, posted).want(t, 200, "ok")
		h.post(e, "3").want(t, 200, "ok")
		e.quiet()

		go func() { posted <- h.post(e, "4pause") }()
		e.expect("text pause", "end")
		e.Abort(ReasonForcedClose, nil) // the end of the session ends the pause
		receive(t, posted)
		e.expect("closed forced close")
		synctest.Wait()
	})
}

// During a pause only the POST that is held tells whether a client that polls is still
// there: its silence is no reason to end the session.
func TestClientThatGoesDuringAPause(t *testing.T) {
	for name, packets := range map[string]int{"at the end of its POST": 1, "in the middle of it": 2 * pauseInterval} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				timeouts := func(h *host) { h.server.ReadTimeout, h.server.WriteTimeout = time.Second, time.Second }
				h := newHost(t, Options{PingInterval: 3 * time.Second, PingTimeout: 2 * time.Second}, memory, timeouts)
				h.onMessage = func(e *endpoint, _ []byte, _ bool) { e.SetPaused(true) }
				e := h.open()
				body := strings.Repeat("4x\x1e", packets-1) + "4x"
				conn := h.slowPost(e, strconv.Itoa(len(body)), body)
				for range min(packets, pauseInterval) {
					e.expect("text x")
				}
				e.expect("end")
				time.Sleep(time.Hour)
				e.quiet()
				conn.Close()
				e.expect("closed transport error")
				if !errors.Is(e.err, errPostAborted) {
					t.Errorf("closed because of %v", e.err)
				}
			})
		})
	}
}

// Nothing more is delivered once the session is told to end, so a POST is not held up
// for the sake of the application.
func TestClosingEndsThePause(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		h.onMessage = func(e *endpoint, data []byte, _ bool) {
			e.SetPaused(true)
			if string(data) == "pause, close" {
				e.Close(ReasonForcedClose)
				e.SetPaused(true)
			}
		}
		start := time.Now()
		e := h.open()
		posted := make(chan answer, 1)
		go func() { posted <- h.post(e, "4pause") }()
		e.expect("text pause", "end")
		synctest.Wait()
		e.Close(ReasonForcedClose)
		receive(t, posted).want(t, 200, "ok")
		h.get(e).want(t, 200, "1")

		e = h.open()
		h.post(e, "4pause, close").want(t, 200, "ok")
		h.get(e).want(t, 200, "1")
		if passed := time.Since(start); passed != 0 {
			t.Errorf("it took %v", passed)
		}
	})
}

// A POST with many packets is not delivered past a pause.
func TestPauseInTheMiddleOfAPayload(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		h.onMessage = func(e *endpoint, data []byte, _ bool) {
			if string(data) == "0" {
				e.SetPaused(true)
			}
		}
		var packets, want []string
		for i := range 3 * pauseInterval {
			packets = append(packets, fmt.Sprint("4", i))
			want = append(want, fmt.Sprint("text ", i))
		}
		e := h.open()
		posted := make(chan answer, 1)
		post := func() {
			go func() { posted <- h.post(e, strings.Join(packets, "\x1e")) }()
			e.expect(append(slices.Clone(want[:pauseInterval]), "end")...)
			synctest.Wait()
			e.quiet()
		}
		post()
		e.SetPaused(false)
		e.expect(append(slices.Clone(want[pauseInterval:]), "end")...)
		receive(t, posted).want(t, 200, "ok")

		post()
		e.Abort(ReasonForcedClose, nil)
		receive(t, posted).want(t, 400, unknownSession)
		e.expect("closed forced close")
	})
}
