package msgpack

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// These functions append values in the shortest form, as notepack does.

func appendNil(dst []byte) []byte { return append(dst, 0xC0) }

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 0xC3)
	}
	return append(dst, 0xC2)
}

func appendUint(dst []byte, n uint64) []byte {
	switch {
	case n < 0x80:
		return append(dst, byte(n))
	case n <= math.MaxUint8:
		return append(dst, 0xCC, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, 0xCD), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, 0xCE), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 0xCF), n)
	}
}

func appendInt(dst []byte, n int64) []byte {
	switch {
	case n >= 0:
		return appendUint(dst, uint64(n))
	case n >= -0x20:
		return append(dst, byte(n))
	case n >= math.MinInt8:
		return append(dst, 0xD0, byte(n))
	case n >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(dst, 0xD1), uint16(n))
	case n >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(dst, 0xD2), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 0xD3), uint64(n))
	}
}

// appendFloat appends a whole number as an integer, if there is one.
func appendFloat(dst []byte, f float64) []byte {
	switch {
	case f != math.Trunc(f) || f == 0 && math.Signbit(f):
	case f >= 0 && f < 1<<64:
		return appendUint(dst, uint64(f))
	case f < 0 && f >= -1<<63:
		return appendInt(dst, int64(f))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xCB), math.Float64bits(f))
}

// appendFloat32 appends a whole number as an integer too, and never as a float64.
func appendFloat32(dst []byte, f float32) []byte {
	if whole := math.Trunc(float64(f)) == float64(f); whole && -1<<63 <= f && f < 1<<64 && (f != 0 || !math.Signbit(float64(f))) {
		return appendFloat(dst, float64(f))
	}
	return binary.BigEndian.AppendUint32(append(dst, 0xCA), math.Float32bits(f))
}

func appendStringHead(dst []byte, n int) []byte {
	switch {
	case n < 0x20:
		return append(dst, 0xA0|byte(n))
	case n <= math.MaxUint8:
		return append(dst, 0xD9, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, 0xDA), uint16(n))
	default:
		return binary.BigEndian.AppendUint32(append(dst, 0xDB), uint32(n))
	}
}

// appendString appends a string, repaired if it is not valid UTF-8.
func appendString(dst []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	return append(appendStringHead(dst, len(s)), s...)
}

func appendBytes(dst, b []byte) []byte {
	switch n := len(b); {
	case n <= math.MaxUint8:
		dst = append(dst, 0xC4, byte(n))
	case n <= math.MaxUint16:
		dst = binary.BigEndian.AppendUint16(append(dst, 0xC5), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint32(append(dst, 0xC6), uint32(n))
	}
	return append(dst, b...)
}

// The first bytes of arrays and maps: of short ones, which hold the count, and of
// those with a count of 16 bits; the next one has a count of 32 bits.
const (
	shortArray, longArray = 0x90, 0xDC
	shortMap, longMap     = 0x80, 0xDE
)

func appendArrayHead(dst []byte, n int) []byte { return appendHead(dst, n, shortArray, longArray) }

func appendMapHead(dst []byte, n int) []byte { return appendHead(dst, n, shortMap, longMap) }

func appendHead(dst []byte, n int, short, long byte) []byte {
	switch {
	case n < 0x10:
		return append(dst, short|byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, long), uint16(n))
	default:
		return binary.BigEndian.AppendUint32(append(dst, long+1), uint32(n))
	}
}

// insertHead puts the head of an array or a map in front of its contents, which
// begin at start. It is for counts that are known only afterwards; room for a
// short head has to be there already.
func insertHead(dst []byte, start, n int, short, long byte) []byte {
	var room [5]byte
	head := appendHead(room[:0], n, short, long)
	if grow := len(head) - 1; grow > 0 {
		end := len(dst)
		dst = append(dst, head[:grow]...) // only for its length
		copy(dst[start+len(head):], dst[start+1:end])
	}
	copy(dst[start:], head)
	return dst
}
