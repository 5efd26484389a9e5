package engine

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/inflate"
)

const (
	// inflateTail ends a message for a plain reader: what is not sent, and a last block.
	inflateTail    = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"
	offerHeader    = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
	acceptedAnswer = "permessage-deflate;server_no_context_takeover;client_no_context_takeover"
)

func TestDeflateOffers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PerMessageDeflate: &PerMessageDeflate{}}, memory)
		for offer, want := range map[string]string{
			"":                   "",
			"permessage-deflate": acceptedAnswer,
			"permessage-deflate; client_max_window_bits":                                acceptedAnswer,
			"permessage-deflate; client_max_window_bits=9; client_no_context_takeover":  acceptedAnswer,
			"permessage-deflate; server_no_context_takeover":                            acceptedAnswer,
			"permessage-deflate; server_max_window_bits=15":                             acceptedAnswer + ";server_max_window_bits=15",
			"permessage-deflate; server_max_window_bits=10":                             "",
			"permessage-deflate; server_max_window_bits=10, permessage-deflate":         acceptedAnswer,
			"permessage-deflate, permessage-deflate":                                    acceptedAnswer,
			"permessage-deflate; server_max_window_bits=16":                             "",
			"permessage-deflate; server_max_window_bits":                                "",
			"permessage-deflate; unheard_of":                                            "",
			"permessage-bzip2":                                                          "",
			"x-webkit-deflate-frame, permessage-deflate; server_no_context_takeover=no": "",
		} {
			headers := ""
			if offer != "" {
				headers = "Sec-WebSocket-Extensions: " + offer + "\r\n"
			}
			c := h.tryWS("transport=websocket", headers, "")
			got := strings.ReplaceAll(c.response.Header.Get("Sec-WebSocket-Extensions"), " ", "")
			if c.response.StatusCode != 101 || got != want {
				t.Errorf("%q was answered %s %q, want %q", offer, c.response.Status, got, want)
			}
		}
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		c := h.tryWS("transport=websocket", offerHeader, "")
		if got := c.response.Header.Get("Sec-WebSocket-Extensions"); got != "" {
			t.Errorf("accepted %q although compression is off", got)
		}
	})
}

// deflateRaw compresses as a client does.
func deflateRaw(payload string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.DefaultCompression)
	io.WriteString(w, payload)
	w.Flush()
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

// compressedFrame is encodeFrame with the bit that says that the message is compressed.
func compressedFrame(fin bool, op ws.OpCode, payload string) []byte {
	f := encodeFrame(fin, op, payload)
	f[0] |= 0x40
	return f
}

// inflated returns the next frame, and whether it was compressed.
func (c *wsClient) inflated() (op ws.OpCode, payload string, compressed bool) {
	c.t.Helper()
	header, err := ws.ReadHeader(c.br)
	if err != nil {
		c.t.Fatal(err)
	}
	p := make([]byte, header.Length)
	if _, err := io.ReadFull(c.br, p); err != nil {
		c.t.Fatal(err)
	}
	if header.Rsv == 0 {
		return header.OpCode, string(p), false
	}
	r := flate.NewReader(io.MultiReader(bytes.NewReader(p), strings.NewReader(inflateTail)))
	p, err = io.ReadAll(r)
	if err != nil || header.Rsv != rsv1 {
		c.t.Fatalf("inflating a frame like %+v: %v", header, err)
	}
	return header.OpCode, string(p), true
}

func (h *host) dialDeflate(query string) (*wsClient, *endpoint) {
	h.t.Helper()
	c := h.tryWS(query, offerHeader, "")
	if got := c.response.Header.Get("Sec-WebSocket-Extensions"); got == "" {
		h.t.Fatal("compression was declined")
	}
	c.frame()
	return c, h.session()
}

func TestDeflatedOutput(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{PerMessageDeflate: &PerMessageDeflate{}}, n)
		c, e := h.dialDeflate("transport=websocket")
		long := strings.Repeat("a long text, ", 10_000)
		check := func(what string, wantOp ws.OpCode, want string, wantCompressed bool) {
			t.Helper()
			if op, p, compressed := c.inflated(); op != wantOp || p != want || compressed != wantCompressed {
				t.Fatalf("%s: received %v with %d bytes, compressed: %v", what, op, len(p), compressed)
			}
		}
		e.text("short")
		check("a short text", ws.OpText, "4short", false)
		e.text(long[:1022])
		check("1023 bytes", ws.OpText, "4"+long[:1022], false)
		e.text(long[:1023])
		check("1024 bytes", ws.OpText, "4"+long[:1023], true)
		e.Send(textMessage(long), SendOptions{NoCompress: true})
		check("NoCompress", ws.OpText, "4"+long, false)
		e.Send(binaryMessage(long), SendOptions{})
		check("binary", ws.OpBinary, long, true)
		e.Hold()
		for range 3 {
			e.text(long)
		}
		e.Release()
		for range 3 {
			check("several at once", ws.OpText, "4"+long, true)
		}
		// Neither a client that did not offer it nor one that wants text is forgotten.
		plain, pe := h.connect()
		pe.text(long)
		plain.expect("4" + long)
		c, e = h.dialDeflate("transport=websocket&b64=1")
		e.Send(binaryMessage(long), SendOptions{})
		check("binary as text", ws.OpText, string(binaryMessage(long).AppendPolling(nil)), true)
	})
}

func TestDeflatedInput(t *testing.T) {
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{PerMessageDeflate: &PerMessageDeflate{}}, n)
		c, e := h.dialDeflate("transport=websocket")
		long := strings.Repeat("a long text, €, ", 5000)
		send := func(frames ...[]byte) { c.send(slices.Concat(frames...)) }
		send(compressedFrame(true, ws.OpText, deflateRaw("4"+long)))
		e.expect("text "+long, "end")
		send(textFrame("4plain"))
		e.expect("text plain", "end")
		send(compressedFrame(true, ws.OpBinary, deflateRaw("\x00\x01")))
		e.expect("binary \x00\x01", "end")
		send(compressedFrame(true, ws.OpBinary, "\x00")) // as RFC 7692 writes an empty message
		e.expect("binary ", "end")

		whole := deflateRaw("4in pieces")
		send(compressedFrame(false, ws.OpText, whole[:4]), encode(ws.OpPing, "p"),
			encodeFrame(false, ws.OpContinuation, whole[4:5]), encodeFrame(true, ws.OpContinuation, whole[5:]),
			textFrame("4plain"))
		e.expectTexts("in pieces", "plain")
		if op, p := c.frame(); op != ws.OpPong || p != "p" {
			t.Errorf("received %v %q", op, p)
		}

		var last bytes.Buffer // a message that ends with a last block, RFC 7692 section 7.2.3.4
		w, _ := flate.NewWriter(&last, 9)
		io.WriteString(w, "4the last block")
		w.Close()
		send(compressedFrame(true, ws.OpText, last.String()+"\x00"), compressedFrame(true, ws.OpText, last.String()))
		e.expectTexts("the last block", "the last block")
	})
}

// Messages as long as allowed pass, however much they were compressed.
func TestDeflatedInputUpToTheLimit(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PerMessageDeflate: &PerMessageDeflate{}, MaxPayload: 1000}, memory)
		c, e := h.dialDeflate("transport=websocket")
		c.send(compressedFrame(true, ws.OpBinary, deflateRaw(strings.Repeat("x", 1000))))
		e.expect("binary "+strings.Repeat("x", 1000), "end")
		c.send(compressedFrame(true, ws.OpBinary, deflateRaw(strings.Repeat("x", 1001))))
		e.expect("closed transport error")
		c.expectClose(1009)
	})
}

func TestDeflateViolations(t *testing.T) {
	bomb := deflateRaw(strings.Repeat("\x00", 10_000_000))
	onEveryNetwork(t, func(t *testing.T, n network) {
		h := newHost(t, Options{PerMessageDeflate: &PerMessageDeflate{}}, n)
		for _, c := range []struct {
			name   string
			frames []byte
			status ws.StatusCode
			err    error
		}{
			{"bomb", compressedFrame(true, ws.OpBinary, bomb), 1009, errMessageTooBig},
			{"garbage", compressedFrame(true, ws.OpText, "\xff\xff\xff"), 1007, inflate.ErrInvalid},
			{"nothing", compressedFrame(true, ws.OpText, ""), 1007, inflate.ErrInvalid},
			{"cut", compressedFrame(true, ws.OpText, deflateRaw("4 a message of which the end is missing")[:20]), 1007, inflate.ErrInvalid},
			{"more behind the end", compressedFrame(true, ws.OpText, "\x03\x00"+deflateRaw("4x")), 1007, inflate.ErrInvalid},
			{"invalid UTF-8", compressedFrame(true, ws.OpText, deflateRaw("4\xff")), 1007, errInvalidUTF8},
			{"compressed continuation", append(compressedFrame(false, ws.OpText, "x"),
				compressedFrame(true, ws.OpContinuation, "x")...), 1002, ws.ErrProtocolNonZeroRsv},
			{"compressed ping", compressedFrame(true, ws.OpPing, "x"), 1002, ws.ErrProtocolNonZeroRsv},
			{"not agreed on", compressedFrame(true, ws.OpText, deflateRaw("4x")), 1002, ws.ErrProtocolNonZeroRsv},
			{"reserved bit 2", []byte("\xe1\x80\x00\x00\x00\x00"), 1002, ws.ErrProtocolNonZeroRsv},
		} {
			client, e := h.dialDeflate("transport=websocket")
			if c.name == "not agreed on" {
				client, e = h.connect()
			}
			client.send(c.frames)
			e.expect("closed transport error")
			if !errors.Is(e.err, c.err) {
				t.Errorf("%s: closed because of %v, want %v", c.name, e.err, c.err)
			}
			op, p := client.frame()
			if status, _ := ws.ParseCloseFrameData([]byte(p)); op != ws.OpClose || status != c.status {
				t.Errorf("%s: received %v %q, want a close frame with status %d", c.name, op, p, c.status)
			}
			client.conn.Close()
		}
	})
}

// A WebSocket that takes a session over has agreements of its own.
func TestDeflateAfterUpgrade(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{PerMessageDeflate: &PerMessageDeflate{Threshold: 1}}, memory)
		e := h.open()
		c := h.tryWS("transport=websocket&sid="+e.ID(), offerHeader, "")
		c.send(compressedFrame(true, ws.OpText, deflateRaw("2probe")))
		c.expect("3probe") // not worth compressing
		c.send(compressedFrame(true, ws.OpText, deflateRaw("5")))
		h.until(e, "the WebSocket takes over", func(m *machine) bool { return m.carrier == onWebSocket })
		e.text(strings.Repeat("x", 50))
		if _, p, compressed := c.inflated(); p != "4"+strings.Repeat("x", 50) || !compressed {
			t.Errorf("received %q, compressed: %v", p, compressed)
		}
	})
}

// FuzzDeflatedMessage inflates anything. What comes out is what a plain reader makes
// of it, and never more than the limit.
func FuzzDeflatedMessage(f *testing.F) {
	noise := make([]byte, 200)
	rand.NewChaCha8([32]byte{}).Read(noise)
	for _, s := range []string{"", "4hello", strings.Repeat("x", fuzzLimit), strings.Repeat("x", fuzzLimit+1), string(noise)} {
		f.Add([]byte(deflateRaw(s)))
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		stream := compressedFrame(true, ws.OpText, string(payload))
		c := newWSConn(&pieces{stream: stream}, fuzzLimit, frame.Form{Deflate: 1})
		in := c.takeBuffer()
		var got []byte
		var ok bool
		var err error
		for !ok && err == nil {
			if _, got, ok, err = in.next(); !ok && err == nil {
				err = c.fill()
			}
		}
		if len(payload) > fuzzLimit {
			if closeStatus(err) != ws.StatusMessageTooBig {
				t.Fatalf("%d bytes: %v", len(payload), err)
			}
			return
		}
		reader := flate.NewReader(io.MultiReader(bytes.NewReader(payload), strings.NewReader(inflateTail)))
		want, wantErr := io.ReadAll(io.LimitReader(reader, 1<<20))
		switch {
		case len(want) > fuzzLimit:
			if closeStatus(err) != ws.StatusMessageTooBig {
				t.Fatalf("%d bytes were inflated: %v", len(want), err)
			}
		case wantErr != nil || !utf8.Valid(want):
			if closeStatus(err) != ws.StatusInvalidFramePayloadData {
				t.Fatalf("%v, but got %q, %v", wantErr, got, err)
			}
		case errors.Is(err, inflate.ErrInvalid): // more behind the end, which the plain reader does not notice
		case err != nil || !bytes.Equal(got, want):
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	})
}
