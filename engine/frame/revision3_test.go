package frame

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestMessageInProtocol3(t *testing.T) {
	var b Builder
	b.Binary([]byte{1, 2, 3, 4})
	binary := b.Message()
	for _, c := range []struct {
		name                                 string
		m                                    *Message
		text, binary, webSocket, webSocket64 string
	}{
		{"text", build("hello"), "6:4hello", "\x00\x06\xff4hello", "\x81\x064hello", "\x81\x064hello"},
		{"not ASCII", build("€😀"), "4:4€😀", "\x00\x08\xff4€😀", "\x81\x084€😀", "\x81\x084€😀"},
		{"binary", binary, "10:b4AQIDBA==", "\x01\x05\xff\x04\x01\x02\x03\x04", "\x82\x05\x04\x01\x02\x03\x04", "\x81\x0ab4AQIDBA=="},
		{"attachments", build("x", "\x01", ""), "2:4x6:b4AQ==2:b4", "\x00\x02\xff4x\x01\x02\xff\x04\x01\x01\x01\xff\x04",
			"\x81\x024x\x82\x02\x04\x01\x82\x01\x04", "\x81\x024x\x81\x06b4AQ==\x81\x02b4"},
		{"ten bytes and more", build("012345678"), "10:4012345678", "\x00\x01\x00\xff4012345678", "\x81\x0a4012345678", "\x81\x0a4012345678"},
		{"control", Control(Close, ""), "1:1", "\x00\x01\xff1", "\x81\x011", "\x81\x011"},
		{"nothing", new(Builder).Message(), "", "", "", ""},
	} {
		for what, pair := range map[string][2]string{
			"text payload":        {string(c.m.AppendPolling3([]byte("6:before"))), "6:before" + c.text},
			"binary payload":      {string(c.m.AppendBinaryPolling3([]byte("before"))), "before" + c.binary},
			"WebSocket":           {string(c.m.WebSocketAs(Form{Revision3: true})), c.webSocket},
			"WebSocket in base64": {string(c.m.WebSocketAs(Form{Revision3: true, Base64: true})), c.webSocket64},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %s is %q, want %q", c.name, what, pair[0], pair[1])
			}
		}
		if got := c.m.HasBinary(); got != (c.name == "binary" || c.name == "attachments") {
			t.Errorf("%s: HasBinary() = %v", c.name, got)
		}
	}
	long := strings.Repeat("x", 5000)
	compressed := build("x", long).WebSocketAs(Form{Revision3: true, Deflate: 1024})
	if got := readFrames(t, compressed); len(got) != 2 || got[1] != (wireFrame{2, true, "\x04" + long}) {
		t.Errorf("compressed: %.40v", got)
	}
}

// split takes a payload apart until it ends or is broken.
func split(payload string, binary bool) (packets []string, err error) {
	rest := []byte(payload)
	for len(rest) > 0 {
		var p []byte
		if binary {
			p, rest, _, err = SplitBinaryPayload3(rest)
		} else {
			p, rest, err = SplitPayload3(rest)
		}
		if err != nil {
			return packets, err
		}
		packets = append(packets, string(p))
	}
	return packets, nil
}

func TestSplitPayload3(t *testing.T) {
	for _, c := range []struct {
		payload string
		binary  bool
		want    string // packets, joined with |
		ok      bool
	}{
		{"6:4hello", false, "4hello", true},
		{"6:4test16:4test26:4test3", false, "4test1|4test2|4test3", true},
		{"0:", false, "", true},
		{"0:2:4x", false, "|4x", true},
		{"06:4hello", false, "4hello", true},
		{"5:4€😀x", false, "4€😀x", true},
		{"3:4€x9:", false, "4€x", false},
		{"2:4😀", false, "", false}, // half of a surrogate pair
		{"7:4hello", false, "", false},
		{":4", false, "", false},
		{"abc", false, "", false},
		{"4hello", false, "", false},
		{"1e1:4234567890", false, "", false},
		{"-1:4", false, "", false},
		{"+1:4", false, "", false},
		{"9999999999999999999:4", false, "", false},
		{"2:4x4", false, "4x", false},
		{"\x00\x06\xff4hello\x01\x02\xff\x04\x01", true, "4hello|\x04\x01", true},
		{"\x00\x01\x00\xff4234567890", true, "4234567890", true},
		{"\x00\x00\xff", true, "", true},
		{"\x00\x06\xff4hell", true, "", false},
		{"\x02\x01\xff4", true, "", false},
		{"\x00\xff4", true, "", false},
		{"\x00\x0a\xff4", true, "", false},
		{"\x00\x01", true, "", false},
		{"\x00", true, "", false},
		{"\x00" + strings.Repeat("\x09", 400) + "\xff", true, "", false},
	} {
		got, err := split(c.payload, c.binary)
		if joined := strings.Join(got, "|"); joined != c.want || (err == nil) != c.ok || err != nil && !errors.Is(err, ErrPacket) {
			t.Errorf("%q: %q, %v, want %q", c.payload, joined, err, c.want)
		}
	}
}

func TestParsePacket3(t *testing.T) {
	for _, c := range []struct {
		in     string
		binary bool
		want   Packet
		ok     bool
	}{
		{"4hello", false, Packet{Data, false, []byte("hello")}, true},
		{"2", false, Packet{Ping, false, nil}, true},
		{"b4AQID", false, Packet{Data, true, []byte{1, 2, 3}}, true},
		{"b4", false, Packet{Data, true, nil}, true},
		{"b2AQID", false, Packet{Ping, false, []byte{1, 2, 3}}, true},
		{"\x04\x01", true, Packet{Data, true, []byte{1}}, true},
		{"\x04", true, Packet{Data, true, nil}, true},
		{"\x02", true, Packet{Ping, false, nil}, true},
		{"", false, Packet{}, false},
		{"", true, Packet{}, false},
		{"b", false, Packet{}, false},
		{"b9AQID", false, Packet{}, false},
		{"bAQID", false, Packet{}, false},
		{"b4!", false, Packet{}, false},
		{"b4AQ\nID", false, Packet{}, false},
		{"9", false, Packet{}, false},
		{"4", true, Packet{}, false},
		{"\x07", true, Packet{}, false},
		{"\xd4", true, Packet{}, false},
	} {
		p, err := ParsePacket3([]byte(c.in), c.binary)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrPacket) {
			t.Errorf("%q: %v", c.in, err)
		}
		if p.Type != c.want.Type || p.Binary != c.want.Binary || !bytes.Equal(p.Data, c.want.Data) {
			t.Errorf("%q: %+v, want %+v", c.in, p, c.want)
		}
	}
}

// FuzzPayload3 splits anything, and splits what it builds into the same again.
func FuzzPayload3(f *testing.F) {
	for _, s := range []string{"6:4hello", "5:4€😀x", "0:", "2:4😀", "\x00\x06\xff4hello\x01\x02\xff\x04\x01", "9999999999:"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, binary := range []bool{false, true} {
			packets, err := split(string(in), binary)
			if err != nil && !errors.Is(err, ErrPacket) {
				t.Fatal(err)
			}
			for _, p := range packets {
				if _, err := ParsePacket3([]byte(p), binary); err != nil && !errors.Is(err, ErrPacket) {
					t.Fatal(err)
				}
			}
		}
		if !utf8.Valid(in) {
			return
		}
		if got, want := utf16Length(in), len(utf16.Encode([]rune(string(in)))); got != want {
			t.Fatalf("%q has the length %d, want %d", in, got, want)
		}
		m := build(string(in), string(in))
		for _, binary := range []bool{false, true} {
			payload := m.AppendPolling3(nil)
			if binary {
				payload = m.AppendBinaryPolling3(nil)
			}
			packets, err := split(string(payload), binary)
			if err != nil || len(packets) != 2 || packets[0] != "4"+string(in) {
				t.Fatalf("%q became %q, %v", in, packets, err)
			}
			if p, err := ParsePacket3([]byte(packets[1]), binary); err != nil || !p.Binary || !bytes.Equal(p.Data, in) {
				t.Fatalf("%q became %+v, %v", in, p, err)
			}
		}
	})
}
