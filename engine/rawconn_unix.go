//go:build unix

package engine

import (
	"io"
	"net"
	"os"
	"syscall"
)

// rawConn reads from and writes to a TCP connection's descriptor. It waits for
// input without holding a buffer, and writes without ever waiting.
//
// The callback that syscall.RawConn wants is made once per connection; what it works
// on is passed in the fields.
type rawConn struct {
	raw syscall.RawConn

	onReadable func(fd uintptr) bool
	reader     *wsConn
	readN      int
	readErr    error
}

// rawWrite is one attempt to write. It is part of a batch, so that there are only as
// many as are being made; its callback is made once.
type rawWrite struct {
	onWritable func(fd uintptr) bool
	out        [][]byte
	written    int
	err        error
}

func newRawConn(conn net.Conn) *rawConn {
	raw := exactTCP(conn)
	if raw == nil {
		return nil
	}
	r := &rawConn{raw: raw}
	r.onReadable = r.readable
	return r
}

// read waits until something can be read into c's buffer, and takes a buffer
// for it only then. The error is io.EOF when the peer has closed.
func (r *rawConn) read(c *wsConn) error {
	r.reader, r.readN, r.readErr = c, 0, nil
	if err := r.raw.Read(r.onReadable); err != nil {
		return err
	}
	if r.readErr != nil {
		return os.NewSyscallError("read", r.readErr)
	}
	if r.readN == 0 {
		return io.EOF
	}
	c.end += r.readN
	return nil
}

// readable reports false to be called again when there is input.
func (r *rawConn) readable(fd uintptr) bool {
	c := r.reader
	c.takeBuffer()
	for {
		n, err := readSocket(int(fd), c.buf[c.end:])
		switch err {
		case nil:
			r.readN = n
			return true
		case syscall.EINTR:
		case syscall.EAGAIN:
			c.dropBuffer()
			return false
		default:
			r.readErr = err
			return true
		}
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
