package engine

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/engine/frame"
)

// TestBatchInAnyPortions: whatever a connection takes at a time, what is written is the
// messages one after the other.
func TestBatchInAnyPortions(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	lengths := []int{0, 1, 100, gatherSize/maxPieces - 2, gatherSize / maxPieces, gatherSize / 2, gatherSize, 2 * gatherSize}
	for round := range 200 {
		form := frame.Form{Base64: r.IntN(4) == 0}
		var items []item
		var want []byte
		for range r.IntN(50) {
			m := inPieces(strings.Repeat(string(rune('a'+r.IntN(26))), lengths[r.IntN(len(lengths))]))
			items = append(items, item{msg: m})
			want = append(want, m.WebSocketAs(form)...)
		}
		c := &wsConn{form: form}
		if r.IntN(2) == 0 {
			c.raw = new(rawConn)
		}
		b := c.newBatch(items)
		var got []byte
		for b.fill() {
			if len(b.left) > b.limit {
				t.Fatalf("round %d: %d pieces at once, want at most %d", round, len(b.left), b.limit)
			}
			all := bytes.Join(b.left, nil)
			n := len(all) // usually everything is taken
			if r.IntN(3) == 0 {
				n = r.IntN(len(all) + 1)
			}
			got = append(got, all[:n]...)
			b.wrote(n)
		}
		b.done()
		if !bytes.Equal(got, want) {
			t.Fatalf("round %d: %d bytes were written, or wrong ones, want %d", round, len(got), len(want))
		}
	}
}

// TestBatchLetsGo: a batch that waits to be used again keeps no message in memory.
func TestBatchLetsGo(t *testing.T) {
	long := inPieces(strings.Repeat("x", 5*gatherSize))
	c := &wsConn{raw: new(rawConn)}
	for name, items := range map[string][]item{
		"everything is written": {{msg: long}, {msg: textMessage("short")}},
		"in the middle":         {{msg: textMessage("short")}, {msg: long}},
	} {
		b := c.newBatch(items)
		b.fill()
		if name == "everything is written" {
			for b.fill() {
				b.wrote(len(b.left[0]))
			}
		}
		b.done()
		for _, p := range append(b.parts[:cap(b.parts)], b.pieces[:cap(b.pieces)]...) {
			if p != nil {
				t.Errorf("%s: %d bytes are kept", name, len(p))
			}
		}
		if b.items != nil || b.left != nil {
			t.Errorf("%s: %d items and %d pieces are kept", name, len(b.items), len(b.left))
		}
	}
}

// TestLoneMessageNeedsNoBuffer: many connections may be stuck in one for long.
func TestLoneMessageNeedsNoBuffer(t *testing.T) {
	for _, raw := range []*rawConn{nil, new(rawConn)} {
		b := (&wsConn{raw: raw}).newBatch([]item{{msg: textMessage("alone")}})
		if !b.fill() || b.buf != nil {
			t.Errorf("%d pieces, and a buffer: %v", len(b.left), b.buf != nil)
		}
		b.done()
	}
}
