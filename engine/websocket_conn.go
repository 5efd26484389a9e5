package engine

import (
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

	form frame.Form // how messages are sent
	max  int64      // how long a message of the client may be

	// These belong to the reading goroutine.
	in    *wsInput // nil while the connection is idle, if it can be waited on without
	quiet bool     // after the first input, and a heartbeat: more is not expected soon

	hurried    atomic.Bool // a write that is under way may not take long any more
	closing    sync.Once
	closeSent  atomic.Bool   // or at least tried
	peerClosed atomic.Bool   // the peer's close frame has come
	peerStatus ws.StatusCode // what it said, 0 for nothing; set before peerClosed
}

const (
	// lingerTime is how long a connection that is being closed waits for the peer to
	// close, so that what was sent last is not destroyed by a reset.
	lingerTime = 5 * time.Second
	// hurryTime is how long a write may still take when the session has ended.
	hurryTime = time.Second
)

func newWSConn(conn net.Conn, max int64, form frame.Form) *wsConn {
	c := &wsConn{conn: conn, form: form, max: max, quiet: true}
	c.raw = newRawConn(c)
	return c
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
// sends no status, another one says that the peer broke the rules; the close frame of a
// peer is answered with its own. If the connection is not fit for an orderly end it is
// closed.
func (c *wsConn) beginClose(status ws.StatusCode, orderly bool) {
	c.closing.Do(func() {
		if !orderly {
			c.conn.Close()
			return
		}
		if c.peerClosed.Load() {
			status = c.peerStatus
		}
		written := c.writeClose(status)
		c.closeSent.Store(true)
		if written && status != 0 && !c.peerClosed.Load() {
			c.closeWrite() // its close frame will not be understood, and it waits for this
		}
		patience := lingerTime
		if c.peerClosed.Load() { // perhaps only since the write
			patience = 0 // it waits for the connection to be closed
		}
		c.conn.SetReadDeadline(time.Now().Add(patience))
	})
}

// closeWrite ends this side's part of the connection, after what is sent already. Closing
// all of it would reset it while something still comes.
func (c *wsConn) closeWrite() {
	if half, ok := c.conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite() // if it fails, the connection ends when the peer's time is up
	}
}

// writeClose reports false if another write might have to wait for the peer.
func (c *wsConn) writeClose(status ws.StatusCode) (written bool) {
	goodbye := []byte{0x88, 0}
	if status != 0 {
		goodbye = []byte{0x88, 2, byte(status >> 8), byte(status)}
	}
	if c.raw != nil {
		b := c.newBatch(nil)
		defer b.done()
		b.left = [][]byte{goodbye}
		c.tryWrite(b) // the peer learns it from the connection's end otherwise
		return true   // nothing waits here
	}
	// Without non-blocking writes the peer has a moment to take two bytes.
	c.conn.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
	_, err := c.conn.Write(goodbye)
	return err == nil
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
