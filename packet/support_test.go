package packet

import (
	"testing"

	"github.com/go-socketio/socketio/engine/frame"
)

// messages is a packet on the wire: the text, without the type digit of Engine.IO,
// and the attachments.
type messages struct {
	text        string
	attachments []string
}

// wire builds messages.
func wire(text string, attachments ...string) messages { return messages{text, attachments} }

// encode returns what the JSON codec makes of a packet.
func encode(h Header, args ...any) (messages, error) {
	var b frame.Builder
	if err := JSON.Encode(&b, h, args); err != nil {
		return messages{}, err
	}
	var out messages
	payload, more := b.Message().AppendPolling(nil), true
	for first := true; more; first = false {
		var text []byte
		text, payload, more = frame.SplitPayload(payload)
		p, err := frame.ParsePacket(text)
		if err != nil {
			return messages{}, err
		}
		if first {
			out.text = string(p.Data)
		} else {
			out.attachments = append(out.attachments, string(p.Data))
		}
	}
	return out, nil
}

func mustEncode(t testing.TB, h Header, args ...any) messages {
	t.Helper()
	m, err := encode(h, args...)
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	return m
}

// decode feeds m to d, and fails unless exactly the last message completes a packet.
func (m messages) decode(d Decoder) (Packet, error) {
	p, complete, err := d.Text([]byte(m.text))
	for _, a := range m.attachments {
		if err != nil {
			return Packet{}, err
		}
		if complete {
			return Packet{}, errEarly
		}
		p, complete, err = d.Binary([]byte(a))
	}
	if err == nil && !complete {
		return Packet{}, errIncomplete
	}
	return p, err
}

func mustDecode(t testing.TB, m messages) Packet {
	t.Helper()
	p, err := m.decode(JSON.NewDecoder(Limits{}))
	if err != nil {
		t.Fatalf("decode %q: %v", m.text, err)
	}
	return p
}

type testError string

func (e testError) Error() string { return string(e) }

const (
	errEarly      testError = "the packet was complete before its last attachment"
	errIncomplete testError = "the packet is still incomplete"
)

// event is the header of the event "e".
var event = Header{Type: Event, Namespace: MainNamespace, Event: "e"}
