package engine

import (
	"bytes"
	"sync"

	"github.com/gobwas/ws"
)

// wsInput is what has come over a WebSocket and has not been handled yet. Only
// connections that have something to read at the moment have one: most have nothing,
// most of the time.
type wsInput struct {
	max      int64 // how long a message may be
	inflates bool  // it may be compressed

	buf        []byte // nil while more of a message is awaited, if that is possible without
	start, end int    // the unread part of buf
	stash      []byte // an incomplete frame while there is no buf
	err        error  // why nothing more was read

	message    []byte // the payload so far of a message that buf cannot hold
	opcode     ws.OpCode
	remaining  int // bytes still to come of the current frame of message
	mask       [4]byte
	maskPos    int
	fin        bool
	continued  bool // the current frame is not the message's first
	fragmented bool // and not its last
	compressed bool // the message is compressed
}

const (
	// readSize is the size of a pooled read buffer: what one read can bring.
	readSize = 64 << 10
	// trustSize is up to how many bytes of a message are made room for before they
	// have come.
	trustSize = 64 << 10
	// keptSize is the size of the buffer of a connection that needs one to wait, such
	// as one with TLS. Only frame headers, control frames and short messages go
	// through it; the rest of a long message is read to where it belongs.
	keptSize = 2 << 10
	// stashSize is the beginning of a frame for which no read buffer is held while the
	// rest is awaited.
	stashSize = 256
)

var wsInputs = sync.Pool{New: func() any { return new(wsInput) }}

// takeBuffer sees to it that there is input with a buffer to read into.
func (c *wsConn) takeBuffer() *wsInput {
	if c.in == nil {
		c.in = wsInputs.Get().(*wsInput)
		c.in.max, c.in.inflates = c.max, c.form.Deflate > 0
	}
	in := c.in
	if in.buf != nil {
		return in
	}
	if c.raw != nil {
		in.buf = readBuffers.get()[:]
	} else {
		in.buf = make([]byte, keptSize)
	}
	in.end = copy(in.buf, in.stash)
	in.stash = nil
	return in
}

// preload gives the connection bytes that were read from it already.
func (c *wsConn) preload(p []byte) {
	if len(p) == 0 {
		return
	}
	in := c.takeBuffer()
	if len(p) > len(in.buf) {
		in.buf = make([]byte, len(p))
	}
	in.end = copy(in.buf, p)
}

// dropBuffer parts with the read buffer if nothing is in it, or so little that it is
// better kept elsewhere, and with all of the input if nothing is left of it.
func (c *wsConn) dropBuffer() {
	in := c.in
	if in == nil {
		return
	}
	in.dropBuffer()
	if in.buf == nil && in.stash == nil && in.message == nil {
		*in = wsInput{}
		wsInputs.Put(in)
		c.in = nil
	}
}

func (in *wsInput) dropBuffer() {
	if left := in.end - in.start; left > 0 {
		if left > stashSize || len(in.buf) != readSize {
			return
		}
		in.stash = bytes.Clone(in.buf[in.start:in.end])
	}
	in.start, in.end = 0, 0
	switch len(in.buf) {
	case readSize:
		readBuffers.put((*[readSize]byte)(in.buf))
		in.buf = nil
	case keptSize:
	default: // made by preload
		in.buf = nil
	}
}

// forget drops what has come of a next message: it is of no interest any more.
func (c *wsConn) forget() {
	if in := c.in; in != nil {
		in.message, in.stash, in.start, in.end = nil, nil, 0, 0
		c.dropBuffer()
	}
}
