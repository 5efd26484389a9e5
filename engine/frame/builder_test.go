package frame

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestReferredIsLikeCopied builds messages at random, once with copies and once with
// references, and compares them in every form.
func TestReferredIsLikeCopied(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	forms := []Form{{}, {Base64: true}, {Revision3: true}, {Revision3: true, Base64: true}, {Deflate: 30}, {Deflate: 1, Base64: true}}
	for round := range 500 {
		var copied, referred Builder
		text := r.IntN(4) > 0
		if text {
			copied.BeginText()
			referred.BeginText()
			for range r.IntN(5) {
				piece := strings.Repeat(string(rune('a'+r.IntN(26))), r.IntN(200))
				copied.Buf = append(copied.Buf, piece...)
				if r.IntN(2) == 0 {
					referred.Buf = append(referred.Buf, piece...)
				} else {
					referred.Refer(len(referred.Buf), []byte(piece))
				}
			}
			copied.EndText()
			referred.EndText()
		}
		for range r.IntN(4) {
			attachment := bytes.Repeat([]byte{byte(r.Uint32())}, r.IntN(200))
			copied.Binary(attachment)
			if r.IntN(2) == 0 {
				referred.Binary(attachment)
			} else {
				referred.ReferBinary(attachment)
			}
		}
		a, b := copied.Message(), referred.Message()
		if a.Size() != b.Size() {
			t.Fatalf("round %d: Size %d, want %d", round, b.Size(), a.Size())
		}
		for _, f := range forms {
			want := a.WebSocketAs(f)
			if got := bytes.Join(b.AppendPieces(nil, f), nil); !bytes.Equal(got, want) {
				t.Fatalf("round %d: %+v in pieces:\n%q, want\n%q", round, f, got, want)
			}
			if got := b.WebSocketAs(f); !bytes.Equal(got, want) {
				t.Fatalf("round %d: %+v:\n%q, want\n%q", round, f, got, want)
			}
		}
		for name, form := range map[string]func(*Message, []byte) []byte{
			"AppendPolling": (*Message).AppendPolling, "AppendPolling3": (*Message).AppendPolling3, "AppendBinaryPolling3": (*Message).AppendBinaryPolling3,
		} {
			if got, want := form(b, []byte("6")), form(a, []byte("6")); !bytes.Equal(got, want) {
				t.Fatalf("round %d: %s:\n%q, want\n%q", round, name, got, want)
			}
		}
	}
}

// TestReferredIsNotCopied: the plain form of a message has the very bytes.
func TestReferredIsNotCopied(t *testing.T) {
	large, attachment := bytes.Repeat([]byte("x"), Large), bytes.Repeat([]byte("y"), Large)
	var b Builder
	b.BeginText()
	b.Buf = append(b.Buf, '"')
	b.Refer(len(b.Buf), large)
	b.Buf = append(b.Buf, '"')
	b.EndText()
	b.ReferBinary(attachment)
	pieces := b.Message().AppendPieces(nil, Form{Deflate: 2 * Large})
	if len(pieces) != 4 || &pieces[1][0] != &large[0] || &pieces[3][0] != &attachment[0] {
		t.Errorf("%d pieces", len(pieces))
	}
}

// What is built after Reset is what a new Builder makes, and what was built before stays
// as it is.
func TestBuilderIsUsedAgain(t *testing.T) {
	long := bytes.Repeat([]byte("l"), Large)
	shapes := []func(b *Builder){
		func(b *Builder) { text(b, "short") },
		func(b *Builder) { text(b, "with one"); b.Binary([]byte("one")) },
		func(b *Builder) { text(b, "refers"); b.ReferBinary(long) },
		func(b *Builder) {
			b.BeginText()
			b.Buf = append(b.Buf, "<>"...)
			b.Refer(len(b.Buf)-1, long)
			b.EndText()
		},
		func(b *Builder) {
			text(b, "with many")
			for i := range 20 {
				b.Binary([]byte{byte(i)})
				b.ReferBinary(long[i:])
			}
		},
		func(b *Builder) { b.Binary([]byte("alone")) },
		func(b *Builder) { b.BeginText(); b.Buf = append(b.Buf, "never finished"...) },
		func(b *Builder) {},
	}
	var again Builder
	var got, want []*Message
	for i := range 3 * len(shapes) {
		shape := shapes[i*3%len(shapes)]
		var fresh Builder
		shape(&fresh)
		want = append(want, fresh.Message())
		again.Reset()
		for _, in := range again.large[:cap(again.large)] {
			if in.bytes != nil {
				t.Errorf("before message %d: %d bytes are kept", i, len(in.bytes))
			}
		}
		shape(&again)
		got = append(got, again.Message())
	}
	for i, m := range got {
		if m.Size() != want[i].Size() || !bytes.Equal(bytes.Join(m.AppendPieces(nil, Form{}), nil), bytes.Join(want[i].AppendPieces(nil, Form{}), nil)) ||
			!bytes.Equal(m.AppendPolling(nil), want[i].AppendPolling(nil)) {
			t.Errorf("message %d: %.60q, want %.60q", i, m.AppendPolling(nil), want[i].AppendPolling(nil))
		}
	}
}

func text(b *Builder, s string) {
	b.BeginText()
	b.Buf = append(b.Buf, s...)
	b.EndText()
}

// What was not built by the rules sends nothing: it would panic, or be no frames, when it
// is sent.
func TestMisuse(t *testing.T) {
	x := []byte("x")
	for name, build := range map[string]func(b *Builder){
		"text cut off":              func(b *Builder) { text(b, "hello"); b.Buf = b.Buf[:len(b.Buf)-1] },
		"attachment cut off":        func(b *Builder) { text(b, "hello"); b.Binary(x); b.Buf = b.Buf[:len(b.Buf)-1] },
		"reference to nowhere":      func(b *Builder) { b.BeginText(); b.Refer(1000, x); b.EndText() },
		"references out of order":   func(b *Builder) { b.BeginText(); b.Refer(len(b.Buf), x); b.Refer(len(b.Buf)-1, x); b.EndText() },
		"reference in a header":     func(b *Builder) { b.BeginText(); b.Refer(1, x); b.EndText() },
		"reference between packets": func(b *Builder) { text(b, "hello"); b.Refer(len(b.Buf)+1, x); b.Binary(x) },
		"reference after its text":  func(b *Builder) { text(b, "hello"); b.Refer(len(b.Buf), x) },
		"reference behind its text": func(b *Builder) { text(b, "hello"); b.Refer(len(b.Buf), x); b.Binary(x) },
		"text twice":                func(b *Builder) { text(b, "hello"); b.EndText() },
		"text begun, then another":  func(b *Builder) { b.BeginText(); b.Binary(x); b.EndText() },
	} {
		var b Builder
		build(&b)
		m := b.Message()
		if pieces := m.AppendPieces(nil, Form{}); m.Size() != 0 || len(bytes.Join(pieces, nil)) > 0 || len(m.AppendPolling(nil)) > 0 {
			t.Errorf("%s: %d bytes, %q", name, m.Size(), pieces)
		}
	}
}
