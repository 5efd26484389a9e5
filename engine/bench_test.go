package engine

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkQueue queues messages, lends them to a WebSocket, and takes them back as
// written.
func BenchmarkQueue(b *testing.B) {
	it := item{msg: textMessage(strings.Repeat("x", 64))}
	for _, n := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("messages=%d", n), func(b *testing.B) {
			m := newMachine(testConf, revision4, onWebSocket, 1)
			b.ReportAllocs()
			for b.Loop() {
				for range n {
					m.step(event{kind: evSend, item: it}, 0)
				}
				lent := m.step(event{kind: evFlush}, 0).ws
				if len(lent) != n {
					b.Fatalf("%d messages are lent, want %d", len(lent), n)
				}
				m.step(event{kind: evWritten, spare: lent}, 0)
			}
		})
	}
}

// BenchmarkBatch makes the pieces that are written of messages, without writing.
func BenchmarkBatch(b *testing.B) {
	for name, text := range map[string]string{"64": strings.Repeat("x", 64), "16K": strings.Repeat("x", 16<<10)} {
		for _, n := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("bytes=%s/messages=%d", name, n), func(b *testing.B) {
				items := make([]item, n)
				for i := range items {
					items[i] = item{msg: textMessage(text)}
				}
				c := &wsConn{raw: new(rawConn)} // so that it takes several pieces at once
				b.ReportAllocs()
				for b.Loop() {
					batch := c.newBatch(items)
					for batch.fill() {
						for _, p := range batch.left {
							batch.wrote(len(p))
						}
					}
					batch.done()
				}
			})
		}
	}
}
