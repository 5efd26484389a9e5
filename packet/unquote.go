package packet

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// unquote returns what is between the quotes of a checked JSON string. Halves of
// surrogate pairs become U+FFFD.
func unquote(quoted []byte) string {
	content := quoted[1 : len(quoted)-1]
	if !hasEscape(content) {
		return string(content)
	}
	// No escape is shorter than what it stands for.
	return aliasString(appendUnescaped(make([]byte, 0, len(content)), content))
}

func hasEscape(s []byte) bool { return bytes.IndexByte(s, '\\') >= 0 }

func appendUnescaped(dst, content []byte) []byte {
	for {
		i := bytes.IndexByte(content, '\\')
		if i < 0 {
			return append(dst, content...)
		}
		dst = append(dst, content[:i]...)
		c := content[i+1]
		content = content[i+2:]
		switch c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := hex4(content)
			content = content[4:]
			if utf16.IsSurrogate(r) {
				r, content = joinSurrogates(r, content)
			}
			dst = utf8.AppendRune(dst, r)
		default: // a quote, a backslash or a slash
			dst = append(dst, c)
		}
	}
}

// joinSurrogates returns the character whose first half is r, if rest begins
// with its second half, and what is left of rest.
func joinSurrogates(r rune, rest []byte) (rune, []byte) {
	if len(rest) >= 6 && rest[0] == '\\' && rest[1] == 'u' {
		if joined := utf16.DecodeRune(r, hex4(rest[2:])); joined != utf8.RuneError {
			return joined, rest[6:]
		}
	}
	return utf8.RuneError, rest
}

func hex4(b []byte) (r rune) {
	for _, c := range b[:4] {
		switch {
		case c <= '9':
			r = r<<4 | rune(c-'0')
		default:
			r = r<<4 | rune(c|0x20-'a'+10)
		}
	}
	return r
}

// aliasString returns a string that shares the memory of b. It may only be
// used for bytes that nobody changes any more: text that a decoder has taken over,
// or a buffer just made for the purpose.
func aliasString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// aliasBytes returns the bytes of s, which must not be written to.
func aliasBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
