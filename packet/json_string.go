package packet

import "unicode/utf8"

// appendString appends s as a JSON string with the fewest possible escapes. What
// is not valid UTF-8 becomes U+FFFD.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	// The scanner only looks at the bytes, as this function does.
	text := scanner{text: aliasBytes(s)}
	for start := 0; ; {
		text.plainText()
		dst = appendUTF8(dst, s[start:text.pos], text.nonASCII())
		if text.pos == len(s) {
			return append(dst, '"')
		}
		switch c := s[text.pos]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
		}
		text.pos++
		start = text.pos
	}
}

// appendUTF8 appends s, repaired if it is not valid UTF-8.
func appendUTF8(dst []byte, s string, mayBeInvalid bool) []byte {
	if !mayBeInvalid || utf8.ValidString(s) {
		return append(dst, s...)
	}
	for _, r := range s {
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}
