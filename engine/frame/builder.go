package frame

import (
	"bytes"
	"encoding/binary"
)

// Builder encodes a [Message]. Use it in this order: BeginText, append the text
// to Buf, EndText, then Binary for each attachment, then Message. The text may be
// left out. The zero value is ready to use, and so is a Builder after Reset. It is not
// safe for concurrent use.
type Builder struct {
	// Buf is where text is appended to between BeginText and EndText. Nothing
	// that is already in it may be changed.
	Buf []byte

	textStart int
	skip      int // unused bytes before the first frame
	first     part
	more      []part
	n         int // of parts
	large     []insert
	referred  int // the bytes of large
}

// Reset makes b ready for another message, whatever has become of the last one. What
// only the building needs is used again, unless it has become large.
func (b *Builder) Reset() {
	const keep = 16
	if cap(b.more) > keep || cap(b.large) > keep {
		*b = Builder{}
		return
	}
	clear(b.large)
	*b = Builder{more: b.more[:0], large: b.large[:0]}
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

// Refer makes p part of the text without a copy, as if it stood in Buf in front of
// what is at the index now. It is worth it from about [Large] bytes. Calls come in
// the order of the text. p must never change again, not even after the message is sent.
func (b *Builder) Refer(at int, p []byte) {
	b.large = append(b.large, insert{at, p})
	b.referred += len(p)
}

// Large is from which size on bytes are better referred to than copied.
const Large = 2 << 10

// EndText completes the text message begun by BeginText.
func (b *Builder) EndText() {
	end := len(b.Buf)
	var header [maxHeader]byte
	h := appendHeader(header[:0], finText, end-b.textStart+b.referred)
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

// ReferBinary appends a binary message that is p itself, not a copy: see Refer.
func (b *Builder) ReferBinary(p []byte) {
	b.Buf = appendHeader(b.Buf, finBinary, len(p))
	b.Refer(len(b.Buf), p)
	b.add(part{len(b.Buf), len(b.Buf), true})
}

func (b *Builder) add(p part) {
	if b.n == 0 {
		b.first = p
	} else {
		b.more = append(b.more, p)
	}
	b.n++
}

// compound is a message that is not just one text, in one piece of memory unless it has
// several attachments or refers to several things.
type compound struct {
	Message
	more [1]part
	refs inserts
	list [1]insert
}

// Message returns what was built. It takes over Buf: to build another message,
// use a new Builder, or Reset. If nothing was built, or not by the rules, the message is
// empty and sends nothing.
func (b *Builder) Message() *Message {
	if b.n == 0 || !b.isSound() {
		return &Message{}
	}
	wire, first := b.Buf[b.skip:], b.first.moved(-b.skip)
	if b.n == 1 && len(b.large) == 0 {
		return &Message{wire: wire, first: first}
	}
	c := &compound{Message: Message{wire: wire, first: first}}
	c.Message.more = c.more[:0]
	for _, p := range b.more {
		c.Message.more = append(c.Message.more, p.moved(-b.skip))
	}
	if len(b.large) > 0 {
		c.refs = inserts{append(c.list[:0], b.large...), b.referred}
		for i := range c.refs.list {
			c.refs.list[i].at -= b.skip
		}
		c.large = &c.refs
	}
	return &c.Message
}

// isSound reports whether all parts are still in Buf, each reference stands in one of
// them, in order, and the frames are as long as their headers say. Whoever sends the
// message relies on it.
func (b *Builder) isSound() bool {
	end, large := b.skip, b.large
	for i := range b.n {
		p := b.first
		if i > 0 {
			p = b.more[i-1]
		}
		if p.start < end || p.end < p.start || p.end > len(b.Buf) {
			return false
		}
		at, size := p.start, p.end-p.start
		for ; len(large) > 0 && large[0].at <= p.end; large = large[1:] {
			if large[0].at < at {
				return false
			}
			at = large[0].at
			size += len(large[0].bytes)
		}
		var header [maxHeader]byte
		if !bytes.HasSuffix(b.Buf[end:p.start], appendHeader(header[:0], p.opcode(), size)) {
			return false
		}
		end = p.end
	}
	return len(large) == 0
}

// opcode is the first byte of the part's frame.
func (p part) opcode() byte {
	if p.binary {
		return finBinary
	}
	return finText
}

func (p part) moved(by int) part { return part{p.start + by, p.end + by, p.binary} }

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
