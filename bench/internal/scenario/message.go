package scenario

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-socketio/socketio/bench/internal/wire"
)

// template is a message that is the same every time but for two numbers of ten digits:
// a sequence number, which shows lost, repeated and misplaced messages, and the number
// of the client or room that it belongs to, which shows misdirected ones. A third, of
// four digits, is the id of the acknowledgement, if there is one.
type template struct {
	frame        *wire.Frame
	opcode       wire.Opcode
	answer       []byte   // what has to come back
	sent, wanted position // where the numbers stand
}

// position is where the numbers stand in a text; -1 for one that is not there.
type position struct{ seq, owner, id int }

// The places of the numbers in the text of a template.
const (
	seqMark   = "SSSSSSSSSS"
	ownerMark = "OOOOOOOOOO"
	idMark    = "IIII"
)

// firstNumber makes every number ten digits long without a leading zero, which JSON
// does not have.
const firstNumber = 1_000_000_000

// ids are those of acknowledgements: four digits.
const firstID, ids = 1000, 9000

// newTemplate returns the template of a message and of the answer that it has to get;
// both have the marks above where the numbers belong.
func newTemplate(op wire.Opcode, message, answer string) *template {
	return &template{
		frame:  wire.NewFrame(op, []byte(message)),
		opcode: op,
		answer: []byte(answer),
		sent:   positions(message),
		wanted: positions(answer),
	}
}

func positions(text string) position {
	return position{strings.Index(text, seqMark), strings.Index(text, ownerMark), strings.Index(text, idMark)}
}

// message returns the frame with the given numbers, valid until the next call.
func (t *template) message(seq, owner int) *wire.Frame {
	var digits [10]byte
	patch := func(at, width, n int) {
		if at >= 0 {
			t.frame.Patch(at, decimal(digits[:width], n))
		}
	}
	patch(t.sent.seq, 10, firstNumber+seq)
	patch(t.sent.owner, 10, firstNumber+owner)
	patch(t.sent.id, 4, firstID+seq%ids)
	return t.frame
}

// want returns the answer with the given numbers, valid until the next call.
func (t *template) want(seq, owner int) []byte {
	patch := func(at, width, n int) {
		if at >= 0 {
			decimal(t.answer[at:at+width], n)
		}
	}
	patch(t.wanted.seq, 10, firstNumber+seq)
	patch(t.wanted.owner, 10, firstNumber+owner)
	patch(t.wanted.id, 4, firstID+seq%ids)
	return t.answer
}

// check reports whether payload is, byte by byte, the answer to the message with the
// given numbers.
func (t *template) check(op wire.Opcode, payload []byte, seq, owner int) error {
	want := t.want(seq, owner)
	if op == t.opcode && bytes.Equal(payload, want) {
		return nil
	}
	at := 0
	for at < min(len(payload), len(want)) && payload[at] == want[at] {
		at++
	}
	return fmt.Errorf("a wrong answer: opcode %d and %d bytes, want %d and %d; about byte %d %q, want %q",
		op, len(payload), t.opcode, len(want), at, around(payload, at), around(want, at))
}

// around returns what stands in text near position at.
func around(text []byte, at int) []byte { return text[max(0, at-20):min(len(text), at+60)] }

// decimal writes n into dst, whose width it must have.
func decimal(dst []byte, n int) []byte {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}

// text returns n characters with both numbers in them.
func text(n int) string {
	const words = "the quick brown fox jumps over the lazy dog and is not seen again before dawn, "
	head := seqMark + " " + ownerMark + " "
	return head + strings.Repeat(words, n/len(words)+1)[:n-len(head)]
}

// object returns the JSON object of the scenario "json", 128 bytes of text.
func object() string {
	head := `{"seq":` + seqMark + `,"client":` + ownerMark + `,"user":"ada","text":"`
	tail := `","tags":["blue","green"],"read":true}`
	return head + strings.Repeat("hello there ", 11)[:128-len(head)-len(tail)] + tail
}

// attachment returns n bytes that have all values, with both numbers in them.
func attachment(n int) string {
	b := []byte(seqMark + ownerMark)
	for i := 0; len(b) < n; i++ {
		b = append(b, byte(i))
	}
	return string(b)
}
