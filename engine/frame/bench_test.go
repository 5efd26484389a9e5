package frame

import (
	"bytes"
	"testing"
)

var benchText = bytes.Repeat([]byte("x"), 16<<10)

// benchMessages are built as the codec does it: from a buffer of about the right size.
var benchMessages = []struct {
	name  string
	build func() *Message
}{
	{"text64", func() *Message { return textMessage(benchText[:64]) }},
	{"text16K", func() *Message { return textMessage(benchText) }},
	{"text16K referred to", func() *Message {
		b := Builder{Buf: make([]byte, 0, 64)}
		b.BeginText()
		b.Refer(len(b.Buf), benchText)
		b.EndText()
		return b.Message()
	}},
	{"text64 and binary1K", func() *Message {
		b := Builder{Buf: make([]byte, 0, 2<<10)}
		b.BeginText()
		b.Buf = append(b.Buf, benchText[:64]...)
		b.EndText()
		b.Binary(benchText[:1<<10])
		return b.Message()
	}},
}

func textMessage(text []byte) *Message {
	b := Builder{Buf: make([]byte, 0, len(text)+64)}
	b.BeginText()
	b.Buf = append(b.Buf, text...)
	b.EndText()
	return b.Message()
}

func BenchmarkBuild(b *testing.B) {
	for _, v := range benchMessages {
		b.Run(v.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.build()
			}
		})
	}
}

// BenchmarkForm makes a form of a message, which is done once for all who want it.
func BenchmarkForm(b *testing.B) {
	for form, f := range map[string]Form{
		"base64": {Base64: true}, "revision 3": {Revision3: true}, "compressed": {Deflate: 1},
	} {
		for _, v := range benchMessages {
			m := v.build()
			if m.reduce(f) != f {
				continue // it is sent as it is
			}
			b.Run(form+"/"+v.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					m.render(f)
				}
			})
		}
	}
}

// BenchmarkPieces is what each receiver of a message takes, when its form has been made.
func BenchmarkPieces(b *testing.B) {
	for form, f := range map[string]Form{"plain": {}, "base64": {Base64: true}} {
		for _, v := range benchMessages {
			b.Run(form+"/"+v.name, func(b *testing.B) {
				m := v.build()
				var pieces [][]byte
				b.ReportAllocs()
				for b.Loop() {
					pieces = m.AppendPieces(pieces[:0], f)
				}
			})
		}
	}
}

func BenchmarkPolling(b *testing.B) {
	for _, v := range benchMessages {
		b.Run(v.name, func(b *testing.B) {
			m := v.build()
			var payload []byte
			b.ReportAllocs()
			for b.Loop() {
				payload = m.AppendPolling(payload[:0])
			}
		})
	}
}
