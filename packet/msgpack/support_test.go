package msgpack

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// testEvent is the header of the event "e".
var testEvent = packet.Header{Type: packet.Event, Namespace: packet.MainNamespace, Event: "e"}

// bin are the bytes that a string of hexadecimal digits and spaces stands for.
func bin(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// encodeBy returns the messages that a codec makes of a packet.
func encodeBy(codec packet.Codec, h packet.Header, args ...any) ([]frame.Packet, error) {
	var b frame.Builder
	if err := codec.Encode(&b, h, args); err != nil {
		return nil, err
	}
	var out []frame.Packet
	payload, more := b.Message().AppendPolling(nil), true
	for more {
		var text []byte
		text, payload, more = frame.SplitPayload(payload)
		p, err := frame.ParsePacket(text)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func encode(h packet.Header, args ...any) ([]byte, error) {
	messages, err := encodeBy(Codec, h, args...)
	if err != nil {
		return nil, err
	}
	return messages[0].Data, nil
}

func mustEncode(t testing.TB, h packet.Header, args ...any) []byte {
	t.Helper()
	b, err := encode(h, args...)
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	return b
}

func decode(data []byte) (packet.Packet, error) {
	p, _, err := Codec.NewDecoder(packet.Limits{}).Binary(data)
	return p, err
}

func mustDecode(t testing.TB, data []byte) packet.Packet {
	t.Helper()
	p, err := decode(data)
	if err != nil {
		t.Fatalf("decode %x: %v", data, err)
	}
	return p
}

// through sends arguments of an event through a codec.
func through(t testing.TB, codec packet.Codec, args ...any) packet.Args {
	t.Helper()
	messages, err := encodeBy(codec, testEvent, args...)
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	d := codec.NewDecoder(packet.Limits{MaxAttachments: -1})
	for i, m := range messages {
		feed := d.Text
		if m.Binary {
			feed = d.Binary
		}
		p, complete, err := feed(m.Data)
		if err != nil || complete != (i == len(messages)-1) {
			t.Fatalf("message %d of %d: complete %v, %v", i, len(messages), complete, err)
		}
		if complete {
			return p.Args
		}
	}
	return packet.Args{}
}

// arg is the message of the event "e" with one argument, given in hexadecimal.
func arg(t testing.TB, hex string) []byte {
	t.Helper()
	return bin(t, "83 a474797065 02 a36e7370 a12f a464617461 92 a165"+hex)
}
