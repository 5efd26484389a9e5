package frame

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// This file holds what is different in Engine.IO protocol 3: polling payloads give
// the length of each packet instead of separating them, and a binary message
// carries its packet type.
//
//	text payload      6:4hello10:b4AQIDBA==
//	binary payload    00 06 ff "4hello" 01 05 ff 04 01 02 03 04
//
// Lengths in a text payload count UTF-16 units, those in a binary payload bytes.

// binaryMessage3 is what begins a binary message.
const binaryMessage3 = byte(Data - '0')

// payload3End follows the length in a binary payload.
const payload3End = 0xFF

// HasBinary reports whether the message has binary packets.
func (m *Message) HasBinary() bool { return m.first.binary || len(m.more) > 0 }

// AppendPolling3 appends the message to a text payload of protocol 3, binary
// packets in base64.
func (m *Message) AppendPolling3(dst []byte) []byte {
	for _, p := range m.parts() {
		payload := m.payload(p)
		if p.binary {
			dst = strconv.AppendInt(dst, int64(1+base64Size(len(payload))), 10)
			dst = appendBase64of3(append(dst, ':'), payload)
		} else {
			dst = strconv.AppendInt(dst, int64(utf16Length(payload)), 10)
			dst = append(append(dst, ':'), payload...)
		}
	}
	return dst
}

// AppendBinaryPolling3 appends the message to a binary payload of protocol 3. A
// payload must be binary as a whole if any of its packets is.
func (m *Message) AppendBinaryPolling3(dst []byte) []byte {
	for _, p := range m.parts() {
		payload := m.payload(p)
		if p.binary {
			dst = appendLength3(append(dst, 1), 1+len(payload))
			dst = append(dst, binaryMessage3)
		} else {
			dst = appendLength3(append(dst, 0), len(payload))
		}
		dst = append(dst, payload...)
	}
	return dst
}

// appendLength3 appends a decimal number, each digit as the byte with its value.
func appendLength3(dst []byte, n int) []byte {
	from := len(dst)
	dst = strconv.AppendInt(dst, int64(n), 10)
	for i := range dst[from:] {
		dst[from+i] -= '0'
	}
	return append(dst, payload3End)
}

// appendBase64of3 appends a binary message in its text form.
func appendBase64of3(dst, p []byte) []byte {
	return base64.StdEncoding.AppendEncode(append(dst, binaryPrefix, byte(Data)), p)
}

// utf16Length is how long text is as JavaScript counts.
func utf16Length(text []byte) (n int) {
	for len(text) > 0 {
		if text[0] < utf8.RuneSelf {
			n++
			text = text[1:]
			continue
		}
		r, size := utf8.DecodeRune(text)
		n++
		if r > 0xFFFF {
			n++
		}
		text = text[size:]
	}
	return n
}

// SplitPayload3 cuts the first packet off a text payload of protocol 3, which must
// not be empty. The packet may be empty, and then means nothing. Every error is an
// [ErrPacket].
func SplitPayload3(payload []byte) (packet, rest []byte, err error) {
	digits, rest, ok := bytes.Cut(payload, []byte{':'})
	n, err := parseLength3(digits, '0')
	if !ok || err != nil {
		return nil, nil, fmt.Errorf("%w: no length before it", ErrPacket)
	}
	end := 0
	for units := 0; units < n; {
		r, size := utf8.DecodeRune(rest[end:])
		if size == 0 {
			return nil, nil, fmt.Errorf("%w: it is shorter than its length says", ErrPacket)
		}
		units++
		if r > 0xFFFF {
			units++
		}
		if end += size; units > n {
			return nil, nil, fmt.Errorf("%w: its length cuts a character", ErrPacket)
		}
	}
	return rest[:end], rest[end:], nil
}

// SplitBinaryPayload3 cuts the first packet off a binary payload of protocol 3,
// which must not be empty. binary says how to parse the packet, which may be empty,
// and then means nothing. Every error is an [ErrPacket].
func SplitBinaryPayload3(payload []byte) (packet, rest []byte, binary bool, err error) {
	digits, rest, ok := bytes.Cut(payload[1:], []byte{payload3End})
	n, err := parseLength3(digits, 0)
	switch {
	case payload[0] > 1:
		return nil, nil, false, fmt.Errorf("%w: it is marked neither as text nor as binary", ErrPacket)
	case !ok || err != nil:
		return nil, nil, false, fmt.Errorf("%w: no length before it", ErrPacket)
	case n > len(rest):
		return nil, nil, false, fmt.Errorf("%w: it is shorter than its length says", ErrPacket)
	}
	return rest[:n], rest[n:], payload[0] == 1, nil
}

// parseLength3 parses a decimal number whose digits begin at zero.
func parseLength3(digits []byte, zero byte) (n int, err error) {
	if len(digits) == 0 || len(digits) > 9 {
		return 0, ErrPacket
	}
	for _, d := range digits {
		if d -= zero; d > 9 {
			return 0, ErrPacket
		}
		n = n*10 + int(d)
	}
	return n, nil
}

// ParsePacket3 parses one packet of protocol 3: of a polling payload, or a WebSocket
// message. Every error is an [ErrPacket].
func ParsePacket3(p []byte, binary bool) (Packet, error) {
	switch {
	case len(p) == 0:
		return Packet{}, fmt.Errorf("%w: it is empty", ErrPacket)
	case binary:
		return typed3(Type(p[0])+'0', p[1:])
	case p[0] != binaryPrefix:
		return ParsePacket(p)
	case len(p) == 1:
		return Packet{}, fmt.Errorf("%w: binary message without a type", ErrPacket)
	}
	t := Type(p[1])
	decoded, err := ParsePacket(append([]byte{binaryPrefix}, p[2:]...))
	if err != nil {
		return Packet{}, err
	}
	return typed3(t, decoded.Data)
}

// typed3 is a packet that came as binary. Only messages have data that is binary.
func typed3(t Type, data []byte) (Packet, error) {
	if !t.Valid() {
		return Packet{}, fmt.Errorf("%w: unknown type %q", ErrPacket, byte(t))
	}
	return Packet{Type: t, Binary: t == Data, Data: data}, nil
}
