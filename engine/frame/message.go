package frame

import (
	"encoding/base64"
	"encoding/binary"
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
	// wire holds the complete unmasked WebSocket frames, one after the other.
	// The payload of a text frame is also the packet's form in a polling payload.
	wire []byte
	// first is the packet that every message has; more are its attachments.
	first part
	more  []part
	// renditions are the other forms that were asked for.
	renditions atomic.Pointer[rendition]
}

// part is the payload of one frame within wire.
type part struct {
	start, end int
	binary     bool
}

// WebSocket returns the message as complete, unmasked WebSocket frames. The
// caller must not change the bytes.
func (m *Message) WebSocket() []byte { return m.wire }

// WebSocketBase64 returns the message as WebSocket frames in which binary messages
// are text, 'b' and base64, for clients that cannot receive binary frames. The
// caller must not change the bytes.
func (m *Message) WebSocketBase64() []byte {
	return m.WebSocketAs(Form{Base64: true})
}

// Size is what the message counts against the bound of an outgoing queue, in bytes.
func (m *Message) Size() int { return len(m.wire) }

// AppendPolling appends the message to a polling payload, with separators
// between packets and before the first one if dst is not empty.
func (m *Message) AppendPolling(dst []byte) []byte {
	for _, p := range m.parts() {
		dst = m.appendPart(dst, p)
	}
	return dst
}

func (m *Message) appendPart(dst []byte, p part) []byte {
	if len(dst) > 0 {
		dst = append(dst, Separator)
	}
	payload := m.wire[p.start:p.end]
	if !p.binary {
		return append(dst, payload...)
	}
	return appendBase64(dst, payload)
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

// Builder encodes a [Message]. Use it in this order: BeginText, append the text
// to Buf, EndText, then Binary for each attachment, then Message. The text may be
// left out. The zero value is ready to use. A Builder is not safe for concurrent use.
type Builder struct {
	// Buf is where text is appended to between BeginText and EndText. Nothing
	// that is already in it may be changed.
	Buf []byte

	textStart int
	skip      int // unused bytes before the first frame
	parts     []part
	first     part
	n         int
}

// BeginText starts a text message. The text that is appended to Buf is the message
// alone: the digit of the packet type is there already. At most one text message can
// be built, and it comes first.
func (b *Builder) BeginText() { b.begin(Data) }

func (b *Builder) begin(t Type) {
	// The length of the header depends on the length of the text, so the longest
	// is left free and the header is written right-aligned by EndText.
	b.Buf = append(b.Buf, make([]byte, maxHeader)...)
	b.textStart = len(b.Buf)
	b.Buf = append(b.Buf, byte(t))
}

// EndText completes the text message begun by BeginText.
func (b *Builder) EndText() {
	end := len(b.Buf)
	var header [maxHeader]byte
	h := appendHeader(header[:0], finText, end-b.textStart)
	b.skip = b.textStart - len(h)
	copy(b.Buf[b.skip:], h)
	b.add(part{b.textStart, end, false})
}

// Binary appends a binary message holding a copy of p.
func (b *Builder) Binary(p []byte) {
	b.Buf = appendHeader(b.Buf, finBinary, len(p))
	start := len(b.Buf)
	b.Buf = append(b.Buf, p...)
	b.add(part{start, len(b.Buf), true})
}

func (b *Builder) add(p part) {
	if b.n == 0 {
		b.first = p
	} else {
		b.parts = append(b.parts, p)
	}
	b.n++
}

// Message returns what was built. It takes over Buf: to build another message,
// use a new Builder. If nothing was built the message is empty and sends nothing.
func (b *Builder) Message() *Message {
	if b.n == 0 {
		return &Message{}
	}
	m := &Message{wire: b.Buf[b.skip:], first: b.first, more: b.parts}
	m.first.start -= b.skip
	m.first.end -= b.skip
	for i := range m.more {
		m.more[i].start -= b.skip
		m.more[i].end -= b.skip
	}
	return m
}

// appendHeader appends the header of an unmasked frame (RFC 6455, section 5.2).
func appendHeader(dst []byte, first byte, n int) []byte {
	switch {
	case n < 126:
		return append(dst, first, byte(n))
	case n <= 0xFFFF:
		return binary.BigEndian.AppendUint16(append(dst, first, 126), uint16(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, first, 127), uint64(n))
	}
}
