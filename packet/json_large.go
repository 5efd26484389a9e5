package packet

import (
	"unicode/utf8"

	"github.com/go-socketio/socketio/engine/frame"
)

// This file keeps large arguments from being copied. Go's strings and what was
// received never change, so the message can refer to them; a []byte of the
// application's may change as soon as Emit has returned.

// large is what the text of a packet refers to.
type large []reference

// reference is text that belongs in front of the byte at an index.
type reference struct {
	at   int
	text []byte
}

// move is told that the text behind the packet's type has moved by n bytes.
func (l large) move(n int) {
	for i := range l {
		l[i].at += n
	}
}

// refer gives the references to b.
func (l large) refer(b *frame.Builder) {
	for _, r := range l {
		b.Refer(r.at, r.text)
	}
}

// byteAt returns the byte at an index of dst, together with what is referred to; 0 at the
// end.
func (e *jsonEncoder) byteAt(dst []byte, i int) byte {
	switch {
	case len(e.large) > 0 && e.large[0].at == i:
		return e.large[0].text[0]
	case i < len(dst):
		return dst[i]
	default:
		return 0
	}
}

// appendTopLevelString appends an argument that is a string.
func (e *jsonEncoder) appendTopLevelString(dst []byte, s string) []byte {
	if len(s) < frame.Large || !isPlain(s) {
		return appendString(dst, s)
	}
	dst = append(dst, '"')
	e.large = append(e.large, reference{len(dst), aliasBytes(s)})
	return append(dst, '"')
}

// isPlain reports whether s is JSON text between two quotes.
func isPlain(s string) bool {
	text := scanner{text: aliasBytes(s)}
	text.plainText()
	return text.pos == len(s) && (!text.nonASCII() || utf8.ValidString(s))
}

// fillTheirText reports whether the arguments make up at least half of what a reference
// to one of them keeps in memory. White space may be the rest, which no queue that the
// message waits in counts.
func (a *Args) fillTheirText() bool {
	size := 0
	for i := range a.n {
		size += len(a.at(i).of(a.text))
	}
	return size >= cap(a.text)/2
}

// appendReceived appends an argument that was received without attachments. What
// may look like a placeholder is copied, because checkBinary has to see it.
func (e *jsonEncoder) appendReceived(dst []byte, s span, text []byte, mayRefer bool) []byte {
	json := s.of(text)
	if !mayRefer || len(json) < frame.Large || !s.plain() && mayHoldPlaceholder(json) {
		return append(dst, json...)
	}
	e.large = append(e.large, reference{len(dst), json})
	return dst
}

// addReceived adds attachments that were received.
func (e *jsonEncoder) addReceived(attachments [][]byte) {
	from := len(e.attachments)
	e.attachments = append(e.attachments, attachments...)
	for i, b := range attachments {
		if len(b) >= frame.Large {
			if e.received == nil {
				e.received = make(map[int]bool)
			}
			e.received[from+i] = true
		}
	}
}

// addAttachments gives all attachments to b.
func (e *jsonEncoder) addAttachments(b *frame.Builder) {
	for i, attachment := range e.attachments {
		if e.received[i] {
			b.ReferBinary(attachment)
		} else {
			b.Binary(attachment)
		}
	}
}
