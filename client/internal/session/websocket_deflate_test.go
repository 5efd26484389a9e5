//go:build !js

package session

import (
	"bytes"
	"compress/flate"
	"io"
	"strings"
	"testing"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/engine/frame"
)

const testLimit = 1000

// deflated compresses as a server does.
func deflated(payload string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.DefaultCompression)
	io.WriteString(w, payload)
	w.Flush()
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

// serverFrame is a frame as servers send it; rsv1 of a first byte is 0x40.
func serverFrame(first byte, payload string) string {
	var b bytes.Buffer
	ws.WriteHeader(&b, ws.Header{Fin: first&0x80 != 0, Rsv: first >> 4 & 7, OpCode: ws.OpCode(first & 15), Length: int64(len(payload))})
	return b.String() + payload
}

// readAll reads messages until there is an error.
func readAll(wire string, form frame.Form) (messages []string, err error) {
	conn := newWSConn(struct {
		io.Reader
		io.WriteCloser
	}{strings.NewReader(wire), nopCloser{io.Discard}}, testLimit, form)
	for {
		op, payload, err := conn.read()
		if err != nil {
			return messages, err
		}
		if op != opPing {
			messages = append(messages, string(payload))
		}
	}
}

// TestReadCompressedFrames reads what servers may and may not send if compression was
// agreed on. Nothing that is inflated is longer than the limit.
func TestReadCompressedFrames(t *testing.T) {
	whole, longest := deflated("4in pieces"), strings.Repeat("x", testLimit)
	for name, c := range map[string]struct{ wire, want, err string }{
		"text":             {serverFrame(0xC1, deflated("4a")), "4a", "EOF"},
		"binary":           {serverFrame(0xC2, deflated("\x00\xff")), "\x00\xff", "EOF"},
		"not compressed":   {serverFrame(0x81, "4a"), "4a", "EOF"},
		"empty":            {serverFrame(0xC2, "\x00"), "", "EOF"},
		"one then another": {serverFrame(0xC1, deflated("4a")) + serverFrame(0x81, "4b"), "4a,4b", "EOF"},
		"fragments": {serverFrame(0x41, whole[:4]) + serverFrame(0x89, "p") + serverFrame(0, whole[4:6]) + serverFrame(0x80, whole[6:]),
			"4in pieces", "EOF"},
		"longest":                 {serverFrame(0xC1, deflated(longest)), longest, "EOF"},
		"too long":                {serverFrame(0xC1, deflated(longest+"x")), "", "larger than MaxPayload"},
		"bomb":                    {serverFrame(0xC2, deflated(strings.Repeat("\x00", 900_000))), "", "larger than MaxPayload"},
		"garbage":                 {serverFrame(0xC1, "\xff\xff\xff"), "", "inflated"},
		"nothing":                 {serverFrame(0xC1, ""), "", "inflated"},
		"cut":                     {serverFrame(0xC1, deflated("4a message of which the end is missing")[:20]), "", "inflated"},
		"more behind the end":     {serverFrame(0xC1, "\x03\x00"+deflated("4x")), "", "inflated"},
		"invalid UTF-8":           {serverFrame(0xC1, deflated("4\xff")), "", "UTF-8"},
		"compressed continuation": {serverFrame(0x41, whole[:4]) + serverFrame(0xC0, whole[4:]), "", "protocol"},
		"compressed ping":         {serverFrame(0xC9, "p"), "", "protocol"},
		"another reserved bit":    {serverFrame(0xE1, deflated("4a")), "", "protocol"},
	} {
		got, err := readAll(c.wire, frame.Form{Deflate: 1})
		if strings.Join(got, ",") != c.want || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %q, %v; want %q, %q", name, got, err, c.want, c.err)
		}
	}
	if _, err := readAll(serverFrame(0xC1, deflated("4a")), frame.Form{}); !strings.Contains(err.Error(), "protocol") {
		t.Errorf("not agreed on: %v", err)
	}
}

// FuzzReadFrames reads anything as frames: messages are not longer than the limit, and
// text is text.
func FuzzReadFrames(f *testing.F) {
	for _, compressed := range []bool{false, true} {
		f.Add(compressed, []byte(serverFrame(0x81, "4a")+serverFrame(0x02, "b")+serverFrame(0x80, "c")))
		f.Add(compressed, []byte(serverFrame(0xC1, deflated("4a"))+serverFrame(0x88, "\x03\xe8bye")))
		f.Add(compressed, []byte(serverFrame(0xC1, deflated(strings.Repeat("x", testLimit+1)))))
	}
	f.Fuzz(func(t *testing.T, compressed bool, wire []byte) {
		var form frame.Form
		if compressed {
			form.Deflate = 1
		}
		messages, _ := readAll(string(wire), form)
		for _, m := range messages {
			if len(m) > testLimit {
				t.Errorf("a message of %d bytes", len(m))
			}
		}
	})
}
