package packet

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// This file finds the end of strings. Short ones are looked at eight bytes at a time;
// in long ones the standard library finds single bytes many times faster.

const (
	everyByte = 0x0101010101010101
	highBits  = 0x80 * everyByte
)

const (
	// shortText is how much of a string is looked at before it counts as long.
	shortText = 192
	// window is how far ahead one search looks. Without it a text with many escapes
	// would be searched to its end again after each of them.
	window = 1 << 10
)

// plainText skips to the next quote, backslash or control character.
func (s *scanner) plainText() {
	if s.plainWords(min(len(s.text), s.pos+shortText)) {
		return
	}
	for s.pos < len(s.text) && !s.plainWindow(min(len(s.text), s.pos+window)) {
	}
}

// plainWindow is plainText up to end, and reports whether it has stopped before.
func (s *scanner) plainWindow(end int) (stopped bool) {
	ahead := s.text[s.pos:end]
	if i := bytes.IndexByte(ahead, '"'); i >= 0 {
		ahead = ahead[:i]
	}
	if i := bytes.IndexByte(ahead, '\\'); i >= 0 {
		ahead = ahead[:i]
	}
	if seen, control := lookForControl(ahead); !control {
		s.pos += len(ahead)
		s.bytes |= seen
		return s.pos < end
	}
	return s.plainWords(end)
}

// lookForControl reports whether text has a control character, and returns its bytes
// or-ed together.
func lookForControl(text []byte) (seen uint64, control bool) {
	var low uint64
	for len(text) >= 32 {
		a, b := binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[8:])
		c, d := binary.LittleEndian.Uint64(text[16:]), binary.LittleEndian.Uint64(text[24:])
		// A borrow from one byte to the next only happens if the first one is such a
		// character.
		low |= (a-0x20*everyByte)&^a | (b-0x20*everyByte)&^b | (c-0x20*everyByte)&^c | (d-0x20*everyByte)&^d
		seen |= a | b | c | d
		text = text[32:]
	}
	for _, c := range text {
		seen |= uint64(c)
		if c < 0x20 {
			return seen, true
		}
	}
	return seen, low&highBits != 0
}

// plainWords is plainText up to end, eight bytes at a time, and reports whether it has
// stopped before.
func (s *scanner) plainWords(end int) (stopped bool) {
	text, pos, seen := s.text[:end], s.pos, s.bytes
	for len(text)-pos >= 8 {
		w := binary.LittleEndian.Uint64(text[pos:])
		// The lowest set high bit marks the first such byte. The subtractions
		// borrow from higher bytes only, so what is above it does not matter.
		stop := ((w - 0x20*everyByte) |
			((w ^ '"'*everyByte) - everyByte) |
			((w ^ '\\'*everyByte) - everyByte)) &^ w & highBits
		seen |= w
		if stop != 0 {
			s.pos, s.bytes = pos+bits.TrailingZeros64(stop)/8, seen
			return true
		}
		pos += 8
	}
	for pos < len(text) && !stopsPlainText(text[pos]) {
		seen |= uint64(text[pos])
		pos++
	}
	s.pos, s.bytes = pos, seen
	return pos < end
}

func stopsPlainText(c byte) bool { return c == '"' || c == '\\' || c < 0x20 }
