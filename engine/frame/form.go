package frame

import "slices"

// Form is how one WebSocket connection wants its messages. The zero value is the
// plain form of Engine.IO protocol 4. A form of a message is made when it is first
// asked for, and then shared like the message.
type Form struct {
	// Revision3 is for clients of protocol 3: binary messages begin with the packet
	// type.
	Revision3 bool
	// Base64 sends binary messages as text, 'b' and base64, to clients that cannot
	// receive binary frames.
	Base64 bool
	// Deflate is the smallest payload of a frame, in bytes, that is compressed, if
	// that makes it shorter (permessage-deflate, RFC 7692, without context
	// takeover). 0 compresses nothing.
	Deflate int
}

// rendition is a message in one form. Those of a message are a list, to which is
// only added.
type rendition struct {
	form Form
	wire []byte
	next *rendition
}

// WebSocketAs returns the message as complete, unmasked WebSocket frames in the
// given form. The caller must not change the bytes.
func (m *Message) WebSocketAs(f Form) []byte {
	if m.inPieces(&f) == nil && f == (Form{}) {
		return m.wire
	}
	head := m.renditions.Load()
	if r := head.find(f); r != nil {
		return r.wire
	}
	made := &rendition{form: f, wire: m.render(f)}
	for {
		made.next = head
		if m.renditions.CompareAndSwap(head, made) {
			return made.wire
		}
		// Somebody else was faster; perhaps with the same form.
		head = m.renditions.Load()
		if r := head.find(f); r != nil {
			return r.wire
		}
	}
}

// AppendPieces appends the message as [Message.WebSocketAs] returns it, but in the
// pieces that it has in memory, to be written one after the other. The caller must
// not change the bytes.
func (m *Message) AppendPieces(dst [][]byte, f Form) [][]byte {
	large := m.inPieces(&f)
	if large == nil {
		return append(dst, m.WebSocketAs(f))
	}
	at := 0
	for _, in := range large.list {
		dst = append(dst, m.wire[at:in.at], in.bytes)
		at = in.at
	}
	if at < len(m.wire) {
		dst = append(dst, m.wire[at:])
	}
	return dst
}

// inPieces reduces f, and returns the inserts if the message is in pieces in that
// form.
func (m *Message) inPieces(f *Form) *inserts {
	if *f != (Form{}) {
		*f = m.reduce(*f)
	}
	if *f != (Form{}) {
		return nil
	}
	return m.large
}

func (r *rendition) find(f Form) *rendition {
	for r != nil && r.form != f {
		r = r.next
	}
	return r
}

// reduce leaves out of f what makes no difference to the message.
func (m *Message) reduce(f Form) Form {
	binary, longest := false, 0
	for _, p := range m.parts() {
		binary = binary || p.binary
		longest = max(longest, payloadSize(m.size(p), p.binary, f))
	}
	if !binary {
		f.Base64, f.Revision3 = false, false
	}
	if longest < f.Deflate {
		f.Deflate = 0
	}
	return f
}

// parts yields the message's packets.
func (m *Message) parts() func(yield func(int, part) bool) {
	return func(yield func(int, part) bool) {
		if len(m.wire) == 0 || !yield(0, m.first) {
			return
		}
		for i, p := range m.more {
			if !yield(i+1, p) {
				return
			}
		}
	}
}

// payloadSize is how long the payload of a packet's frame is in the given form, if it
// has n bytes.
func payloadSize(n int, binary bool, f Form) int {
	if !binary {
		return n
	}
	if f.Base64 {
		n = base64Size(n)
	}
	if f.Revision3 {
		n++
	}
	return n
}

// appendPayload appends the payload of a packet's frame in the given form.
func (m *Message) appendPayload(dst []byte, p part, f Form) []byte {
	switch {
	case !p.binary:
	case f.Base64 && f.Revision3:
		return appendBase64of3(dst, m.payload(p))
	case f.Base64:
		return appendBase64(dst, m.payload(p))
	case f.Revision3:
		dst = append(dst, binaryMessage3)
	}
	return m.appendPart(dst, p)
}

// render makes the frames of the message in the given form.
func (m *Message) render(f Form) []byte {
	wire := make([]byte, 0, m.Size())
	var payload []byte
	compressed := false
	for _, p := range m.parts() {
		first := byte(finText)
		if p.binary && !f.Base64 {
			first = finBinary
		}
		payload = m.appendPayload(payload[:0], p, f)
		body := payload
		if f.Deflate > 0 && len(payload) >= f.Deflate {
			if short := deflate(payload); len(short) < len(payload) {
				first |= rsv1
				body, compressed = short, true
			}
		}
		wire = append(appendHeader(wire, first, len(body)), body...)
	}
	if f.Deflate > 0 && !compressed { // no need to have it twice
		f.Deflate = 0
		return m.WebSocketAs(f)
	}
	return slices.Clip(wire)
}
