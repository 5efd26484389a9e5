package frame

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// wireFrame is one WebSocket frame, its payload inflated if it was compressed.
type wireFrame struct {
	opcode     byte
	compressed bool
	payload    string
}

// readFrames takes complete, unmasked frames apart.
func readFrames(t *testing.T, wire []byte) (frames []wireFrame) {
	t.Helper()
	for len(wire) > 0 {
		f := wireFrame{opcode: wire[0] & 15, compressed: wire[0]&rsv1 != 0}
		n, header := int(wire[1]), 2
		switch n {
		case 126:
			n, header = int(binary.BigEndian.Uint16(wire[2:])), 4
		case 127:
			n, header = int(binary.BigEndian.Uint64(wire[2:])), 10
		}
		payload := wire[header : header+n]
		if f.compressed {
			tail := "\x00\x00\xff\xff\x01\x00\x00\xff\xff"
			inflated, err := io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(payload), strings.NewReader(tail))))
			if err != nil {
				t.Fatalf("%q cannot be inflated: %v", payload, err)
			}
			payload = inflated
		}
		f.payload = string(payload)
		frames = append(frames, f)
		wire = wire[header+n:]
	}
	return frames
}

func TestDeflatedForm(t *testing.T) {
	long := strings.Repeat("a long text, ", 200)
	noise := make([]byte, 2000)
	rand.NewChaCha8([32]byte{}).Read(noise)
	var b Builder
	b.Binary([]byte(long))
	binaryOnly := b.Message()
	for _, c := range []struct {
		name string
		m    *Message
		form Form
		want []wireFrame
	}{
		{"short", build("hi"), Form{Deflate: 1024}, []wireFrame{{1, false, "4hi"}}},
		{"one byte less than the threshold", build(long), Form{Deflate: len(long) + 2}, []wireFrame{{1, false, "4" + long}}},
		{"as long as the threshold", build(long), Form{Deflate: len(long) + 1}, []wireFrame{{1, true, "4" + long}}},
		{"binary", binaryOnly, Form{Deflate: 1024}, []wireFrame{{2, true, long}}},
		{"binary as text", binaryOnly, Form{Deflate: 1024, Base64: true},
			[]wireFrame{{1, true, string(binaryOnly.AppendPolling(nil))}}},
		{"incompressible", build("x", string(noise)), Form{Deflate: 1024}, []wireFrame{{1, false, "4x"}, {2, false, string(noise)}}},
		{"only the long attachment", build("x", long, "y"), Form{Deflate: 1024},
			[]wireFrame{{1, false, "4x"}, {2, true, long}, {2, false, "y"}}},
		{"long in base64 only", build("x", long[:800]), Form{Deflate: 1024, Base64: true},
			[]wireFrame{{1, false, "4x"}, {1, true, string(appendBase64(nil, []byte(long[:800])))}}},
		{"a frame of its own", WebSocketPong([]byte(long[:100])), Form{Deflate: 1}, []wireFrame{{10, false, long[:100]}}},
		{"nothing", new(Builder).Message(), Form{Deflate: 1}, nil},
	} {
		before := string(c.m.WebSocket())
		got := readFrames(t, c.m.WebSocketAs(c.form))
		if len(got) != len(c.want) {
			t.Fatalf("%s: %d frames, want %d", c.name, len(got), len(c.want))
		}
		for i, f := range got {
			if f != c.want[i] {
				t.Errorf("%s: frame %d is %.80v, want %.80v", c.name, i, f, c.want[i])
			}
		}
		if string(c.m.WebSocket()) != before {
			t.Errorf("%s: the plain form has changed", c.name)
		}
	}
}

// A form is made once, however many ask for it, and what makes no difference to a
// message is no form of its own.
func TestFormsAreShared(t *testing.T) {
	long := strings.Repeat("a long text, ", 200)
	m := build(long, long)
	forms := []Form{{}, {Base64: true}, {Deflate: 1024}, {Deflate: 100}, {Base64: true, Deflate: 1024}}
	seen := make([]map[*byte]bool, len(forms))
	for i := range seen {
		seen[i] = make(map[*byte]bool)
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i, f := range forms {
				wire := m.WebSocketAs(f)
				mu.Lock()
				seen[i][&wire[0]] = true
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for i, addresses := range seen {
		if len(addresses) != 1 {
			t.Errorf("form %+v was handed out in %d copies", forms[i], len(addresses))
		}
	}
	short := build("hi")
	for _, f := range forms {
		if wire := short.WebSocketAs(f); &wire[0] != &short.WebSocket()[0] {
			t.Errorf("a short text has a copy for form %+v", f)
		}
	}
	noise := make([]byte, 2000)
	rand.NewChaCha8([32]byte{}).Read(noise)
	incompressible := build("x", string(noise))
	if wire := incompressible.WebSocketAs(Form{Deflate: 1024}); &wire[0] != &incompressible.WebSocket()[0] {
		t.Error("what cannot be compressed has a copy")
	}
}

// FuzzForms renders anything in every form, and reads it back.
func FuzzForms(f *testing.F) {
	f.Add("hello", []byte("attachment"), 1, false)
	f.Add(strings.Repeat("x", 2000), []byte{}, 1024, true)
	f.Add("", []byte(strings.Repeat("\x00", 70000)), 100, false)
	f.Fuzz(func(t *testing.T, text string, attachment []byte, threshold int, base64 bool) {
		m := build(text, string(attachment))
		form := Form{Base64: base64, Deflate: max(threshold, 0)}
		got := readFrames(t, m.WebSocketAs(form))
		want := []wireFrame{{1, got[0].compressed, "4" + text}, {2, got[1].compressed, string(attachment)}}
		if base64 {
			want[1] = wireFrame{1, got[1].compressed, string(appendBase64(nil, attachment))}
		}
		if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Fatalf("%+v: got %+v, want %+v", form, got, want)
		}
		for _, f := range got {
			if f.compressed && (threshold <= 0 || len(f.payload) < threshold) {
				t.Fatalf("%+v: %d bytes were compressed", form, len(f.payload))
			}
		}
	})
}
