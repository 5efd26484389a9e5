package wire

import (
	"bytes"
	"strings"
	"testing"
)

// unmask is what a server does, written from RFC 6455.
func unmask(t *testing.T, b []byte) (op byte, payload []byte) {
	t.Helper()
	if b[0]&0xf0 != 0x80 {
		t.Fatalf("first byte %#x: want FIN and no reserved bits", b[0])
	}
	if b[1]&0x80 == 0 {
		t.Fatal("not masked")
	}
	length, at := int(b[1]&0x7f), 2
	switch length {
	case 126:
		length, at = int(b[2])<<8|int(b[3]), 4
	case 127:
		length, at = 0, 10
		for _, c := range b[2:10] {
			length = length<<8 | int(c)
		}
	}
	key := b[at : at+4]
	for i, c := range b[at+4:] {
		payload = append(payload, c^key[i%4])
	}
	if len(payload) != length {
		t.Fatalf("%d bytes of payload, the header says %d", len(payload), length)
	}
	return b[0] & 0x0f, payload
}

var sizes = []int{0, 1, 125, 126, 127, 65535, 65536, 70000}

func TestNewFrameIsAMaskedFrame(t *testing.T) {
	for _, size := range sizes {
		want := bytes.Repeat([]byte("abcdefg"), size/7+1)[:size]
		op, got := unmask(t, NewFrame(Text, want).Bytes())
		if op != 1 || !bytes.Equal(got, want) {
			t.Errorf("size %d: opcode %d, payload differs", size, op)
		}
	}
}

func TestPatchReplacesPartOfThePayload(t *testing.T) {
	f := NewFrame(Binary, []byte("0123456789"))
	for at := range 8 {
		f.Patch(at, []byte("xyz"))
		want := []byte("0123456789")
		copy(want[at:], "xyz")
		if _, got := unmask(t, f.Bytes()); !bytes.Equal(got, want) {
			t.Errorf("at %d: got %q, want %q", at, got, want)
		}
		f.Patch(0, []byte("0123456789"))
	}
}

func serverFrame(first byte, payload string) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = append(b, 126, byte(n>>8), byte(n))
	default:
		b = append(b, 127, 0, 0, 0, 0, 0, byte(n>>16), byte(n>>8), byte(n))
	}
	return append(b, payload...)
}

func TestParseFrame(t *testing.T) {
	for _, size := range sizes {
		want := strings.Repeat("x", size)
		data := append(serverFrame(0x82, want), 0x81)
		for _, short := range []int{0, 1, 2, 3, len(data) - 2} {
			if short > len(data)-2 {
				continue
			}
			if _, n, err := ParseFrame(data[:short]); n != 0 || err != nil {
				t.Fatalf("size %d, %d bytes of it: n = %d, %v", size, short, n, err)
			}
		}
		f, n, err := ParseFrame(data)
		if err != nil || n != len(data)-1 || f.Opcode != Binary || !f.Final || string(f.Payload) != want {
			t.Errorf("size %d: n = %d, opcode %d, %d bytes, %v", size, n, f.Opcode, len(f.Payload), err)
		}
	}
	if f, _, _ := ParseFrame(serverFrame(0x01, "a")); f.Final {
		t.Error("a frame without FIN is final")
	}
}

func TestParseFrameRefusesWhatNoServerMaySend(t *testing.T) {
	for name, data := range map[string][]byte{
		"reserved bit": {0xc1, 0},
		"masked":       {0x81, 0x80},
		"huge":         {0x81, 127, 1, 0, 0, 0, 0, 0, 0, 0},
	} {
		if _, _, err := ParseFrame(data); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestParseResponse(t *testing.T) {
	for _, text := range []string{
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-length: 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=1\r\nllo\r\n0\r\n\r\n",
	} {
		data := []byte(text + "HTTP/1.1 200")
		for short := range text {
			if _, n, err := ParseResponse(data[:short]); n != 0 || err != nil {
				t.Fatalf("%d bytes of %q: n = %d, %v", short, text, n, err)
			}
		}
		r, n, err := ParseResponse(data)
		if err != nil || n != len(text) || r.Status != 200 || string(r.Body) != "hello" {
			t.Errorf("%q: n = %d, status %d, body %q, %v", text, n, r.Status, r.Body, err)
		}
	}
}

func TestParseResponseRefuses(t *testing.T) {
	for _, text := range []string{
		"HTTP/1.0 200 OK\r\n\r\n",
		"HTTP/1.1 abc\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
	} {
		if _, _, err := ParseResponse([]byte(text)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestHeaderGet(t *testing.T) {
	h := Header("Upgrade: websocket\r\nX-Upgrade:  b \r\nEmpty:")
	for name, want := range map[string]string{"upgrade": "websocket", "x-upgrade": "b", "EMPTY": "", "none": ""} {
		if got := h.Get(name); string(got) != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
