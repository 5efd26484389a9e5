package engine

import (
	"sync"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// This file writes what the session lends to a WebSocket. The first attempt
// never blocks and is made by whoever sent; the rest is left to a flusher, a
// goroutine that lives until nothing is left.

const (
	// gatherSize is up to how many bytes several messages are copied together for
	// one write. A longer message is written from where it is.
	gatherSize = 16 << 10
)

var writeBuffers = sync.Pool{New: func() any { return new([gatherSize]byte) }}

// batch is what is left to write of lent items.
type batch struct {
	items []item
	next  int // the first item not taken into a chunk yet
	form  frame.Form
	buf   *[gatherSize]byte
}

// chunk returns the next bytes to write: one long message, or several short
// ones together. It is nil when everything was returned.
func (b *batch) chunk() []byte {
	var gathered []byte
	for b.next < len(b.items) {
		wire := b.wire(b.items[b.next])
		if gathered == nil && (b.next == len(b.items)-1 || len(wire) > gatherSize/2) {
			b.next++
			return wire
		}
		if len(gathered)+len(wire) > gatherSize {
			break
		}
		if gathered == nil {
			if b.buf == nil {
				b.buf = writeBuffers.Get().(*[gatherSize]byte)
			}
			gathered = b.buf[:0]
		}
		gathered = append(gathered, wire...)
		b.next++
	}
	return gathered
}

// wire returns an item's frames.
func (b *batch) wire(it item) []byte {
	form := b.form
	if it.noCompress {
		form.Deflate = 0
	}
	return it.msg.WebSocketAs(form)
}

func (b *batch) done() {
	if b.buf != nil {
		writeBuffers.Put(b.buf)
		b.buf = nil
	}
}

// tryWrite writes what it can without blocking. rest is what was begun but not
// finished; more is true when something is left, in rest or in b.
func (c *wsConn) tryWrite(b *batch) (rest []byte, more bool, err error) {
	if c.raw == nil {
		return nil, true, nil
	}
	for {
		p := b.chunk()
		if len(p) == 0 {
			return nil, false, nil
		}
		n, err := c.raw.tryWrite(p)
		if err != nil {
			return nil, false, err
		}
		if n < len(p) {
			return p[n:], true, nil
		}
	}
}

// write writes everything, and blocks for at most the given time.
func (c *wsConn) write(rest []byte, b *batch, limit time.Duration) error {
	c.conn.SetWriteDeadline(time.Now().Add(limit))
	if c.hurried.Load() {
		c.hurry()
	}
	for p := rest; ; {
		if len(p) > 0 {
			if _, err := c.conn.Write(p); err != nil {
				return err
			}
		}
		if p = b.chunk(); len(p) == 0 {
			c.conn.SetWriteDeadline(time.Time{})
			return nil
		}
	}
}
