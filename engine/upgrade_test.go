package engine

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
)

func TestUpgrade(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		waiting := h.waitPoll(e)
		c := h.dialWS("transport=websocket&sid=" + e.ID())
		c.text("2probe")
		c.expect("3probe")
		receive(t, waiting).want(t, 200, "6") // released, because the client waits for it
		e.text("between")
		if e.Transport() != Polling {
			t.Error("upgraded before the client said so")
		}
		late := h.poll(e) // a client that had not seen "3probe" when it polled
		receive(t, late).want(t, 200, "4between")
		start := time.Now()
		h.get(e).want(t, 200, "6")
		if d := since(start); d != noopDelay {
			t.Errorf("a poll during the upgrade waited %v", d)
		}
		e.text("queued")
		c.text("5")
		c.expect("4queued")
		e.text("after")
		c.expect("4after")
		c.text("4up")
		e.expect("text up", "end")
	})
}

// A receiver that wants to know is told of the upgrade before what the WebSocket brings,
// and of nothing after the end.
func TestUpgradeReceiver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		h.onUpgrade = func(e *endpoint) {
			if err := e.text("welcome"); err != nil {
				t.Error(err)
			}
		}
		e := h.open()
		failed := h.dialWS("transport=websocket&sid=" + e.ID())
		failed.text("2probe")
		failed.expect("3probe")
		failed.text("4x")
		failed.expectClose(0)
		c := h.dialWS("transport=websocket&sid=" + e.ID())
		c.text("2probe")
		c.expect("3probe")
		c.send(textFrame("5"), textFrame("4one"), textFrame("4two"))
		c.expect("4welcome")
		e.expect("upgraded to websocket", "text one", "text two", "end")

		h.onUpgrade = func(e *endpoint) { e.Abort(ReasonForcedClose, nil) }
		e = h.open()
		c = h.dialWS("transport=websocket&sid=" + e.ID())
		c.text("2probe")
		c.expect("3probe")
		c.send(textFrame("5"), textFrame("4lost"))
		e.expect("upgraded to websocket", "closed forced close")

		h.onUpgrade = func(*endpoint) { panic("oops") }
		e = h.open()
		c = h.dialWS("transport=websocket&sid=" + e.ID())
		c.text("2probe")
		c.expect("3probe")
		c.text("5")
		e.expect("upgraded to websocket", "closed forced close")

		c, e = h.connect() // nothing is upgraded
		c.text("4x")
		e.expect("text x", "end")
	})
}

// TestPollThatCrossesTheUpgrade is read by the server before the "5" that was sent
// before it.
func TestPollThatCrossesTheUpgrade(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		c := h.dialWS("transport=websocket&sid=" + e.ID())
		c.text("2probe")
		c.expect("3probe")
		waiting := h.waitPoll(e)
		c.text("5")
		receive(t, waiting).want(t, 400, badRequest)
		e.text("x")
		c.expect("4x")
	})
}

// TestAbortedPollThatCrossesTheUpgrade is closed by its client, which has sent "5" and
// waits for nothing, while it is being answered.
func TestAbortedPollThatCrossesTheUpgrade(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		c := h.dialWS("transport=websocket&sid=" + e.ID())
		c.text("2probe")
		c.expect("3probe")
		p := &poll{answer: make(chan []item, 1)}
		if err := e.pollArrived(p); err != nil {
			t.Fatal(err)
		}
		c.text("5")
		h.until(e, "the WebSocket takes over", func(m *machine) bool { return m.carrier == onWebSocket })
		if err := e.pollAborted(p); err != nil {
			t.Errorf("pollAborted = %v, which would end the session", err)
		}
	})
}

// Probes that go wrong leave the polling session as it was.
func TestProbesThatFail(t *testing.T) {
	for name, frames := range map[string][]byte{
		"message first":    textFrame("4x"),
		"5 without probe":  textFrame("5"),
		"ping for nothing": textFrame("2"),
		"binary probe":     encode(ws.OpBinary, "2probe"),
		"message after":    append(textFrame("2probe"), textFrame("4x")...),
		"garbage":          textFrame("xyz"),
		"protocol error":   []byte("\x81\x01x"),
		"close frame":      encode(ws.OpClose, ""),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := newHost(t, Options{}, memory)
				e := h.open()
				c := h.dialWS("transport=websocket&sid=" + e.ID())
				c.send(frames)
				op, p := c.frame()
				if op == ws.OpText && p == "3probe" {
					op, _ = c.frame()
				}
				if op != ws.OpClose {
					t.Errorf("the probe was answered with %v %q", op, p)
				}
				c.conn.Close()
				h.post(e, "4on").want(t, 200, "ok")
				e.expect("text on", "end")
				synctest.Wait()
				h.upgrade(e) // another one may try
			})
		})
	}
}

func TestProbeTimesOut(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		for _, say := range []string{"", "2probe"} {
			start := time.Now()
			c := h.dialWS("transport=websocket&sid=" + e.ID())
			if say != "" {
				c.text(say)
				c.expect("3probe")
			}
			c.expectClose(0)
			if d := since(start); d != 10*time.Second {
				t.Errorf("the probe was closed after %v", d)
			}
		}
		h.upgrade(e)
	})
}

func TestSecondProbeIsClosed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		start := time.Now()
		first := h.dialWS("transport=websocket&sid=" + e.ID())
		h.dialWS("transport=websocket&sid=" + e.ID()).expectClose(0)
		first.text("2probe")
		first.expect("3probe")
		h.dialWS("transport=websocket&sid=" + e.ID()).expectClose(0)
		first.text("5")
		first.text("4x")
		e.expect("text x", "end")
		if d := since(start); d != 0 {
			t.Errorf("refusing probes took %v", d)
		}
		h.dialWS("transport=websocket&sid=" + e.ID()).expectClose(0)
		first.text("4still fine")
		e.expect("text still fine", "end")
	})
}

func TestSessionEndsDuringTheProbe(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		for _, say := range []string{"", "2probe"} {
			e := h.open()
			c := h.dialWS("transport=websocket&sid=" + e.ID())
			if say != "" {
				c.text(say)
				c.expect("3probe")
			}
			e.Abort(ReasonForcedClose, nil)
			c.expectClose(0)
			e.expect("closed forced close")
		}
		// A session that is to be closed says its last words over the new transport.
		e := h.open()
		c := h.dialWS("transport=websocket&sid=" + e.ID())
		c.text("2probe")
		c.expect("3probe")
		e.text("last")
		e.Close(ReasonForcedClose)
		c.text("5")
		c.expect("4last")
		c.expectClose(0)
		e.expect("closed forced close")
	})
}

// TestUpgradesUnderLoad takes many sessions over while both ends send numbered
// messages as fast as they can. Each must arrive once and in order.
func TestUpgradesUnderLoad(t *testing.T) {
	sessions, messages := 2000, 30
	if raceEnabled {
		sessions = 1000
	}
	if testing.Short() {
		sessions = 100
	}
	var upgraded, failed atomic.Int64
	h := newHost(t, Options{MaxPayload: 1 << 20}, loopback)
	h.onMessage = func(e *endpoint, data []byte, _ bool) {
		if string(data) == "go" {
			h.engine.spawn(func() {
				for i := range messages {
					if err := e.text(strconv.Itoa(i)); err != nil {
						t.Errorf("Send: %v", err)
						return
					}
					yield()
				}
			})
		}
	}
	var clients sync.WaitGroup
	for range 64 {
		clients.Go(func() {
			for upgraded.Add(1) <= int64(sessions) {
				if err := h.upgradeUnderLoad(messages); err != nil {
					if failed.Add(1) == 1 {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	clients.Wait()
	for range min(sessions, len(h.sessions)) {
		e := <-h.sessions
		next := 0
		for event := range drain(e) {
			text, isText := strings.CutPrefix(event, "text ")
			if !isText || text == "go" {
				continue
			}
			if text != strconv.Itoa(next) {
				t.Fatalf("the server received message %s when %d was due", text, next)
			}
			next++
		}
		if next != messages && failed.Load() == 0 {
			t.Fatalf("the server received %d messages of %d", next, messages)
		}
	}
}

// drain yields what the receiver was given, up to the end of the session.
func drain(e *endpoint) func(func(string) bool) {
	return func(use func(string) bool) {
		for event := range e.events {
			if !use(event) || strings.HasPrefix(event, "closed") {
				return
			}
		}
	}
}

// upgradeUnderLoad is one client: it polls and posts, then upgrades as the official
// client does, and checks what it receives.
func (h *host) upgradeUnderLoad(messages int) error {
	a := h.request("GET", "transport=polling", "")
	sid, _, _ := strings.Cut(strings.TrimPrefix(a.body, `0{"sid":"`), `"`)
	if a.status != 200 {
		return fmt.Errorf("handshake: %+v", a)
	}
	next, sent := 0, 0
	take := func(payload string) error {
		for packet := range strings.SplitSeq(payload, "\x1e") {
			if packet == "6" || packet == "2" {
				continue
			}
			if packet != "4"+strconv.Itoa(next) {
				return fmt.Errorf("the client received %q when message %d was due", packet, next)
			}
			next++
		}
		return nil
	}
	post := func(body string) error {
		if a := h.request("POST", "transport=polling&sid="+sid, body); a.status != http.StatusOK {
			return fmt.Errorf("POST: %+v", a)
		}
		return nil
	}
	// The polling loop runs until the probe has been answered.
	var pause atomic.Bool
	polled := make(chan error, 1)
	go func() {
		for !pause.Load() {
			a := h.request("GET", "transport=polling&sid="+sid, "")
			if a.status != http.StatusOK {
				polled <- fmt.Errorf("GET: %+v", a)
				return
			}
			if err := take(a.body); err != nil {
				polled <- err
				return
			}
		}
		polled <- nil
	}()
	if err := post("4go"); err != nil {
		return err
	}
	for ; sent < messages/3; sent++ {
		if err := post("4" + strconv.Itoa(sent)); err != nil {
			return err
		}
	}
	c := h.dialWS("transport=websocket&sid=" + sid)
	defer c.conn.Close()
	c.text("2probe")
	if _, p := c.frame(); p != "3probe" {
		return fmt.Errorf("the probe was answered with %q", p)
	}
	pause.Store(true)
	if err := <-polled; err != nil {
		return err
	}
	c.send(textFrame("5"), textFrame("4"+strconv.Itoa(sent)))
	for sent++; sent < messages; sent++ {
		c.text("4" + strconv.Itoa(sent))
	}
	for next < messages {
		_, p := c.frame()
		if err := take(p); err != nil {
			return err
		}
	}
	c.send(encode(ws.OpClose, ""))
	c.expectEndOrClose()
	return nil
}

// A client that does not wait for its polls takes over at once. Its poll is answered like
// one that comes after that, whichever of the two connections is read first.
func TestPollOfAClientThatDoesNotWaitForIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		e := h.open()
		polled := h.waitPoll(e)
		c := h.dialWS("transport=websocket&sid=" + e.ID())
		c.send(textFrame("2probe"))
		c.expect("3probe")
		c.send(textFrame("5"), textFrame("4x"))
		e.expect("text x", "end")
		receive(t, polled).want(t, 400, badRequest)

		start := time.Now()
		e = h.open()
		polled = h.waitPoll(e)
		c = h.dialWS("transport=websocket&sid=" + e.ID())
		c.send(textFrame("2probe"))
		c.expect("3probe")
		receive(t, polled).want(t, 200, "6")
		if passed := time.Since(start); passed > 10*time.Millisecond {
			t.Errorf("a client that waits for its poll had to for %v", passed)
		}
	})
}
