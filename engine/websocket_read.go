package engine

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// wsError is a violation of the WebSocket protocol, or of a limit, with the
// status code that the peer is told (RFC 6455, section 7.4.1).
type wsError struct {
	status ws.StatusCode
	err    error
}

func (e *wsError) Error() string { return e.err.Error() }
func (e *wsError) Unwrap() error { return e.err }

// fill reads more input, and waits for it without holding a buffer if the
// connection allows that.
func (c *wsConn) fill() error {
	if c.start > 0 { // make room behind an incomplete frame
		c.end = copy(c.buf, c.buf[c.start:c.end])
		c.start = 0
	}
	c.dropBuffer()
	if c.message != nil && c.remaining > 0 && c.start == c.end {
		return c.fillMessage()
	}
	if c.raw != nil {
		return c.raw.read(c)
	}
	c.takeBuffer()
	n, err := c.conn.Read(c.buf[c.end:])
	c.end += n
	if n > 0 {
		return nil // an error that came with data comes again
	}
	return err
}

// fillMessage reads the rest of a long frame to where it is wanted.
func (c *wsConn) fillMessage() error {
	from := len(c.message)
	if from == cap(c.message) {
		c.grow()
	}
	free := c.message[from:min(cap(c.message), from+c.remaining)]
	n, err := c.conn.Read(free)
	c.absorb(free[:n])
	if n > 0 {
		return nil
	}
	return err
}

// grow makes room for more of the current message. The announced length is
// believed only as far as the bytes that came support it. A message in fragments
// grows by doubling, or each fragment would cost a copy of all before it.
func (c *wsConn) grow() {
	n := min(len(c.message)+c.remaining, max(2*cap(c.message), trustSize))
	if c.continued {
		n = max(n, 2*cap(c.message))
	}
	bigger := make([]byte, len(c.message), n)
	copy(bigger, c.message)
	c.message = bigger
}

// absorb unmasks p, which already stands behind the message, and adds it.
func (c *wsConn) absorb(p []byte) {
	ws.Cipher(p, c.mask, c.maskPos)
	c.maskPos += len(p)
	c.remaining -= len(p)
	c.message = c.message[:len(c.message)+len(p)]
}

// next takes the next complete message or control frame out of what was read.
// ok is false when more has to be read first. The payload belongs to the caller,
// except for a control frame's, which is overwritten by the next read.
func (c *wsConn) next() (op ws.OpCode, payload []byte, ok bool, err error) {
	for {
		if c.remaining > 0 {
			c.takeBuffered()
			if c.remaining > 0 {
				return 0, nil, false, nil
			}
		}
		if c.message != nil && c.fin {
			return c.complete()
		}
		h, size, ok, err := c.header()
		if !ok || err != nil {
			return 0, nil, false, err
		}
		if h.OpCode.IsControl() {
			if c.end-c.start < size+int(h.Length) {
				return 0, nil, false, nil
			}
			payload := c.buf[c.start+size : c.start+size+int(h.Length)]
			ws.Cipher(payload, h.Mask, 0)
			c.start += size + int(h.Length)
			return h.OpCode, payload, true, nil
		}
		c.start += size
		c.begin(h)
	}
}

// begin starts a data frame: a new message, or the continuation of one.
func (c *wsConn) begin(h ws.Header) {
	n := int(h.Length)
	c.fin = h.Fin
	c.continued = h.OpCode == ws.OpContinuation
	c.fragmented = !h.Fin
	c.remaining = n
	c.mask, c.maskPos = h.Mask, 0
	if c.continued {
		return
	}
	c.opcode = h.OpCode
	c.compressed = h.Rsv&rsv1 != 0
	have := c.end - c.start
	if have < n {
		c.message = make([]byte, 0, min(n, max(have, trustSize)))
		return
	}
	// The usual case. A copy, unlike make, does not clear the memory first.
	c.message = append([]byte{}, c.buf[c.start:c.start+n]...)[:0]
	c.absorb(c.message[:n])
	c.start += n
}

// takeBuffered moves what the buffer has of the current frame to the message.
func (c *wsConn) takeBuffered() {
	n := min(c.remaining, c.end-c.start)
	for n > 0 {
		if len(c.message) == cap(c.message) {
			c.grow()
		}
		from := len(c.message)
		chunk := c.message[from:min(cap(c.message), from+n)]
		copied := copy(chunk, c.buf[c.start:])
		c.absorb(chunk[:copied])
		c.start += copied
		n -= copied
	}
}

// complete hands out the finished message.
func (c *wsConn) complete() (ws.OpCode, []byte, bool, error) {
	payload := c.message
	c.message = nil
	if c.compressed {
		var err error
		if payload, err = inflated(payload, c.max); err != nil {
			return 0, nil, false, err
		}
	}
	if c.opcode == ws.OpText && !utf8.Valid(payload) {
		// Handed on as it is, it would end the connections of those it is sent to.
		return 0, nil, false, &wsError{ws.StatusInvalidFramePayloadData, errInvalidUTF8}
	}
	return c.opcode, payload, true, nil
}

// header parses the frame header at start, if it is there as a whole.
func (c *wsConn) header() (h ws.Header, size int, ok bool, err error) {
	p := c.buf[c.start:c.end]
	if len(p) < 2 {
		return h, 0, false, nil
	}
	h.Fin = p[0]&0x80 != 0
	h.Rsv = p[0] >> 4 & 7
	h.OpCode = ws.OpCode(p[0] & 0x0F)
	h.Masked = p[1]&0x80 != 0
	h.Length, size = int64(p[1]&0x7F), 2
	switch h.Length {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	if h.Masked {
		size += 4
	}
	if len(p) < size {
		return h, 0, false, c.checkHeader(h)
	}
	switch h.Length {
	case 126:
		h.Length = int64(binary.BigEndian.Uint16(p[2:]))
	case 127:
		length := binary.BigEndian.Uint64(p[2:])
		if length>>63 != 0 {
			return h, 0, false, &wsError{ws.StatusProtocolError, ws.ErrHeaderLengthMSB}
		}
		h.Length = int64(length)
	}
	if h.Masked {
		copy(h.Mask[:], p[size-4:])
	}
	if err := c.checkHeader(h); err != nil {
		return h, 0, false, err
	}
	if h.OpCode.IsData() && h.Length > c.max-int64(len(c.message)) {
		return h, 0, false, tooBig(c.max)
	}
	return h, size, true, nil
}

// rsv1 in a header marks the first frame of a compressed message.
const rsv1 = 4

func (c *wsConn) checkHeader(h ws.Header) error {
	if c.inflates && (h.OpCode == ws.OpText || h.OpCode == ws.OpBinary) {
		h.Rsv &^= rsv1
	}
	state := ws.StateServerSide
	if c.fragmented {
		state = state.Set(ws.StateFragmented)
	}
	if err := ws.CheckHeader(h, state); err != nil {
		return &wsError{ws.StatusProtocolError, err}
	}
	return nil
}

// closeStatus is what a peer is told about err: nothing unless it broke a rule.
func closeStatus(err error) ws.StatusCode {
	if e, ok := errors.AsType[*wsError](err); ok {
		return e.status
	}
	return 0
}
