package frame

import (
	"encoding/base64"
	"sync/atomic"
)

// WebSocket opcodes with the FIN bit, as the first byte of a whole frame.
const (
	finText   = 0x81
	finBinary = 0x82
	finPong   = 0x8A
)

// maxHeader is the longest header of an unmasked WebSocket frame.
const maxHeader = 10

// Message is one or more Engine.IO packets, encoded and ready to send: usually a
// text message, followed by its binary attachments if it has any; or binary
// messages alone. It is built by a [Builder] or by [Control], does not change
// afterwards as far as anybody can see, and may be sent by any number of sessions at
// the same time.
type Message struct {
	// wire holds the complete unmasked WebSocket frames, one after the other, without
	// the bytes that large refers to. The payload of a text frame is also the packet's
	// form in a polling payload.
	wire []byte
	// large is nil if wire is everything.
	large *inserts
	// first is the packet that every message has; more are its attachments.
	first part
	more  []part
	// renditions are the other forms that were asked for.
	renditions atomic.Pointer[rendition]
}

// part is the payload of one frame within wire, to which come the inserts from start
// to end.
type part struct {
	start, end int
	binary     bool
}

// inserts are long parts of payloads that are sent from where they are.
type inserts struct {
	list []insert // in order
	size int      // of all together
}

// insert is what belongs in front of the byte at an index of wire. A binary payload
// is either one insert, or has none.
type insert struct {
	at    int
	bytes []byte
}

// WebSocket returns the message as complete, unmasked WebSocket frames. The
// caller must not change the bytes.
func (m *Message) WebSocket() []byte { return m.WebSocketAs(Form{}) }

// WebSocketBase64 returns the message as WebSocket frames in which binary messages
// are text, 'b' and base64, for clients that cannot receive binary frames. The
// caller must not change the bytes.
func (m *Message) WebSocketBase64() []byte {
	return m.WebSocketAs(Form{Base64: true})
}

// Size is what the message counts against the bound of an outgoing queue, in bytes. It is
// 0 for a message that sends nothing, and for nil.
func (m *Message) Size() int {
	switch {
	case m == nil:
		return 0
	case m.large != nil:
		return len(m.wire) + m.large.size
	}
	return len(m.wire)
}

// AppendPolling appends the message to a polling payload, with separators
// between packets and before the first one if dst is not empty.
func (m *Message) AppendPolling(dst []byte) []byte {
	for _, p := range m.parts() {
		if len(dst) > 0 {
			dst = append(dst, Separator)
		}
		if p.binary {
			dst = appendBase64(dst, m.payload(p))
		} else {
			dst = m.appendPart(dst, p)
		}
	}
	return dst
}

// insertsOf returns the inserts of a part.
func (m *Message) insertsOf(p part) []insert {
	if m.large == nil {
		return nil
	}
	from, list := 0, m.large.list
	for from < len(list) && list[from].at < p.start {
		from++
	}
	to := from
	for to < len(list) && list[to].at <= p.end {
		to++
	}
	return list[from:to]
}

// size is the length of a part's payload.
func (m *Message) size(p part) int {
	n := p.end - p.start
	for _, in := range m.insertsOf(p) {
		n += len(in.bytes)
	}
	return n
}

// appendPart appends a part's payload.
func (m *Message) appendPart(dst []byte, p part) []byte {
	at := p.start
	for _, in := range m.insertsOf(p) {
		dst = append(append(dst, m.wire[at:in.at]...), in.bytes...)
		at = in.at
	}
	return append(dst, m.wire[at:p.end]...)
}

// payload returns a part's payload. It is a copy only if text is referred to.
func (m *Message) payload(p part) []byte {
	list := m.insertsOf(p)
	switch {
	case len(list) == 0:
		return m.wire[p.start:p.end]
	case len(list) == 1 && p.start == p.end:
		return list[0].bytes
	default:
		return m.appendPart(make([]byte, 0, m.size(p)), p)
	}
}

// appendBase64 appends a binary message in its text form.
func appendBase64(dst, p []byte) []byte {
	return base64.StdEncoding.AppendEncode(append(dst, binaryPrefix), p)
}

// base64Size is the length of what appendBase64 appends.
func base64Size(n int) int { return 1 + base64.StdEncoding.EncodedLen(n) }

// Control returns a message that holds a single packet of type t with the given
// data, which may be empty.
func Control(t Type, data string) *Message {
	var b Builder
	b.begin(t)
	b.Buf = append(b.Buf, data...)
	b.EndText()
	return b.Message()
}

// WebSocketPong returns the answer to a WebSocket ping frame. It is no packet of
// Engine.IO, and means nothing on another transport. data is at most 125 bytes.
func WebSocketPong(data []byte) *Message {
	wire := append(appendHeader(nil, finPong, len(data)), data...)
	return &Message{wire: wire, first: part{start: len(wire), end: len(wire)}}
}
