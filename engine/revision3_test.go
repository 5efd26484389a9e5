package engine

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/engine/frame"
)

var admits3 = Options{AllowEIO3: true}

// open3 opens a polling session of a client of protocol 3.
func (h *host) open3(query string) *endpoint {
	h.t.Helper()
	a := h.request("GET", "transport=polling&EIO=3"+query, "")
	packet, rest, err := frame.SplitPayload3([]byte(a.body))
	if a.status != 200 || err != nil || len(rest) > 0 || !strings.HasPrefix(string(packet), `0{"sid":"`) {
		h.t.Fatalf("handshake: %+v", a)
	}
	return h.settled(h.session())
}

func (h *host) connect3() (*wsClient, *endpoint) {
	h.t.Helper()
	c := h.dialWS("transport=websocket&EIO=3")
	if op, p := c.frame(); op != ws.OpText || !strings.HasPrefix(p, `0{"sid":"`) {
		h.t.Fatalf("the handshake was %v %q", op, p)
	}
	return c, h.settled(h.session())
}

func TestProtocol3IsRefusedByDefault(t *testing.T) {
	bubble(t, func(t *testing.T) {
		told := make(chan *ConnectionError, 1)
		h := newHost(t, Options{OnConnectionError: func(_ *http.Request, err *ConnectionError) { told <- err }}, memory)
		h.request("GET", "transport=polling&EIO=3", "").want(t, 400, badVersion)
		if err := receive(t, told); !strings.Contains(err.Error(), "AllowEIO3") {
			t.Errorf("the operator is told %v, and not what can be done", err)
		}
	})
}

func TestProtocolIsChosenPerSession(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, admits3, memory)
		for _, query := range []string{"EIO=3&", "EIO=&", "EIO=4&EIO=3&", "EIO=5&"} {
			h.request("GET", query+"transport=polling", "")
			if e := h.session(); e.Protocol() != 3 || e.Transport() != Polling {
				t.Errorf("%s: protocol %d", query, e.Protocol())
			}
		}
		old, current := h.open3(""), h.open()
		if old.Protocol() != 3 || current.Protocol() != 4 {
			t.Errorf("protocols %d and %d", old.Protocol(), current.Protocol())
		}
		// A session keeps to what it began with.
		h.request("GET", sidQuery(old.ID())+"&EIO=4", "").want(t, 400, badRequest)
		h.request("GET", sidQuery(current.ID())+"&EIO=3", "").want(t, 400, badRequest)
		if c := h.tryWS("transport=websocket&EIO=4&sid="+old.ID(), "", ""); c.response.StatusCode != 400 {
			t.Errorf("a WebSocket of another protocol: %s", c.response.Status)
		}
		m := mixedMessage("€", "\x01")
		old.Send(m, SendOptions{})
		current.Send(m, SendOptions{})
		h.get(old).want(t, 200, "\x00\x04\xff4€\x01\x02\xff\x04\x01")
		h.get(current).want(t, 200, "4€\x1ebAQ==")
	})
}

func mixedMessage(text, attachment string) *frame.Message {
	var b frame.Builder
	b.BeginText()
	b.Buf = append(b.Buf, text...)
	b.EndText()
	b.Binary([]byte(attachment))
	return b.Message()
}

func TestPollingPayloadsOfProtocol3(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, admits3, memory)
		e := h.open3("")
		e.text("€😀")
		e.text("two")
		a := h.get(e)
		a.want(t, 200, "4:4€😀4:4two")
		if got := a.header.Get("Content-Type"); got != "text/plain; charset=UTF-8" {
			t.Errorf("text has the type %q", got)
		}
		e.text("one")
		e.Send(binaryMessage("\x01\x02"), SendOptions{})
		a = h.get(e)
		a.want(t, 200, "\x00\x04\xff4one\x01\x03\xff\x04\x01\x02")
		if got := a.header.Get("Content-Type"); got != "application/octet-stream" {
			t.Errorf("binary has the type %q", got)
		}
		wantsText := h.open3("&b64=1")
		wantsText.Send(mixedMessage("x", "\x01\x02\x03\x04"), SendOptions{})
		h.get(wantsText).want(t, 200, "2:4x10:b4AQIDBA==")

		h.post(e, "4:4€😀4:4two").want(t, 200, "ok")
		e.expect("text €😀", "text two", "end")
		h.post(e, "6:4hello10:b4AQIDBA==").want(t, 200, "ok")
		e.expect("text hello", "binary \x01\x02\x03\x04", "end")
		h.post(e, "0:").want(t, 200, "ok")
		h.post(e, "0:2:4x0:").want(t, 200, "ok")
		e.expect("text x", "end")
		h.request("POST", e.pollQuery(), "\x00\x04\xff4€\x01\x03\xff\x04\x01\xff\x00\x02\xff4\xff",
			"Content-Type", "application/octet-stream").want(t, 200, "ok")
		e.expect("text €", "binary \x01\xff", "text \uFFFD", "end")
	})
}

func TestBrokenPayloadsOfProtocol3(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, admits3, memory)
		for _, c := range []struct {
			body, contentType string
			first             string // what was delivered before
		}{
			{"", "text/plain", ""},
			{"abc", "text/plain", ""},
			{"4hello", "text/plain", ""},
			{"2:4x9:4y", "text/plain", "x"},
			{"2:4x2:9y", "text/plain", "x"},
			{"2:4x5", "text/plain", "x"},
			{"2:4x\x1e4y", "text/plain", "x"},
			{"\x00\x02\xff4x\x00\x02\xff4", "application/octet-stream", "x"},
			{"6:4hello", "application/octet-stream", ""},
			{"", "application/octet-stream", ""},
		} {
			e := h.open3("")
			h.request("POST", e.pollQuery(), c.body, "Content-Type", c.contentType).want(t, 200, "ok")
			if c.first != "" {
				e.expect("text "+c.first, "end")
			}
			e.expect("closed parse error")
			h.get(e).want(t, 400, unknownSession)
		}
		// Protocol 4 has no binary payloads.
		e := h.open()
		h.request("POST", e.pollQuery(), "\x00\x02\xff4x", "Content-Type", "application/octet-stream").want(t, 400, "")
	})
}

func TestWebSocketOfProtocol3(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, admits3, n)
		c, e := h.connect3()
		c.send(textFrame("4€"), encode(ws.OpBinary, "\x04\x01\x02"), textFrame("b4AQID"))
		e.expectTexts("€")
		e.expect("binary \x01\x02", "binary \x01\x02\x03", "end")
		e.Send(mixedMessage("x", "\x01\x02"), SendOptions{})
		c.expect("4x")
		if op, p := c.frame(); op != ws.OpBinary || p != "\x04\x01\x02" {
			t.Errorf("received %v %q", op, p)
		}
		c.send(encode(ws.OpBinary, "\x02"), textFrame("2")) // however a ping is sent
		c.expect("3", "3")

		base64 := h.dialWS("transport=websocket&EIO=3&b64=1")
		base64.frame()
		h.session().Send(mixedMessage("x", "\x01\x02\x03"), SendOptions{})
		base64.expect("4x", "b4AQID")

		for _, broken := range [][]byte{encode(ws.OpBinary, ""), encode(ws.OpBinary, "\x09"), textFrame(""), textFrame("bAQID"), textFrame("abc")} {
			c, e := h.connect3()
			c.send(broken)
			e.expect("closed parse error")
			c.expectClose(0)
		}
	})
}

func TestUpgradeOfProtocol3(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, admits3, memory)
		e := h.open3("")
		e.text("before")
		h.get(e).want(t, 200, "7:4before")
		waiting := h.waitPoll(e)
		c := h.dialWS("transport=websocket&EIO=3&sid=" + e.ID())
		c.text("2probe")
		c.expect("3probe")
		receive(t, waiting).want(t, 200, "1:6")
		e.text("meanwhile")
		c.text("5")
		c.expect("4meanwhile")
		c.text("4after")
		e.expect("text after", "end")
		e.Send(binaryMessage("\x01"), SendOptions{})
		if op, p := c.frame(); op != ws.OpBinary || p != "\x04\x01" {
			t.Errorf("received %v %q", op, p)
		}
		e.Close(ReasonForcedClose)
		c.expectClose(0)
	})
}

// In protocol 3 the client pings, and a session ends a whole interval and time-out
// after the last of its pings.
func TestHeartbeatOfProtocol3(t *testing.T) {
	opts := Options{AllowEIO3: true, PingInterval: 3 * time.Second, PingTimeout: 2 * time.Second}
	bubble(t, func(t *testing.T) {
		h := newHost(t, opts, memory)
		c, e := h.connect3()
		time.Sleep(4900 * time.Millisecond)
		c.text("2")
		c.expect("3")
		ping := time.Now()
		time.Sleep(4 * time.Second)
		c.text("4messages do not count")
		e.expect("text messages do not count", "end", "closed ping timeout")
		if d := since(ping); d != 5*time.Second || !errors.Is(e.err, errNoPing) {
			t.Errorf("closed %v after the last ping, with %v", d, e.err)
		}
		c.expectClose(0)
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, opts, memory)
		start := time.Now()
		c, e := h.connect3()
		time.Sleep(4 * time.Second)
		c.text("4nor do the first")
		e.expect("text nor do the first", "end", "closed ping timeout")
		if d := since(start); d != 5*time.Second {
			t.Errorf("closed %v after the handshake", d)
		}
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, opts, memory)
		e := h.open3("")
		waiting := h.waitPoll(e)
		time.Sleep(4 * time.Second)
		h.post(e, "1:2").want(t, 200, "ok")
		receive(t, waiting).want(t, 200, "1:3")
		ping := time.Now()
		waiting = h.waitPoll(e)
		e.expect("closed ping timeout")
		if d := since(ping); d != 5*time.Second {
			t.Errorf("closed %v after the last ping", d)
		}
		receive(t, waiting).want(t, 200, "1:1")
	})
	bubble(t, func(t *testing.T) { // the direction is fixed
		h := newHost(t, opts, memory)
		c, e := h.connect3()
		c.text("3")
		e.expect("closed transport error")
		if !errors.Is(e.err, errHeartbeat) {
			t.Errorf("closed because of %v", e.err)
		}
	})
}

// A client of protocol 3 ends a session in which nothing arrives for the time-out after it
// has pinged, so it gets pongs also while the server does not read its pings. Its own silence
// means nothing meanwhile.
func TestPauseInProtocol3(t *testing.T) {
	for _, opts := range []Options{
		{AllowEIO3: true, PingInterval: 3 * time.Second, PingTimeout: 2 * time.Second},
		{AllowEIO3: true, PingInterval: 2 * time.Second, PingTimeout: 8 * time.Second},
	} {
		bubble(t, func(t *testing.T) {
			h := newHost(t, opts, memory)
			c, e := h.connect3()
			e.SetPaused(true)
			for range 100 {
				pinged := time.Now() // and not read, at the worst moment: just after the last pong
				c.expect("3")
				if d := since(pinged); d >= opts.PingTimeout {
					t.Fatalf("a pong after %v", d)
				}
			}
			c.send(textFrame("2"), textFrame("4kept")) // read, since the reader was waiting already
			e.expect("text kept", "end")
			c.expect("3")
			e.SetPaused(false)
			resumed := time.Now()
			e.expect("closed ping timeout")
			if d := since(resumed); d != opts.PingInterval+opts.PingTimeout {
				t.Errorf("closed %v after reading went on", d)
			}
			c.expectClose(0)
		})
	}
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{AllowEIO3: true}, memory)
		e := h.open3("")
		e.SetPaused(true)
		for range 10 {
			h.get(e).want(t, 200, "1:3")
		}
		e.Close(ReasonForcedClose)
		h.get(e).want(t, 200, "1:1")
	})
}

// A client that pings and never reads the answers costs no more than the queue's bound.
func TestPingFloodOfProtocol3(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{AllowEIO3: true, MaxQueue: 10_000}, memory)
		e := h.open3("")
		h.post(e, strings.Repeat("1:2", 1000)).want(t, 200, "ok")
		e.expect("closed send queue full")
	})
}

// FuzzPost3 posts anything in protocol 3. What is delivered is what a plain parser
// finds.
func FuzzPost3(f *testing.F) {
	for _, s := range []string{"6:4hello", "2:4a2:4b6:b4AQ==", "", "1:1", "1:2", "0:", "3:4€x", "\x00\x02\xff4x\x01\x02\xff\x04\x01"} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, binary bool) {
		var c collector
		server := NewServer(Options{AllowEIO3: true, GenerateID: func(*http.Request) (string, error) { return "x", nil }},
			func(*Session) Receiver { return &c })
		defer server.Close()
		server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/engine.io/?transport=polling", nil))
		r := httptest.NewRequest("POST", "/engine.io/?transport=polling&sid=x", bytes.NewReader(body))
		if binary {
			r.Header.Set("Content-Type", "application/octet-stream")
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("answered %d", w.Code)
		}
		if want := messages3(body, binary); !slices.Equal(c.got, want) {
			t.Fatalf("delivered %q, want %q", c.got, want)
		}
	})
}

// messages3 are the messages in a payload, up to what ends the session.
func messages3(rest []byte, binary bool) (messages []received) {
	if !binary {
		rest = validText(rest)
	}
	for len(rest) > 0 {
		var packet []byte
		var err error
		isBinary := false
		if binary {
			packet, rest, isBinary, err = frame.SplitBinaryPayload3(rest)
		} else {
			packet, rest, err = frame.SplitPayload3(rest)
		}
		if err != nil {
			return messages
		}
		if len(packet) == 0 {
			continue
		}
		if !isBinary {
			packet = validText(packet)
		}
		p, err := frame.ParsePacket3(packet, isBinary)
		switch {
		case err != nil, p.Type == frame.Close, p.Type == frame.Pong:
			return messages
		case p.Type == frame.Data && p.Binary:
			messages = append(messages, received{ws.OpBinary, string(p.Data)})
		case p.Type == frame.Data:
			messages = append(messages, received{ws.OpText, string(p.Data)})
		}
	}
	return messages
}
