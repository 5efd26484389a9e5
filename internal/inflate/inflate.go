// Package inflate undoes the compression of WebSocket messages (RFC 7692) of a peer that
// keeps no window from one message to the next.
package inflate

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"sync"
)

var (
	// ErrTooLarge: the message would be longer than allowed.
	ErrTooLarge = errors.New("an inflated WebSocket message is too large")
	// ErrInvalid: what came is not a compressed message.
	ErrInvalid = errors.New("a compressed WebSocket message could not be inflated")
)

// inflater inflates one message after the other. It is itself what its reader
// reads from: a message, and then tail.
type inflater struct {
	message []byte
	tail    string
	reader  io.ReadCloser
}

// tail ends a compressed message: the bytes that are not sent, and an empty last
// block, so that the end is an io.EOF.
const tail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

func (i *inflater) Read(p []byte) (int, error) {
	if len(i.message) > 0 {
		n := copy(p, i.message)
		i.message = i.message[n:]
		return n, nil
	}
	n := copy(p, i.tail)
	i.tail = i.tail[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// ReadByte keeps the reader from taking more than it needs.
func (i *inflater) ReadByte() (byte, error) {
	var b [1]byte
	_, err := i.Read(b[:])
	return b[0], err
}

var inflaters = sync.Pool{New: func() any {
	i := new(inflater)
	i.reader = flate.NewReader(i)
	return i
}}

// Message returns what message was before it was compressed. More than max bytes are
// an [ErrTooLarge], and never made: a kilobyte can stand for a megabyte. Any other
// error is an [ErrInvalid]. It may be called from any goroutine.
func Message(message []byte, max int64) ([]byte, error) {
	i := inflaters.Get().(*inflater)
	defer inflaters.Put(i)
	i.message, i.tail = message, tail
	i.reader.(flate.Resetter).Reset(i, nil)
	var out bytes.Buffer
	out.Grow(int(min(int64(len(message))*3, max)) + bytes.MinRead)
	n, err := out.ReadFrom(io.LimitReader(i.reader, max+1))
	left := len(i.message)
	i.message = nil
	switch {
	case n > max:
		return nil, ErrTooLarge
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	case left > 1: // a last block within the message, which one byte of padding may follow
		return nil, fmt.Errorf("%w: more follows its end", ErrInvalid)
	}
	return out.Bytes(), nil
}
