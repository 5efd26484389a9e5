package engine

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/engine/frame"
)

// onEveryNetwork runs f where the server writes without blocking, and where it
// has to do without.
func onEveryNetwork(t *testing.T, f func(t *testing.T, n network)) {
	for name, n := range realNetworks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, n)
		})
	}
}

func TestWebSocketMessages(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{}, n)
		c, e := h.connect()
		if e.Transport() != WebSocket {
			t.Errorf("Transport() = %s", e.Transport())
		}
		c.text("4h€llo")
		e.expect("text h€llo", "end")
		c.send(encode(ws.OpBinary, "\x00\x01"))
		e.expect("binary \x00\x01", "end")
		c.text("bAAE=") // base64 is understood without having been asked for
		e.expect("binary \x00\x01", "end")
		c.send(encode(ws.OpBinary, ""))
		e.expect("binary ", "end")
		c.text("4")
		e.expect("text ", "end")

		for _, size := range []int{0, 1, 124, 125, 126, 65534, 65535, 65536, 500000} {
			s := strings.Repeat("x", size)
			e.text(s)
			c.expect("4" + s)
			e.Send(binaryMessage(s), SendOptions{})
			if op, p := c.frame(); op != ws.OpBinary || p != s {
				t.Fatalf("received %v with %d bytes, want %d binary", op, len(p), size)
			}
			c.text("4" + s)
			e.expect("text "+s, "end")
		}
	})
}

func TestWebSocketBase64(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{}, n)
		c := h.dialWS("transport=websocket&b64=1")
		c.frame()
		e := h.session()
		var b frame.Builder
		b.BeginText()
		b.Buf = append(b.Buf, "with attachment"...)
		b.EndText()
		b.Binary([]byte{1, 2, 3})
		e.Send(b.Message(), SendOptions{})
		c.expect("4with attachment", "bAQID")
	})
}

func TestMessagesOfOneReadAreOneBatch(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{}, n)
		c, e := h.connect()
		c.send(textFrame("4a"), encode(ws.OpBinary, "b"), encode(ws.OpPing, "p"), textFrame("3"), textFrame("4c"))
		e.expect("text a", "binary b", "text c", "end")
		if op, p := c.frame(); op != ws.OpPong || p != "p" {
			t.Errorf("received %v %q", op, p)
		}
	})
}

func TestFragments(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{}, n)
		c, e := h.connect()
		c.send(
			encodeFrame(false, ws.OpText, "4on"),
			encode(ws.OpPing, "between"),
			encodeFrame(false, ws.OpContinuation, ""),
			encodeFrame(false, ws.OpContinuation, "e \xe2\x82"), // cut within a character
			encodeFrame(true, ws.OpContinuation, "\xac"),
			textFrame("4two"),
		)
		e.expect("text one €", "text two", "end")
		if op, p := c.frame(); op != ws.OpPong || p != "between" {
			t.Errorf("received %v %q", op, p)
		}
		// Byte by byte, so that every state of the reader is waited in.
		for _, b := range append(encodeFrame(false, ws.OpBinary, strings.Repeat("y", 300)), encodeFrame(true, ws.OpContinuation, "z")...) {
			c.send([]byte{b})
		}
		e.expect("binary "+strings.Repeat("y", 300)+"z", "end")
	})
}

// A client that sends what it must not. The session ends and the client is told
// in order, however much it had sent behind the violation.
func TestWebSocketViolations(t *testing.T) {
	raw := func(s string) []byte { return []byte(s) }
	huge := "\x82\xff\x00\x00\x00\x00\x00\x0f\x42\x41\x00\x00\x00\x00" // announces 1,000,001 bytes
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{}, n)
		for _, c := range []struct {
			name   string
			frames []byte
			status ws.StatusCode
			reason Reason
			err    error
		}{
			{"unmasked", raw("\x81\x024x"), 1002, ReasonTransportError, ws.ErrProtocolMaskRequired},
			{"reserved bit 1", raw("\xc1\x82\x00\x00\x00\x004x"), 1002, ReasonTransportError, ws.ErrProtocolNonZeroRsv},
			{"reserved bit 3", raw("\x91\x82\x00\x00\x00\x004x"), 1002, ReasonTransportError, ws.ErrProtocolNonZeroRsv},
			{"reserved opcode 3", raw("\x83\x80\x00\x00\x00\x00"), 1002, ReasonTransportError, ws.ErrProtocolOpCodeReserved},
			{"reserved opcode 15", raw("\x8f\x80\x00\x00\x00\x00"), 1002, ReasonTransportError, ws.ErrProtocolOpCodeReserved},
			{"fragmented ping", raw("\x09\x80\x00\x00\x00\x00"), 1002, ReasonTransportError, ws.ErrProtocolControlNotFinal},
			{"long ping", raw("\x89\xfe\x00\x80\x00\x00\x00\x00"), 1002, ReasonTransportError, ws.ErrProtocolControlPayloadOverflow},
			{"continuation of nothing", encode(ws.OpContinuation, "x"), 1002, ReasonTransportError, ws.ErrProtocolContinuationUnexpected},
			{"message within a message", append(encodeFrame(false, ws.OpText, "4"), textFrame("4x")...), 1002,
				ReasonTransportError, ws.ErrProtocolContinuationExpected},
			{"negative length", raw("\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), 1002, ReasonTransportError, ws.ErrHeaderLengthMSB},
			{"too large", raw(huge), 1009, ReasonTransportError, errMessageTooBig},
			{"too large, with all of it", append(raw(huge), make([]byte, 1000001)...), 1009, ReasonTransportError, errMessageTooBig},
			{"too large in fragments", append(encodeFrame(false, ws.OpBinary, strings.Repeat("x", 999999)),
				encode(ws.OpContinuation, "yy")...), 1009, ReasonTransportError, errMessageTooBig},
			{"invalid UTF-8", textFrame("4\xff"), 1007, ReasonTransportError, errInvalidUTF8},
			{"half a character", textFrame("4\xe2\x82"), 1007, ReasonTransportError, errInvalidUTF8},
			{"a surrogate", textFrame("4\xed\xa0\x80"), 1007, ReasonTransportError, errInvalidUTF8},
			{"empty text", textFrame(""), 0, ReasonParseError, frame.ErrPacket},
			{"unknown packet", textFrame("abc"), 0, ReasonParseError, frame.ErrPacket},
			{"bad base64", textFrame("b="), 0, ReasonParseError, frame.ErrPacket},
			{"ping packet", textFrame("2"), 0, ReasonTransportError, errHeartbeat},
			{"probe in a session of its own", textFrame("2probe"), 0, ReasonTransportError, errHeartbeat},
			{"close packet", textFrame("1"), 0, ReasonTransportClose, nil},
			{"close frame without status", encode(ws.OpClose, ""), 0, ReasonTransportClose, nil},
			{"close frame", encode(ws.OpClose, "\x03\xe8bye"), 1000, ReasonTransportClose, nil},
			{"close frame of an application", encode(ws.OpClose, "\x0b\xb8"), 3000, ReasonTransportClose, nil},
			{"close frame of a gateway", encode(ws.OpClose, "\x03\xf6"), 1014, ReasonTransportClose, nil},
			{"half a status", encode(ws.OpClose, "\x03"), 1002, ReasonTransportError, errCloseFrame},
			{"status 999", encode(ws.OpClose, "\x03\xe7"), 1002, ReasonTransportError, errCloseFrame},
			{"status for no status", encode(ws.OpClose, "\x03\xed"), 1002, ReasonTransportError, errCloseFrame},
			{"status nobody has defined", encode(ws.OpClose, "\x03\xf7"), 1002, ReasonTransportError, errCloseFrame},
			{"status 5000", encode(ws.OpClose, "\x13\x88"), 1002, ReasonTransportError, errCloseFrame},
			{"close reason that is no UTF-8", encode(ws.OpClose, "\x03\xe8\xff"), 1007, ReasonTransportError, errInvalidUTF8},
		} {
			client, e := h.connect()
			client.send(textFrame("4before"), c.frames, textFrame("4after"))
			if c.err != nil || c.reason == ReasonTransportClose {
				e.expect("text before", "end", "closed "+string(c.reason))
			}
			if !errors.Is(e.err, c.err) {
				t.Errorf("%s: closed because of %v, want %v", c.name, e.err, c.err)
			}
			op, p := client.frame()
			if status, _ := ws.ParseCloseFrameData([]byte(p)); op != ws.OpClose || status != c.status {
				t.Errorf("%s: received %v %q, want a close frame with status %d", c.name, op, p, c.status)
			}
			client.conn.Close()
			e.quiet()
		}
	})
}

// Browsers fail a connection for which they have offered subprotocols and none was
// chosen.
func TestTheFirstSubprotocolIsChosen(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		for offer, want := range map[string]string{
			"":         "",
			"one":      "one",
			"two, one": "two",
		} {
			headers := ""
			if offer != "" {
				headers = "Sec-WebSocket-Protocol: " + offer + "\r\n"
			}
			c := h.tryWS("transport=websocket", headers, "")
			if got := c.response.Header.Get("Sec-WebSocket-Protocol"); c.response.StatusCode != 101 || got != want {
				t.Errorf("offered %q: %s with %q, want %q", offer, c.response.Status, got, want)
			}
		}
	})
}

func TestEndOfTheConnection(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{}, n)
		for name, last := range map[string][]byte{
			"nothing":        nil,
			"half a header":  {0x81},
			"half a message": []byte("\x81\x85\x00\x00\x00\x004x"),
			"a fragment":     encodeFrame(false, ws.OpText, "4x"),
		} {
			c, e := h.connect()
			c.send(append(textFrame("4x"), last...))
			c.closeWrite()
			e.expect("text x", "end", "closed transport close")
			if e.err != nil && !errors.Is(e.err, io.ErrUnexpectedEOF) {
				t.Errorf("%s: closed because of %v", name, e.err)
			}
			c.conn.Close()
		}
		c, e := h.connect()
		c.conn.Close()
		e.expect("closed transport close")
	})
}

func TestEarlyBytes(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{}, n)
		long := strings.Repeat("long", 10000) // more than the server's buffer of 4 KiB
		c := h.dialWS("transport=websocket", textFrame("4early"), textFrame("4bird"), textFrame("4"+long))
		h.session().expectTexts("early", "bird", long)
		c.frame()

		polling := h.open()
		up := h.dialWS("transport=websocket&sid="+polling.ID(), textFrame("2probe"))
		up.expect("3probe")
	})
	bubble(t, func(t *testing.T) { // everything in one segment, so nothing wakes the reader
		h := newHost(t, Options{}, memory)
		h.dialWS("transport=websocket", textFrame("4early"), textFrame("4bird")[:3])
		h.session().expect("text early", "end")
	})
}

// expectTexts takes these text messages, however they are batched.
func (e *endpoint) expectTexts(want ...string) {
	e.host.t.Helper()
	for _, w := range want {
		got := receive(e.host.t, e.events)
		for got == "end" {
			got = receive(e.host.t, e.events)
		}
		if got != "text "+w {
			e.host.t.Fatalf("received %.50q, want text %.50q", got, w)
		}
	}
}

func TestServerEndsWebSocket(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{}, n)
		c, e := h.connect()
		e.text("one")
		e.text("two")
		e.Close(ReasonForcedClose)
		if err := e.text("too late"); err != ErrClosed {
			t.Errorf("Send after Close: %v", err)
		}
		c.expect("4one", "4two")
		c.expectClose(0)
		e.expect("closed forced close")

		c, e = h.connect()
		e.Abort(ReasonForcedClose, errTest)
		c.expectClose(0)
		e.expect("closed forced close")
		if e.err != errTest {
			t.Errorf("closed with %v", e.err)
		}
	})
}

// Some clients, such as that of Socket.IO 1, answer a close frame and then wait for the
// connection to end. What a client sends that has broken the rules is not understood any
// more, so its answer is not either: the server's part of the connection ends without it.
func TestPeerThatBrokeTheRulesNeedNotWait(t *testing.T) {
	for _, probing := range []bool{false, true} {
		bubble(t, func(t *testing.T) {
			h := newHost(t, Options{}, memory)
			var c *wsClient
			if probing {
				c = h.dialWS("transport=websocket&sid=" + h.open().ID())
			} else {
				c, _ = h.connect()
			}
			start := time.Now()
			c.send(encode(ws.OpContinuation, "x"))
			c.expectClose(1002)
			if waited := time.Since(start); waited > 0 {
				t.Errorf("probing %v: the client waited for %v", probing, waited)
			}
		})
	}
}

// stuckConn is a connection like one with TLS whose peer does not read: nothing can be
// written, and to close its one half, which has to be written too, would wait for long.
type stuckConn struct {
	net.Conn
	t *testing.T
}

func (stuckConn) Write([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

func (c stuckConn) CloseWrite() error {
	c.t.Error("it was to be written once more")
	return nil
}

func TestClosingAConnectionThatIsStuck(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	newWSConn(stuckConn{near, t}, 1, frame.Form{}).beginClose(ws.StatusProtocolError, true)
}

// A peer that does not answer the close frame is cut off in the end.
func TestPeerThatDoesNotClose(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		c, e := h.connect()
		e.Close(ReasonForcedClose)
		c.frame()
		c.expectEnd()
		synctest.Wait()
		h.engine.mu.Lock()
		defer h.engine.mu.Unlock()
		if n := len(h.engine.conns); n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}
