//go:build !js

package session

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/inflate"
)

// wsConn is a WebSocket over a connection that the HTTP client has made.
type wsConn struct {
	conn io.ReadWriteCloser
	max  int64
	form frame.Form // of what is written; what is read may be compressed if that is

	// Read state; belongs to the reading goroutine.
	reader     *bufio.Reader
	fragmented bool
	compressed bool
	message    []byte
	opcode     ws.OpCode

	closing sync.Once
	ended   chan struct{} // closed when reading has ended
	stopped sync.Once
}

const (
	readSize  = 4 << 10
	writeSize = 16 << 10
	// firstChunk is how much memory the announced length of a frame is worth before
	// the bytes come.
	firstChunk = 64 << 10
	// lingerTime is how long a connection that is being closed waits for the server to
	// close too, so that what was sent last is not destroyed by a reset.
	lingerTime = time.Second
)

var writeBuffers = sync.Pool{New: func() any { return new([writeSize]byte) }}

func newWSConn(conn io.ReadWriteCloser, max int64, form frame.Form) *wsConn {
	return &wsConn{conn: conn, max: max, form: form, reader: bufio.NewReaderSize(conn, readSize), ended: make(chan struct{})}
}

// read implements [webSocket].
func (c *wsConn) read() (opcode, []byte, error) {
	op, payload, err := c.next()
	if err != nil {
		c.stopped.Do(func() { close(c.ended) })
	}
	return op, payload, err
}

func (c *wsConn) next() (opcode, []byte, error) {
	for {
		h, err := ws.ReadHeader(c.reader)
		if err != nil {
			return 0, nil, err
		}
		if err := c.check(h); err != nil {
			return 0, nil, err
		}
		if h.OpCode.IsControl() {
			payload := make([]byte, h.Length)
			if _, err := io.ReadFull(c.reader, payload); err != nil {
				return 0, nil, err
			}
			switch h.OpCode {
			case ws.OpPing:
				return opPing, payload, nil
			case ws.OpClose:
				return 0, nil, readClose(payload)
			}
			continue
		}
		if h.OpCode != ws.OpContinuation {
			c.opcode, c.compressed = h.OpCode, h.Rsv != 0
		}
		if err := c.payload(h.Length); err != nil {
			return 0, nil, err
		}
		c.fragmented = !h.Fin
		if !h.Fin {
			continue
		}
		return c.complete()
	}
}

// complete hands out the finished message.
func (c *wsConn) complete() (opcode, []byte, error) {
	message := c.message
	c.message = nil
	if c.compressed {
		plain, err := inflate.Message(message, c.max)
		if errors.Is(err, inflate.ErrTooLarge) {
			err = c.tooLarge()
		}
		if err != nil {
			return 0, nil, err
		}
		message = plain
	}
	if c.opcode == ws.OpBinary {
		return opBinary, message, nil
	}
	if !utf8.Valid(message) {
		return 0, nil, errors.New("WebSocket protocol: a text message is not valid UTF-8")
	}
	return opText, message, nil
}

func (c *wsConn) tooLarge() error {
	return fmt.Errorf("a WebSocket message is %w (%d bytes)", errTooLarge, c.max)
}

// check refuses a frame that the server may not send.
func (c *wsConn) check(h ws.Header) error {
	state := ws.StateClientSide
	if c.fragmented {
		state = state.Set(ws.StateFragmented)
	}
	if c.form.Deflate > 0 && (h.OpCode == ws.OpText || h.OpCode == ws.OpBinary) && h.Rsv == rsv1 {
		state = state.Set(ws.StateExtended)
	}
	if err := ws.CheckHeader(h, state); err != nil {
		return fmt.Errorf("WebSocket protocol: %w", err)
	}
	if h.Masked {
		return errors.New("WebSocket protocol: a frame of the server is masked")
	}
	if h.OpCode.IsData() && h.Length > c.max-int64(len(c.message)) {
		return c.tooLarge()
	}
	return nil
}

// rsv1 in a header marks the first frame of a compressed message.
const rsv1 = 4

// payload reads the payload of one frame behind what there is of the message. The
// announced length is believed only as far as the bytes that came support it.
func (c *wsConn) payload(length int64) error {
	if c.message == nil {
		c.message = make([]byte, 0, min(length, firstChunk))
	}
	for length > 0 {
		from := len(c.message)
		if from == cap(c.message) {
			bigger := make([]byte, from, from+int(min(length, int64(max(from, firstChunk)))))
			copy(bigger, c.message)
			c.message = bigger
		}
		to := int(min(int64(cap(c.message)), int64(from)+length))
		n, err := io.ReadFull(c.reader, c.message[from:to])
		c.message = c.message[:from+n]
		length -= int64(n)
		if err != nil {
			return noEOF(err)
		}
	}
	return nil
}

// noEOF turns an end within a message into an unexpected one.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func readClose(payload []byte) error {
	if len(payload) < 2 {
		return &closeError{code: int(ws.StatusNoStatusRcvd)}
	}
	return &closeError{code: int(binary.BigEndian.Uint16(payload)), reason: string(payload[2:])}
}

// write implements [webSocket].
func (c *wsConn) write(items []item) error {
	buf := writeBuffers.Get().(*[writeSize]byte)
	defer writeBuffers.Put(buf)
	out := maskedWriter{conn: c.conn, buf: buf[:0]}
	for _, it := range items {
		form := c.form
		if it.noCompress {
			form.Deflate = 0
		}
		for header, payload := range frames(it.msg.WebSocketAs(form)) {
			if err := out.frame(header, payload); err != nil {
				return err
			}
		}
	}
	return out.flush()
}

// maskedWriter writes frames with a mask, which those of a client must have. The
// frames it is given are shared by all who send them, so it copies them, through one
// small buffer.
type maskedWriter struct {
	conn io.Writer
	buf  []byte
}

// maxMaskedHeader is the longest header of a masked frame.
const maxMaskedHeader = 14

func (w *maskedWriter) frame(header, payload []byte) error {
	if cap(w.buf)-len(w.buf) < maxMaskedHeader {
		if err := w.flush(); err != nil {
			return err
		}
	}
	var mask [4]byte
	rand.Read(mask[:]) // it never fails
	start := len(w.buf)
	w.buf = append(w.buf, header...)
	w.buf[start+1] |= 0x80
	w.buf = append(w.buf, mask[:]...)
	for done := 0; done < len(payload); {
		if len(w.buf) == cap(w.buf) {
			if err := w.flush(); err != nil {
				return err
			}
		}
		start := len(w.buf)
		n := min(cap(w.buf)-start, len(payload)-done)
		w.buf = append(w.buf, payload[done:done+n]...)
		ws.Cipher(w.buf[start:], mask, done)
		done += n
	}
	return nil
}

func (w *maskedWriter) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	_, err := w.conn.Write(w.buf)
	w.buf = w.buf[:0]
	return err
}

// close implements [webSocket]. It also answers a close frame of the server.
func (c *wsConn) close() {
	c.closing.Do(func() {
		patience := time.AfterFunc(lingerTime, c.abort)
		defer patience.Stop()
		out := maskedWriter{conn: c.conn, buf: make([]byte, 0, 32)}
		err := out.frame([]byte{0x88, 2}, []byte{0x03, 0xE8}) // 1000, normal closure
		if err == nil {
			err = out.flush()
		}
		if err == nil {
			<-c.ended
		}
	})
	c.abort()
}

// abort implements [webSocket].
func (c *wsConn) abort() { c.conn.Close() }
