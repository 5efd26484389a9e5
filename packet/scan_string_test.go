package packet

import (
	"bytes"
	"strings"
	"testing"
)

// plainTextByBytes is what plainText does, one byte at a time.
func plainTextByBytes(text []byte, pos int) (end int, nonASCII bool) {
	for pos < len(text) && text[pos] != '"' && text[pos] != '\\' && text[pos] >= 0x20 {
		nonASCII = nonASCII || text[pos] >= 0x80
		pos++
	}
	return pos, nonASCII
}

func checkPlainText(t *testing.T, text []byte, pos int) {
	t.Helper()
	s := scanner{text: text, pos: pos}
	s.plainText()
	end, nonASCII := plainTextByBytes(text, pos)
	if s.pos != end {
		t.Fatalf("stopped at %d, want %d, in %d bytes from %d", s.pos, end, len(text), pos)
	}
	if nonASCII && !s.nonASCII() {
		t.Fatalf("missed a byte that is not ASCII in %d bytes from %d", len(text), pos)
	}
}

// TestPlainTextAtBorders puts one special byte, and then another one, around every place
// where the way to search changes.
func TestPlainTextAtBorders(t *testing.T) {
	var places []int
	for _, border := range []int{0, 8, shortText, shortText + 32, shortText + window, shortText + 2*window} {
		for d := -9; d <= 9; d++ {
			if border+d >= 0 {
				places = append(places, border+d)
			}
		}
	}
	for _, size := range []int{shortText + 1, shortText + window, shortText + 2*window + 40} {
		text := bytes.Repeat([]byte("x"), size)
		for _, c := range []byte{'"', '\\', 0, 0x1f, 0x20, 0x7f, 0x80, 0xff} {
			for _, i := range places {
				if i >= size {
					continue
				}
				text[i] = c
				for _, pos := range []int{0, 1, 7} {
					checkPlainText(t, text, pos)
				}
				for _, next := range []byte{'"', '\\', 0x1f, 0x20, '!'} { // a borrow must not reach it
					if i+1 < size {
						text[i+1] = next
						checkPlainText(t, text, 0)
						text[i+1] = 'x'
					}
				}
				text[i] = 'x'
			}
		}
	}
}

// FuzzPlainText compares the search with the simple one, in texts that are longer than
// one window.
func FuzzPlainText(f *testing.F) {
	f.Add([]byte("a\"b\\c\x1f\x80"), uint16(100), uint8(3))
	f.Add([]byte("\x00\x20\x7f!"), uint16(1000), uint8(0))
	f.Fuzz(func(t *testing.T, special []byte, gap uint16, pos uint8) {
		if len(special) > 64 {
			special = special[:64]
		}
		var text []byte
		for i, c := range special {
			text = append(text, strings.Repeat("x", int(gap)*(i+1)%3000)...)
			text = append(text, c)
		}
		text = append(text, strings.Repeat("x", int(gap)%3000)...)
		for at := min(int(pos), len(text)); ; {
			checkPlainText(t, text, at)
			end, _ := plainTextByBytes(text, at)
			if at = end + 1; at > len(text) {
				return
			}
		}
	})
}

// FuzzPlaceholders compares the short ways to look for placeholders with the walk.
func FuzzPlaceholders(f *testing.F) {
	f.Add(`{"_placeholder":true,"num":0}`)
	f.Add(`[{"_placeholder":true,"num":1},{"x":{"_placeholder":true,"num":0}},"_placeholder","{"]`)
	f.Add(`{"{":{"_placeholder":true,"num":0},"_placeholder":false,"num":1}`)
	f.Add(`{"_placeholder":true,"num":0,"a":{"_placeholder":true,"num":0}}`)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := (Raw{JSON: []byte(text)}).check(depthCeiling); err != nil {
			return
		}
		const attachments = 3
		w := placeholderWalk{text: []byte(text), limit: attachments}
		_, err := w.value()
		count, ok := countUsualPlaceholders([]byte(text), attachments)
		if ok && (err != nil || count != w.count) {
			t.Fatalf("%d placeholders in %q, but the walk finds %d, %v", count, text, w.count, err)
		}
		if err == nil && w.count > 0 && !mayHoldPlaceholder([]byte(text)) {
			t.Fatalf("%q may hold a placeholder", text)
		}
	})
}
