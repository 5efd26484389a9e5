package engine

import (
	"encoding/binary"
	"errors"
	"net"
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
	if in := c.in; in != nil {
		if in.start > 0 { // make room behind an incomplete frame
			in.end = copy(in.buf, in.buf[in.start:in.end])
			in.start = 0
		}
		if in.message != nil && in.remaining > 0 && in.end == 0 {
			in.dropBuffer()
			return in.fillMessage(c.conn)
		}
	}
	if c.raw != nil {
		return c.raw.read(c)
	}
	c.dropBuffer()
	in := c.takeBuffer()
	n, err := c.conn.Read(in.buf[in.end:])
	in.end += n
	if n > 0 {
		return nil // an error that came with data comes again
	}
	return err
}

// fillMessage reads the rest of a long frame to where it is wanted.
func (in *wsInput) fillMessage(conn net.Conn) error {
	from := len(in.message)
	if from == cap(in.message) {
		in.grow()
	}
	free := in.message[from:min(cap(in.message), from+in.remaining)]
	n, err := conn.Read(free)
	in.absorb(free[:n])
	if n > 0 {
		return nil
	}
	return err
}

// grow makes room for more of the current message. The announced length is
// believed only as far as the bytes that came support it. A message in fragments
// grows by doubling, or each fragment would cost a copy of all before it.
func (in *wsInput) grow() {
	n := min(len(in.message)+in.remaining, max(2*cap(in.message), trustSize))
	if in.continued {
		n = max(n, 2*cap(in.message))
	}
	bigger := make([]byte, len(in.message), n)
	copy(bigger, in.message)
	in.message = bigger
}

// absorb unmasks p, which already stands behind the message, and adds it.
func (in *wsInput) absorb(p []byte) {
	ws.Cipher(p, in.mask, in.maskPos)
	in.maskPos += len(p)
	in.remaining -= len(p)
	in.message = in.message[:len(in.message)+len(p)]
}

// next takes the next complete message or control frame out of what was read.
// ok is false when more has to be read first. The payload belongs to the caller,
// except for a control frame's, which is overwritten by the next read.
func (in *wsInput) next() (op ws.OpCode, payload []byte, ok bool, err error) {
	for {
		if in.remaining > 0 {
			in.takeBuffered()
			if in.remaining > 0 {
				return 0, nil, false, nil
			}
		}
		if in.message != nil && in.fin {
			return in.complete()
		}
		h, size, ok, err := in.header()
		if !ok || err != nil {
			return 0, nil, false, err
		}
		if h.OpCode.IsControl() {
			if in.end-in.start < size+int(h.Length) {
				return 0, nil, false, nil
			}
			payload := in.buf[in.start+size : in.start+size+int(h.Length)]
			ws.Cipher(payload, h.Mask, 0)
			in.start += size + int(h.Length)
			return h.OpCode, payload, true, nil
		}
		in.start += size
		in.begin(h)
	}
}

// begin starts a data frame: a new message, or the continuation of one.
func (in *wsInput) begin(h ws.Header) {
	n := int(h.Length)
	in.fin = h.Fin
	in.continued = h.OpCode == ws.OpContinuation
	in.fragmented = !h.Fin
	in.remaining = n
	in.mask, in.maskPos = h.Mask, 0
	if in.continued {
		return
	}
	in.opcode = h.OpCode
	in.compressed = h.Rsv&rsv1 != 0
	have := in.end - in.start
	if have < n {
		in.message = make([]byte, 0, min(n, max(have, trustSize)))
		return
	}
	// The usual case. A copy, unlike make, does not clear the memory first.
	in.message = append([]byte{}, in.buf[in.start:in.start+n]...)[:0]
	in.absorb(in.message[:n])
	in.start += n
}

// takeBuffered moves what the buffer has of the current frame to the message.
func (in *wsInput) takeBuffered() {
	n := min(in.remaining, in.end-in.start)
	for n > 0 {
		if len(in.message) == cap(in.message) {
			in.grow()
		}
		from := len(in.message)
		chunk := in.message[from:min(cap(in.message), from+n)]
		copied := copy(chunk, in.buf[in.start:])
		in.absorb(chunk[:copied])
		in.start += copied
		n -= copied
	}
}

// complete hands out the finished message.
func (in *wsInput) complete() (ws.OpCode, []byte, bool, error) {
	payload := in.message
	in.message = nil
	if in.compressed {
		var err error
		if payload, err = inflated(payload, in.max); err != nil {
			return 0, nil, false, err
		}
	}
	if in.opcode == ws.OpText && !utf8.Valid(payload) {
		// Handed on as it is, it would end the connections of those it is sent to.
		return 0, nil, false, &wsError{ws.StatusInvalidFramePayloadData, errInvalidUTF8}
	}
	return in.opcode, payload, true, nil
}

// header parses the frame header at start, if it is there as a whole.
func (in *wsInput) header() (h ws.Header, size int, ok bool, err error) {
	p := in.buf[in.start:in.end]
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
		return h, 0, false, in.checkHeader(h)
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
	if err := in.checkHeader(h); err != nil {
		return h, 0, false, err
	}
	if h.OpCode.IsData() && h.Length > in.max-int64(len(in.message)) {
		return h, 0, false, tooBig(in.max)
	}
	return h, size, true, nil
}

// rsv1 in a header marks the first frame of a compressed message.
const rsv1 = 4

func (in *wsInput) checkHeader(h ws.Header) error {
	if in.inflates && (h.OpCode == ws.OpText || h.OpCode == ws.OpBinary) {
		h.Rsv &^= rsv1
	}
	state := ws.StateServerSide
	if in.fragmented {
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
