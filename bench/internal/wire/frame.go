// Package wire speaks WebSocket and HTTP as a client, at the level of bytes: frames
// that are built once and patched, and parsers that copy nothing. It shares no code
// with the servers that are measured.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Opcode is the type of a WebSocket frame.
type Opcode byte

// The opcodes of RFC 6455.
const (
	Continuation Opcode = 0
	Text         Opcode = 1
	Binary       Opcode = 2
	Close        Opcode = 8
	Ping         Opcode = 9
	Pong         Opcode = 10
)

// mask is the key of every frame. A server has to unmask whatever the key is, and a
// constant one lets a prebuilt frame be patched in place.
var mask = [4]byte{0x5a, 0xc3, 0x1e, 0x87}

// Frame is a client's frame that is built once and sent many times, with parts of
// its payload replaced in between. It is not safe for concurrent use.
type Frame struct {
	bytes  []byte
	header int
}

// NewFrame returns the frame with the given payload.
func NewFrame(op Opcode, payload []byte) *Frame {
	b := make([]byte, 0, len(payload)+14)
	b = append(b, 0x80|byte(op))
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = append(b, 0x80|126)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b = append(b, 0x80|127)
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	b = append(b, mask[:]...)
	f := &Frame{header: len(b)}
	f.bytes = append(b, payload...)
	f.Patch(0, payload)
	return f
}

// Patch replaces the payload from position at on by text.
func (f *Frame) Patch(at int, text []byte) {
	payload := f.bytes[f.header:]
	for i, c := range text {
		payload[at+i] = c ^ mask[(at+i)&3]
	}
}

// Bytes is the frame as it stands on the wire, valid until the next Patch.
func (f *Frame) Bytes() []byte { return f.bytes }

// ServerFrame is a frame that a server has sent.
type ServerFrame struct {
	Opcode  Opcode
	Final   bool
	Payload []byte // shares the memory of what was parsed
}

var errMasked = errors.New("the server has masked a frame")

// ParseFrame takes the first frame off data. n is the number of bytes that it
// occupies, and 0 if it is not complete.
func ParseFrame(data []byte) (f ServerFrame, n int, err error) {
	if len(data) < 2 {
		return f, 0, nil
	}
	if data[0]&0x70 != 0 {
		return f, 0, fmt.Errorf("reserved bits are set in the frame header %#02x", data[0])
	}
	if data[1]&0x80 != 0 {
		return f, 0, errMasked
	}
	length, header := uint64(data[1]), 2
	switch length {
	case 126:
		if len(data) < 4 {
			return f, 0, nil
		}
		length, header = uint64(binary.BigEndian.Uint16(data[2:])), 4
	case 127:
		if len(data) < 10 {
			return f, 0, nil
		}
		length, header = binary.BigEndian.Uint64(data[2:]), 10
		if length > 1<<30 {
			return f, 0, fmt.Errorf("a frame of %d bytes", length)
		}
	}
	if uint64(len(data)-header) < length {
		return f, 0, nil
	}
	n = header + int(length)
	return ServerFrame{Opcode(data[0] & 0x0f), data[0]&0x80 != 0, data[header:n]}, n, nil
}
