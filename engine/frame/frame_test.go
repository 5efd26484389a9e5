package frame

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
)

func build(text string, attachments ...string) *Message {
	var b Builder
	b.BeginText()
	b.Buf = append(b.Buf, text...)
	b.EndText()
	for _, a := range attachments {
		b.Binary([]byte(a))
	}
	return b.Message()
}

func TestMessageOnTheWire(t *testing.T) {
	var binary, nothing Builder
	binary.Binary([]byte{1, 2, 3, 4})
	for _, c := range []struct {
		name               string
		m                  *Message
		wire, b64, polling string
	}{
		{"text", build("hi"), "\x81\x034hi", "\x81\x034hi", "4hi"},
		{"empty text", build(""), "\x81\x014", "\x81\x014", "4"},
		{"not ASCII", build("€"), "\x81\x044€", "\x81\x044€", "4€"},
		{"binary", binary.Message(), "\x82\x04\x01\x02\x03\x04", "\x81\x09bAQIDBA==", "bAQIDBA=="},
		{"attachments", build("x", "\x01", ""), "\x81\x024x\x82\x01\x01\x82\x00", "\x81\x024x\x81\x05bAQ==\x81\x01b", "4x\x1ebAQ==\x1eb"},
		{"nothing", nothing.Message(), "", "", ""},
		{"ping", Control(Ping, ""), "\x81\x012", "\x81\x012", "2"},
		{"pong", Control(Pong, "probe"), "\x81\x063probe", "\x81\x063probe", "3probe"},
	} {
		if got := string(c.m.WebSocket()); got != c.wire {
			t.Errorf("%s: WebSocket %q, want %q", c.name, got, c.wire)
		}
		for range 2 { // the second time it is remembered
			if got := string(c.m.WebSocketBase64()); got != c.b64 {
				t.Errorf("%s: WebSocketBase64 %q, want %q", c.name, got, c.b64)
			}
		}
		if got := string(c.m.AppendPolling(nil)); got != c.polling {
			t.Errorf("%s: polling %q, want %q", c.name, got, c.polling)
		}
		if c.polling != "" {
			if got := string(c.m.AppendPolling([]byte("6"))); got != "6\x1e"+c.polling {
				t.Errorf("%s: behind another %q", c.name, got)
			}
		}
		if c.m.Size() != len(c.wire) {
			t.Errorf("%s: size %d", c.name, c.m.Size())
		}
	}
	if got := string(WebSocketPong([]byte("ab")).WebSocket()); got != "\x8a\x02ab" {
		t.Errorf("WebSocketPong %q", got)
	}
}

func TestHeaderLengths(t *testing.T) {
	for n, header := range map[int]string{
		125:     "\x81\x7d",
		126:     "\x81\x7e\x00\x7e",
		65535:   "\x81\x7e\xff\xff",
		65536:   "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00",
		1000000: "\x81\x7f\x00\x00\x00\x00\x00\x0f\x42\x40",
	} {
		text := strings.Repeat("x", n-1)
		m := build(text, text)
		if want := header + "4" + text; !strings.HasPrefix(string(m.WebSocket()), want) {
			t.Errorf("%d bytes have the header %q", n, m.WebSocket()[:10])
		}
		if got := string(m.AppendPolling(nil)); !strings.HasPrefix(got, "4"+text+"\x1eb") {
			t.Errorf("%d bytes are wrong in a payload", n)
		}
	}
}

func TestBuilderKeepsWhatIsInBuf(t *testing.T) {
	b := Builder{Buf: make([]byte, 0, 100)}
	b.BeginText()
	b.Buf = append(b.Buf, "one"...)
	b.EndText()
	m := b.Message()
	if got := string(m.WebSocket()); got != "\x81\x044one" {
		t.Errorf("%q", got)
	}
}

func TestMessageIsSharedSafely(t *testing.T) {
	m := build("x", "attachment")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			m.WebSocket()
			m.WebSocketBase64()
			m.AppendPolling(nil)
		})
	}
	all.Wait()
}

func TestParsePacket(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Packet
		ok   bool
	}{
		{"4hello", Packet{Data, false, []byte("hello")}, true},
		{"4", Packet{Data, false, nil}, true},
		{"2probe", Packet{Ping, false, []byte("probe")}, true},
		{"6", Packet{Noop, false, nil}, true},
		{"bAQID", Packet{Data, true, []byte{1, 2, 3}}, true},
		{"b", Packet{Data, true, nil}, true},
		{"", Packet{}, false},
		{"7", Packet{}, false},
		{"/", Packet{}, false},
		{"b!", Packet{}, false},
		{"bA", Packet{}, false},
		{"b\nAQID", Packet{}, false}, // encoding/base64 would ignore the end of a line
		{"bAQ\r\nID", Packet{}, false},
		{"bAQ==\r", Packet{}, false},
		{"b\n\n\n\n", Packet{}, false},
	} {
		p, err := ParsePacket([]byte(c.in))
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrPacket) {
			t.Errorf("%q: %v", c.in, err)
		}
		if p.Type != c.want.Type || p.Binary != c.want.Binary || !bytes.Equal(p.Data, c.want.Data) {
			t.Errorf("%q: %+v, want %+v", c.in, p, c.want)
		}
	}
}

// FuzzParsePacket parses anything, and builds again what was parsed.
func FuzzParsePacket(f *testing.F) {
	for _, s := range []string{"4hello", "bAQID", "2probe", "", "9", "b=", "b\nAQID"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := ParsePacket(in)
		if err != nil {
			if !errors.Is(err, ErrPacket) || p.Data != nil {
				t.Fatalf("%+v, %v", p, err)
			}
			return
		}
		if !p.Type.Valid() || p.Binary && p.Type != Data {
			t.Fatalf("%+v", p)
		}
		m := Control(p.Type, string(p.Data))
		if p.Binary {
			var b Builder
			b.Binary(p.Data)
			m = b.Message()
		}
		again, err := ParsePacket(m.AppendPolling(nil))
		if err != nil || again.Type != p.Type || again.Binary != p.Binary || !bytes.Equal(again.Data, p.Data) {
			t.Fatalf("%+v became %+v, %v", p, again, err)
		}
	})
}

// FuzzSplitPayload takes a payload apart and joins it again.
func FuzzSplitPayload(f *testing.F) {
	for _, s := range []string{"", "4a", "4a\x1e4b", "\x1e", "4a\x1e\x1e4b\x1e"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var packets [][]byte
		rest, more := in, true
		for more {
			var p []byte
			p, rest, more = SplitPayload(rest)
			packets = append(packets, p)
			if bytes.IndexByte(p, Separator) >= 0 || len(packets) > len(in)+1 {
				t.Fatalf("%q was split into %q", in, packets)
			}
		}
		if joined := bytes.Join(packets, []byte{Separator}); !bytes.Equal(joined, in) {
			t.Fatalf("%q became %q", in, joined)
		}
	})
}
