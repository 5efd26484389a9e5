package frame

import (
	"compress/flate"
	"sync"
)

// rsv1 marks a frame as the first of a compressed message (RFC 7692, section 6).
const rsv1 = 0x40

// deflater compresses one message after the other. It is large, so there are only
// as many as are busy at a time.
type deflater struct {
	writer *flate.Writer
	out    []byte
}

func (d *deflater) Write(p []byte) (int, error) {
	d.out = append(d.out, p...)
	return len(p), nil
}

var deflaters = sync.Pool{New: func() any {
	d := new(deflater)
	// The better levels cost three to five times as much for a few per cent.
	d.writer, _ = flate.NewWriter(d, flate.BestSpeed)
	return d
}}

// deflate compresses the payload of a message (RFC 7692, section 7.2.1). Writing to
// memory does not fail.
func deflate(payload []byte) []byte {
	d := deflaters.Get().(*deflater)
	defer deflaters.Put(d)
	d.out = make([]byte, 0, len(payload)/2+flateTail)
	d.writer.Reset(d)
	d.writer.Write(payload)
	d.writer.Flush()
	out := d.out[:len(d.out)-flateTail]
	d.out = nil
	return out
}

// flateTail is the length of what ends a flushed block, 00 00 ff ff, which is not
// sent.
const flateTail = 4
