package msgpack

import (
	"encoding/binary"
	"math"

	"github.com/go-socketio/socketio/packet"
)

// kind is what a token is.
type kind uint8

const (
	invalid        kind = iota
	nilToken            // null
	undefined           // what notepack writes for it
	boolToken           // n is 0 or 1
	uintToken           // n
	intToken            // int64(n), which is negative
	floatToken          // n are the bits of a float64
	stringToken         // body
	bytesToken          // body: bin, or what notepack writes for a Uint8Array
	arrayToken          // n elements follow
	mapToken            // n names and values follow
	dateToken           // int64(n) milliseconds, as notepack writes it
	timestampToken      // body of the extension -1
	extToken            // body; int8(n) is the type
)

// token is a scalar, or the head of an array or a map.
type token struct {
	kind kind
	n    uint64
	body []byte
}

// children is the number of values that follow and belong to the token.
func (t token) children() uint64 {
	switch t.kind {
	case arrayToken:
		return t.n
	case mapToken:
		return 2 * t.n
	}
	return 0
}

func (t token) isNull() bool { return t.kind == nilToken || t.kind == undefined }

func (t token) float() float64 { return math.Float64frombits(t.n) }

// format is how the bytes after a first byte are laid out.
type format struct {
	kind  kind
	width uint8 // of the number that follows: a value, a length or a count
	fixed uint8 // the length instead, for extensions that have no such number
}

// formats are those of the first bytes 0xC0 to 0xDF. The extensions are told apart
// by [reader.extension].
var formats = [0x20]format{
	0x00: {kind: nilToken}, 0x02: {kind: boolToken}, 0x03: {kind: boolToken},
	0x04: {bytesToken, 1, 0}, 0x05: {bytesToken, 2, 0}, 0x06: {bytesToken, 4, 0},
	0x07: {extToken, 1, 0}, 0x08: {extToken, 2, 0}, 0x09: {extToken, 4, 0},
	0x0A: {floatToken, 4, 0}, 0x0B: {floatToken, 8, 0},
	0x0C: {uintToken, 1, 0}, 0x0D: {uintToken, 2, 0}, 0x0E: {uintToken, 4, 0}, 0x0F: {uintToken, 8, 0},
	0x10: {intToken, 1, 0}, 0x11: {intToken, 2, 0}, 0x12: {intToken, 4, 0}, 0x13: {intToken, 8, 0},
	0x14: {extToken, 0, 1}, 0x15: {extToken, 0, 2}, 0x16: {extToken, 0, 4}, 0x17: {extToken, 0, 8}, 0x18: {extToken, 0, 16},
	0x19: {stringToken, 1, 0}, 0x1A: {stringToken, 2, 0}, 0x1B: {stringToken, 4, 0},
	0x1C: {arrayToken, 2, 0}, 0x1D: {arrayToken, 4, 0},
	0x1E: {mapToken, 2, 0}, 0x1F: {mapToken, 4, 0},
}

// reader reads tokens. Whatever a length or a count announces must fit into the
// bytes that are there, so nothing has to be allocated on trust.
type reader struct {
	data []byte
	pos  int
}

const beyondEnd = "a length beyond the end"

func (r *reader) fail(at int, reason string) error {
	return &packet.SyntaxError{Offset: at, Reason: reason}
}

func (r *reader) next() (token, error) {
	if r.pos >= len(r.data) {
		return token{}, r.fail(r.pos, "unexpected end")
	}
	c := r.data[r.pos]
	r.pos++
	switch {
	case c < 0x80:
		return token{kind: uintToken, n: uint64(c)}, nil
	case c < 0x90:
		return r.complete(r.pos-1, token{kind: mapToken, n: uint64(c & 0x0F)})
	case c < 0xA0:
		return r.complete(r.pos-1, token{kind: arrayToken, n: uint64(c & 0x0F)})
	case c < 0xC0:
		if n := int(c & 0x1F); n <= len(r.data)-r.pos { // by far the most frequent token
			return token{kind: stringToken, body: r.take(n)}, nil
		}
		return token{}, r.fail(r.pos-1, beyondEnd)
	case c < 0xE0:
		return r.long(c)
	default:
		return token{kind: intToken, n: uint64(int64(int8(c)))}, nil
	}
}

// long reads a token whose first byte c is described in formats.
func (r *reader) long(c byte) (token, error) {
	start := r.pos - 1
	f := formats[c-0xC0]
	if len(r.data)-r.pos < int(f.width) {
		return token{}, r.fail(start, "unexpected end of a number")
	}
	n := r.number(int(f.width))
	t := token{kind: f.kind, n: n}
	switch f.kind {
	case boolToken:
		t.n = uint64(c & 1)
	case floatToken:
		if f.width == 4 {
			t.n = math.Float64bits(float64(math.Float32frombits(uint32(n))))
		}
	case intToken:
		unused := 64 - 8*uint(f.width)
		signed := int64(n<<unused) >> unused
		t.n = uint64(signed)
		if signed >= 0 {
			t.kind = uintToken
		}
	case extToken:
		return r.extension(start, f, n)
	case invalid:
		return token{}, r.fail(start, "a byte that is not MessagePack")
	}
	return r.complete(start, t)
}

func (r *reader) number(width int) (n uint64) {
	b := r.data[r.pos:]
	r.pos += width
	switch width {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.BigEndian.Uint16(b))
	case 4:
		return uint64(binary.BigEndian.Uint32(b))
	case 8:
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// complete takes the body of a string or bytes, and checks that what an array or a
// map announces can be there.
func (r *reader) complete(start int, t token) (token, error) {
	rest := uint64(len(r.data) - r.pos)
	switch t.kind {
	case stringToken, bytesToken:
		if t.n > rest {
			return token{}, r.fail(start, beyondEnd)
		}
		t.body = r.take(int(t.n))
	case arrayToken, mapToken:
		if t.children() > rest {
			return token{}, r.fail(start, "a count beyond the end")
		}
	}
	return t, nil
}

func (r *reader) take(n int) []byte {
	b := r.data[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	return b
}

// extension reads the type and the body of an extension of length n, or of the fixed
// length of its format.
func (r *reader) extension(start int, f format, n uint64) (token, error) {
	if f.fixed > 0 {
		n = uint64(f.fixed)
	}
	if n+1 > uint64(len(r.data)-r.pos) {
		return token{}, r.fail(start, beyondEnd)
	}
	extType := int8(r.data[r.pos])
	r.pos++
	t := token{kind: extToken, n: uint64(int64(extType)), body: r.take(int(n))}
	switch {
	case extType == -1:
		t.kind = timestampToken
	case extType != 0:
	case f.fixed == 1:
		// What notepack uses the extension 0 for depends on how it is written.
		t.kind = undefined
	case f.fixed == 8:
		t.kind, t.n = dateToken, binary.BigEndian.Uint64(t.body)
	default:
		t.kind = bytesToken
	}
	return t, nil
}

// skip skips one value, or so many.
func (r *reader) skip(values uint64) error {
	for ; values > 0; values-- {
		t, err := r.next()
		if err != nil {
			return err
		}
		values += t.children()
	}
	return nil
}
