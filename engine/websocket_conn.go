package engine

import (
	"bytes"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/engine/frame"
)

// wsConn is the server's end of one WebSocket. Reading and writing are
// independent of each other: one goroutine reads, and the session lends it
// messages to write one batch at a time.
type wsConn struct {
	conn net.Conn
	raw  *rawConn // non-blocking access to conn; nil where that is impossible

	// Read state; belongs to the reading goroutine.
	buf        []byte // nil while the connection is idle, if it can be waited on without
	start, end int    // the unread part of buf
	stash      []byte // an incomplete frame while there is no buf
	message    []byte // the payload so far of a message that buf cannot hold
	opcode     ws.OpCode
	remaining  int // bytes still to come of the current frame of message
	mask       [4]byte
	maskPos    int
	fin        bool
	continued  bool // the current frame is not the message's first
	fragmented bool // and not its last
	compressed bool // the message is compressed
	inflates   bool // the client may send compressed messages
	quiet      bool // after the first input, and a heartbeat: more is not expected soon
	max        int64

	form frame.Form // how messages are sent

	hurried    atomic.Bool // a write that is under way may not take long any more
	closing    sync.Once
	closeSent  atomic.Bool   // or at least tried
	peerClosed atomic.Bool   // the peer's close frame has come
	peerStatus ws.StatusCode // what it said, 0 for nothing; set before peerClosed
}

const (
	// readSize is the size of a pooled read buffer: what one read can bring. Only
	// connections that have something to read at the moment have one.
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
	// lingerTime is how long a connection that is being closed waits for the peer to
	// close, so that what was sent last is not destroyed by a reset.
	lingerTime = 5 * time.Second
	// hurryTime is how long a write may still take when the session has ended.
	hurryTime = time.Second
)

func newWSConn(conn net.Conn, max int64, form frame.Form) *wsConn {
	return &wsConn{conn: conn, raw: newRawConn(conn), max: max, form: form, inflates: form.Deflate > 0, quiet: true}
}

// preload gives the connection bytes that were read from it already.
func (c *wsConn) preload(p []byte) {
	if len(p) == 0 {
		return
	}
	c.takeBuffer()
	if len(p) > len(c.buf) {
		c.buf = make([]byte, len(p))
	}
	c.end = copy(c.buf, p)
}

func (c *wsConn) takeBuffer() {
	switch {
	case c.buf != nil:
	case c.raw != nil:
		c.buf = readBuffers.get()[:]
		c.end = copy(c.buf, c.stash)
		c.stash = nil
	default:
		c.buf = make([]byte, keptSize)
	}
}

// dropBuffer parts with the read buffer if nothing is in it, or so little that it is
// better kept elsewhere.
func (c *wsConn) dropBuffer() {
	if left := c.end - c.start; left > 0 {
		if left > stashSize || len(c.buf) != readSize {
			return
		}
		c.stash = bytes.Clone(c.buf[c.start:c.end])
	}
	c.start, c.end = 0, 0
	switch len(c.buf) {
	case readSize:
		readBuffers.put((*[readSize]byte)(c.buf))
		c.buf = nil
	case keptSize:
	default: // made by preload
		c.buf = nil
	}
}

// hurry bounds how long the write that is under way may still take.
func (c *wsConn) hurry() {
	c.hurried.Store(true)
	c.conn.SetWriteDeadline(time.Now().Add(hurryTime))
}

// giveUp makes the reading goroutine, which may be writing at the moment, close
// the connection.
func (c *wsConn) giveUp() {
	c.hurry()
	c.conn.SetReadDeadline(time.Unix(1, 0))
}

// givenUp reports whether err of a read is what giveUp has caused.
func (c *wsConn) givenUp(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) && c.hurried.Load() && !c.closeSent.Load()
}

// beginClose sends a close frame, and bounds how long the reading goroutine, which
// closes the connection in the end, goes on. Nobody else may be writing. Status 0
// sends no status; the close frame of a peer is answered with its own. If the
// connection is not fit for an orderly end it is closed.
func (c *wsConn) beginClose(status ws.StatusCode, orderly bool) {
	c.closing.Do(func() {
		if !orderly {
			c.conn.Close()
			return
		}
		if c.peerClosed.Load() {
			status = c.peerStatus
		}
		c.writeClose(status)
		c.closeSent.Store(true)
		patience := lingerTime
		if c.peerClosed.Load() { // perhaps only since the write
			patience = 0 // it waits for the connection to be closed
		}
		c.conn.SetReadDeadline(time.Now().Add(patience))
	})
}

func (c *wsConn) writeClose(status ws.StatusCode) {
	goodbye := []byte{0x88, 0}
	if status != 0 {
		goodbye = []byte{0x88, 2, byte(status >> 8), byte(status)}
	}
	if c.raw != nil {
		b := c.newBatch(nil)
		defer b.done()
		b.left = [][]byte{goodbye}
		c.tryWrite(b) // the peer learns it from the connection's end otherwise
		return
	}
	// Without non-blocking writes the peer has a moment to take two bytes.
	c.conn.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
	c.conn.Write(goodbye)
}

// exactTCP returns the raw access of a plain TCP connection. A type that embeds
// one may have its own Read and Write, which must not be bypassed.
func exactTCP(conn net.Conn) syscall.RawConn {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}
