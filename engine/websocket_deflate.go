package engine

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/gobwas/httphead"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"
)

// This file is about compressed WebSocket messages (RFC 7692). Neither side keeps
// a window from one message to the next: that would be 64 KiB and more for each
// connection, and a broadcast could not be compressed once for all.

// PerMessageDeflate turns on the compression of WebSocket messages for clients that
// offer it. It saves traffic at the cost of time: think of it where messages are
// long and bandwidth is dear. A message sent to many is compressed once.
//
// A secret must not be compressed together with what an attacker can choose and
// observe; [SendOptions] has NoCompress for that.
type PerMessageDeflate struct {
	// Threshold is the length, in bytes, from which a message is compressed. Default
	// 1024.
	Threshold int
}

// threshold returns the length from which messages are compressed, 0 for never.
func (d *PerMessageDeflate) threshold() int {
	switch {
	case d == nil:
		return 0
	case d.Threshold <= 0:
		return 1024
	}
	return d.Threshold
}

// deflateOffer answers the offers of one client, in the order in which they come.
type deflateOffer struct{ accepted bool }

// answer accepts the first offer that can be kept. An offer that is malformed, or
// asks for a smaller window than the compressor has, is declined.
func (o *deflateOffer) answer(offer httphead.Option) (httphead.Option, error) {
	var asked wsflate.Parameters
	if o.accepted || !bytes.Equal(offer.Name, wsflate.ExtensionNameBytes) || asked.Parse(offer) != nil {
		return httphead.Option{}, nil
	}
	if asked.ServerMaxWindowBits.Defined() && asked.ServerMaxWindowBits.Bytes() < wsflate.MaxLZ77WindowSize {
		return httphead.Option{}, nil
	}
	o.accepted = true
	return wsflate.Parameters{
		ServerNoContextTakeover: true,
		ClientNoContextTakeover: true,
		ServerMaxWindowBits:     asked.ServerMaxWindowBits,
	}.Option(), nil
}

var errInflate = errors.New("a compressed WebSocket message could not be inflated")

// inflater inflates one message after the other. It is itself what its reader
// reads from: a message, and then inflateTail.
type inflater struct {
	message []byte
	tail    string
	reader  io.ReadCloser
}

// inflateTail ends a compressed message: the bytes that are not sent, and an empty
// last block, so that the end is an io.EOF.
const inflateTail = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

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

// inflate returns what message was before it was compressed. More than max bytes
// are an error: a kilobyte can stand for a megabyte.
func inflate(message []byte, max int64) ([]byte, error) {
	i := inflaters.Get().(*inflater)
	defer inflaters.Put(i)
	i.message, i.tail = message, inflateTail
	i.reader.(flate.Resetter).Reset(i, nil)
	var out bytes.Buffer
	out.Grow(int(min(int64(len(message))*3, max)) + bytes.MinRead)
	n, err := out.ReadFrom(io.LimitReader(i.reader, max+1))
	left := len(i.message)
	i.message = nil
	switch {
	case n > max:
		return nil, tooBig(max)
	case err != nil:
		return nil, &wsError{ws.StatusInvalidFramePayloadData, fmt.Errorf("%w: %w", errInflate, err)}
	case left > 1: // a last block within the message, which one byte of padding may follow
		return nil, &wsError{ws.StatusInvalidFramePayloadData, fmt.Errorf("%w: more follows its end", errInflate)}
	}
	return out.Bytes(), nil
}

func tooBig(max int64) error {
	return &wsError{ws.StatusMessageTooBig, fmt.Errorf("%w (%d bytes)", errMessageTooBig, max)}
}
