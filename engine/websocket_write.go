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
	// gatherSize is up to how many bytes of short pieces are copied together for one
	// write. A longer piece is written from where it is.
	gatherSize = 16 << 10
	// maxPieces is up to how many pieces are written at once, if the connection can
	// take more than one.
	maxPieces = 16
)

// batch is what is left to write of lent items.
type batch struct {
	items []item
	next  int // the first item that is not in parts or pieces yet
	form  frame.Form
	limit int // of pieces that are written at once

	parts  [][]byte // of one item
	part   int      // the first that is not in pieces yet
	pieces [][]byte // to be written next, of which left is not written yet
	left   [][]byte
	buf    *[gatherSize]byte // where short parts are copied to; nil until there is one
	copied int
	tail   bool // the last of pieces is the end of what was copied

	raw rawWrite
}

// batches are as many as are being written at a time.
var batches = sync.Pool{New: func() any { return new(batch) }}

// gatherBuffers are apart from batches, so that a connection that is stuck in a message
// of one piece does not keep one.
var gatherBuffers = sync.Pool{New: func() any { return new([gatherSize]byte) }}

// newBatch is what is to be written of items. End it with done.
func (c *wsConn) newBatch(items []item) *batch {
	b := batches.Get().(*batch)
	b.items, b.next, b.form, b.limit = items, 0, c.form, 1
	if c.raw != nil {
		b.limit = maxPieces
	}
	return b
}

func (b *batch) done() {
	clear(b.parts)
	clear(b.pieces)
	b.items, b.left, b.part, b.parts = nil, nil, 0, b.parts[:0]
	if b.buf != nil {
		gatherBuffers.Put(b.buf)
		b.buf = nil
	}
	batches.Put(b)
}

// fill sees to it that pieces are left to be written, and reports false if everything
// was written.
func (b *batch) fill() bool {
	if len(b.left) > 0 {
		return true
	}
	clear(b.pieces)
	b.pieces, b.copied, b.tail = b.pieces[:0], 0, false
	for b.take() && b.add(b.parts[b.part]) {
		b.part++
	}
	b.left = b.pieces
	return len(b.left) > 0
}

// take sees to it that there is a part that is not in pieces, and reports false at the
// end.
func (b *batch) take() bool {
	for b.part == len(b.parts) {
		if b.next == len(b.items) {
			return false
		}
		it := b.items[b.next]
		form := b.form
		if it.noCompress {
			form.Deflate = 0
		}
		clear(b.parts)
		b.parts, b.part = b.parts[:0], 0
		if b.limit > 1 {
			b.parts = it.msg.AppendPieces(b.parts, form)
		} else {
			b.parts = append(b.parts, it.msg.WebSocketAs(form))
		}
		b.next++
	}
	return true
}

// add adds a part to the pieces, unless there is no room for it.
func (b *batch) add(p []byte) bool {
	alone := len(b.pieces) == 0 && b.next == len(b.items) && b.part == len(b.parts)-1
	short := len(p) <= gatherSize/b.limit && len(p) <= gatherSize-b.copied && !alone
	if short && b.buf == nil {
		b.buf = gatherBuffers.Get().(*[gatherSize]byte)
	}
	switch {
	case short && b.tail:
		last := len(b.pieces) - 1
		start := b.copied - len(b.pieces[last])
		b.copied += copy(b.buf[b.copied:], p)
		b.pieces[last] = b.buf[start:b.copied]
	case len(b.pieces) == b.limit:
		return false
	case short:
		b.pieces = append(b.pieces, b.buf[b.copied:b.copied+copy(b.buf[b.copied:], p)])
		b.copied += len(p)
		b.tail = true
	default:
		b.pieces = append(b.pieces, p)
		b.tail = false
	}
	return true
}

// wrote is told that the first n bytes of what is left are written.
func (b *batch) wrote(n int) {
	for len(b.left) > 0 && n >= len(b.left[0]) {
		n -= len(b.left[0])
		b.left = b.left[1:]
	}
	if n > 0 {
		b.left[0] = b.left[0][n:]
	}
}

// tryWrite writes what it can without blocking, and reports whether something is left
// for which it would have to wait.
func (c *wsConn) tryWrite(b *batch) (blocked bool, err error) {
	if c.raw == nil {
		return true, nil
	}
	for b.fill() {
		n, err := c.raw.tryWrite(&b.raw, b.left)
		if err != nil {
			return false, err
		}
		if b.wrote(n); len(b.left) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// write writes everything, and blocks for at most the given time.
func (c *wsConn) write(b *batch, limit time.Duration) error {
	c.conn.SetWriteDeadline(time.Now().Add(limit))
	if c.hurried.Load() {
		c.hurry()
	}
	for b.fill() {
		n, err := c.conn.Write(b.left[0])
		if err != nil {
			return err
		}
		b.wrote(n)
	}
	c.conn.SetWriteDeadline(time.Time{})
	return nil
}
