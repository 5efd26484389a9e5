// Package memconn has network connections that live in memory.
//
// They behave like TCP where it matters to a server: what is written is buffered
// up to a bound, a writer that is faster than its reader waits, either side can
// close one direction, and deadlines work. Because they wait on a [sync.Cond] only,
// they let time pass inside a testing/synctest bubble.
package memconn

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// DefaultBuffer is how many bytes each direction of a connection holds, unless
// told otherwise.
const DefaultBuffer = 64 << 10

// Conn is one end of a connection. Its methods are safe for concurrent use; the
// bytes of concurrent writes do not mix.
type Conn struct {
	in, out       *pipe
	local, remote net.Addr
}

// Pipe returns the two ends of a connection. Each direction buffers up to size
// bytes; zero means [DefaultBuffer].
func Pipe(size int) (*Conn, *Conn) {
	if size <= 0 {
		size = DefaultBuffer
	}
	ab, ba := newPipe(size), newPipe(size)
	a, b := Addr("a"), Addr("b")
	return &Conn{in: ba, out: ab, local: a, remote: b}, &Conn{in: ab, out: ba, local: b, remote: a}
}

// Read reads what has arrived, waiting for at least one byte.
func (c *Conn) Read(p []byte) (int, error) { return c.in.read(p) }

// Write writes p, waiting while the buffer is full.
func (c *Conn) Write(p []byte) (int, error) { return c.out.write(p) }

// Close closes both directions. The other end can still read what was written.
func (c *Conn) Close() error {
	c.out.closeWrite()
	c.in.closeRead()
	return nil
}

// CloseWrite ends the outgoing direction: the other end reads io.EOF after what
// was written. Reading goes on.
func (c *Conn) CloseWrite() error {
	c.out.closeWrite()
	return nil
}

// LocalAddr returns an [Addr].
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns an [Addr].
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	c.in.reading.set(c.in, t)
	c.out.writing.set(c.out, t)
	return nil
}

// SetReadDeadline ends a waiting Read, and every later one, at the given time.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.in.reading.set(c.in, t)
	return nil
}

// SetWriteDeadline ends a waiting Write, and every later one, at the given time.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.out.writing.set(c.out, t)
	return nil
}

// pipe is one direction of a connection.
type pipe struct {
	writer sync.Mutex // held by the writer whose bytes go in

	mu          sync.Mutex
	changed     *sync.Cond
	buf         []byte
	max         int
	writeClosed bool
	readClosed  bool
	reading     deadline
	writing     deadline
}

func newPipe(size int) *pipe {
	p := &pipe{max: size}
	p.changed = sync.NewCond(&p.mu)
	return p
}

func (p *pipe) read(dst []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.readClosed:
			return 0, net.ErrClosed
		case p.reading.passed():
			return 0, os.ErrDeadlineExceeded
		case len(dst) == 0:
			return 0, nil
		case len(p.buf) > 0:
			n := copy(dst, p.buf)
			p.buf = p.buf[n:]
			if len(p.buf) == 0 {
				p.buf = nil
			}
			p.changed.Broadcast()
			return n, nil
		case p.writeClosed:
			return 0, io.EOF
		}
		p.changed.Wait()
	}
}

func (p *pipe) write(src []byte) (int, error) {
	p.writer.Lock()
	defer p.writer.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	written := 0
	for {
		switch {
		case p.writeClosed:
			return written, net.ErrClosed
		case p.readClosed:
			return written, io.ErrClosedPipe
		case p.writing.passed():
			return written, os.ErrDeadlineExceeded
		case written == len(src):
			return written, nil
		}
		if room := p.max - len(p.buf); room > 0 {
			n := min(room, len(src)-written)
			p.buf = append(p.buf, src[written:written+n]...)
			written += n
			p.changed.Broadcast()
			continue
		}
		p.changed.Wait()
	}
}

func (p *pipe) closeWrite() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writeClosed = true
	p.writing.stop()
	p.changed.Broadcast()
}

func (p *pipe) closeRead() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.readClosed = true
	p.buf = nil
	p.reading.stop()
	p.changed.Broadcast()
}

// deadline is a deadline of one side of a pipe, guarded by the pipe's lock. Whether it
// has passed is a matter of the time alone: the timer only wakes those who wait.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func (d *deadline) set(p *pipe, t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d.stop()
	d.at = t
	if t.IsZero() || p.readClosed && d == &p.reading || p.writeClosed && d == &p.writing {
		return
	}
	if d.passed() {
		p.changed.Broadcast()
		return
	}
	d.timer = time.AfterFunc(time.Until(t), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.changed.Broadcast()
	})
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}
