package engine

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/engine/frame"
)

// pieces is a connection that brings a stream in pieces of given sizes.
type pieces struct {
	net.Conn
	stream []byte
	sizes  []byte
	next   int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.stream) == 0 {
		return 0, io.EOF
	}
	n := len(p.stream)
	if len(p.sizes) > 0 {
		n = 1 + int(p.sizes[p.next%len(p.sizes)])
		p.next++
	}
	n = copy(b, p.stream[:min(n, len(p.stream))])
	p.stream = p.stream[n:]
	return n, nil
}

// received is one message or control frame.
type received struct {
	op      ws.OpCode
	payload string
}

const fuzzLimit = 3000

// readAll reads everything with our reader.
func readAll(t *testing.T, stream, sizes []byte) (got []received, err error) {
	c := newWSConn(&pieces{stream: slices.Clone(stream), sizes: sizes}, fuzzLimit, frame.Form{})
	in := c.takeBuffer()
	for {
		op, payload, ok, err := in.next()
		switch {
		case err != nil:
			return got, err
		case ok:
			if op.IsData() && len(payload) > fuzzLimit {
				t.Fatalf("a message of %d bytes passed", len(payload))
			}
			got = append(got, received{op, string(payload)})
		default:
			if cap(in.message) > trustSize || cap(in.buf) > readSize {
				t.Fatalf("%d and %d bytes are held for a message of at most %d", cap(in.message), cap(in.buf), fuzzLimit)
			}
			if err := c.fill(); err != nil {
				return got, err
			}
		}
	}
}

// readReference reads the same with gobwas/ws, frame by frame, as plainly as it
// can be written.
func readReference(stream []byte) (got []received, valid bool) {
	r := bytes.NewReader(stream)
	var message []byte
	var op ws.OpCode
	fragmented := false
	for {
		h, err := ws.ReadHeader(r)
		if err != nil {
			return got, errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		}
		state := ws.StateServerSide
		if fragmented {
			state = state.Set(ws.StateFragmented)
		}
		if ws.CheckHeader(h, state) != nil {
			return got, false
		}
		if h.OpCode.IsData() && (h.Length > fuzzLimit || int64(len(message))+h.Length > fuzzLimit) {
			return got, false
		}
		payload := make([]byte, h.Length)
		if _, err := io.ReadFull(r, payload); err != nil {
			return got, true
		}
		ws.Cipher(payload, h.Mask, 0)
		if h.OpCode.IsControl() {
			got = append(got, received{h.OpCode, string(payload)})
			continue
		}
		if h.OpCode != ws.OpContinuation {
			op = h.OpCode
		}
		message = append(message, payload...)
		fragmented = !h.Fin
		if h.Fin {
			if op == ws.OpText && !utf8.Valid(message) {
				return got, false
			}
			got = append(got, received{op, string(message)})
			message = nil
		}
	}
}

// FuzzWebSocketReader compares our reader with a plain one, however the stream is
// cut into pieces.
func FuzzWebSocketReader(f *testing.F) {
	long := strings.Repeat("long", 700)
	f.Add(slices.Concat(textFrame("4hello"), encode(ws.OpBinary, "\x00"), encode(ws.OpClose, "")), []byte{0})
	f.Add(slices.Concat(encodeFrame(false, ws.OpText, "4on"), encode(ws.OpPing, "p"), encode(ws.OpContinuation, "e")), []byte{3, 1})
	f.Add(slices.Concat(textFrame("4"+long), textFrame("4"+long)), []byte{250, 7})
	f.Add(encode(ws.OpBinary, strings.Repeat("x", fuzzLimit+1)), []byte{})
	f.Add([]byte("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"), []byte{1})
	f.Add([]byte("\x81\xfe\xff"), []byte{0})
	f.Add(textFrame("\xff"), []byte{255})
	f.Fuzz(func(t *testing.T, stream, sizes []byte) {
		got, err := readAll(t, stream, sizes)
		want, valid := readReference(stream)
		if !slices.Equal(got, want) {
			t.Fatalf("read %q, want %q", got, want)
		}
		if ended := errors.Is(err, io.EOF); ended != valid {
			// A header that is wrong may be refused before it has come as a whole.
			if !(valid && closeStatus(err) != 0 && len(stream) > 0) {
				t.Fatalf("ended with %v, but the stream is valid: %v", err, valid)
			}
		}
	})
}

// collector keeps what it was given.
type collector struct{ got []received }

func (c *collector) ReceiveText(d []byte)   { c.got = append(c.got, received{ws.OpText, string(d)}) }
func (c *collector) ReceiveBinary(d []byte) { c.got = append(c.got, received{ws.OpBinary, string(d)}) }
func (c *collector) EndBatch()              {}
func (c *collector) Closed(Reason, error)   {}

// FuzzPost posts anything. The answer is one of those that exist, and what a
// client could have sent as messages is delivered.
func FuzzPost(f *testing.F) {
	for _, s := range []string{"4hello", "4a\x1e4b\x1ebAQID", "", "1", "2", "3\x1e4x", "b!", "4\xff", "\x1e", "4x\x1e", "0\x1e5\x1e6"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var c collector
		server := NewServer(Options{MaxPayload: 500, GenerateID: func(*http.Request) (string, error) { return "x", nil }},
			func(*Session) Receiver { return &c })
		defer server.Close()
		server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/engine.io/?EIO=4&transport=polling", nil))
		w := httptest.NewRecorder()
		server.ServeHTTP(w, httptest.NewRequest("POST", "/engine.io/?EIO=4&transport=polling&sid=x", bytes.NewReader(body)))
		want := 200
		if len(body) > 500 {
			want = 413
		}
		if w.Code != want {
			t.Fatalf("answered %d, want %d", w.Code, want)
		}
		if want != 200 {
			return
		}
		var messages []received
		for packet := range bytes.SplitSeq(body, []byte{frame.Separator}) {
			if len(packet) == 0 || packet[0] != '4' || !utf8.Valid(packet) {
				break
			}
			messages = append(messages, received{ws.OpText, string(packet[1:])})
		}
		if len(c.got) < len(messages) || !slices.Equal(c.got[:len(messages)], messages) {
			t.Fatalf("delivered %q, want it to begin with %q", c.got, messages)
		}
		for _, m := range c.got {
			if m.op == ws.OpText && !utf8.ValidString(m.payload) {
				t.Fatalf("text that is none was delivered: %q", m.payload)
			}
		}
	})
}
