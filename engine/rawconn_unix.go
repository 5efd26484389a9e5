//go:build unix

package engine

import (
	"io"
	"os"
	"syscall"
)

// rawConn reads from and writes to a TCP connection's descriptor. It waits for
// input without holding a buffer, and writes without ever waiting.
type rawConn struct {
	raw        syscall.RawConn
	onReadable func(fd uintptr) bool // wsConn.readable, made once
}

// rawWrite is one attempt to write. It is part of a batch, so that there are only as
// many as are being made; its callback is made once.
type rawWrite struct {
	onWritable func(fd uintptr) bool
	out        [][]byte
	written    int
	err        error
}

func newRawConn(c *wsConn) *rawConn {
	raw := exactTCP(c.conn)
	if raw == nil {
		return nil
	}
	return &rawConn{raw, c.readable}
}

// read waits until something can be read into c's buffer, and takes a buffer
// for it only then. The error is io.EOF when the peer has closed.
func (r *rawConn) read(c *wsConn) error {
	if err := r.raw.Read(r.onReadable); err != nil {
		return err
	}
	return c.in.err
}

// readable reports false to be called again when there is input.
func (c *wsConn) readable(fd uintptr) bool {
	in := c.takeBuffer()
	for {
		n, err := readSocket(int(fd), in.buf[in.end:])
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			c.dropBuffer()
			return false
		case err != nil:
			in.err = os.NewSyscallError("read", err)
		case n == 0:
			in.err = io.EOF
		default:
			in.end += n
		}
		return true
	}
}

// tryWrite writes as much of the pieces as the connection takes at once.
func (r *rawConn) tryWrite(w *rawWrite, pieces [][]byte) (n int, err error) {
	if w.onWritable == nil {
		w.onWritable = w.writable
	}
	w.out, w.written, w.err = pieces, 0, nil
	err = r.raw.Write(w.onWritable)
	w.out = nil
	if err == nil && w.err != nil {
		err = os.NewSyscallError("write", w.err)
	}
	return w.written, err
}

// writable always reports true, so that it is called once and nothing waits.
func (w *rawWrite) writable(fd uintptr) bool {
	for {
		n, err := writePieces(int(fd), w.out)
		switch err {
		case nil:
			w.written += n
			return true // what was not taken now would not be taken a moment later
		case syscall.EINTR:
		case syscall.EAGAIN:
			return true
		default:
			w.err = err
			return true
		}
	}
}
