package main

import "encoding/binary"

// appendHeader appends the header of a server's frame.
func appendHeader(dst []byte, op byte, length int) []byte {
	dst = append(dst, 0x80|op)
	switch {
	case length < 126:
		return append(dst, byte(length))
	case length < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, 126), uint16(length))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 127), uint64(length))
	}
}

func appendFrame(dst []byte, op byte, payload []byte) []byte {
	return append(appendHeader(dst, op, len(payload)), payload...)
}

// parseFrame takes the first frame of a client off data and unmasks it in place. n
// is 0 if it is not complete.
func parseFrame(data []byte) (op byte, payload []byte, n int) {
	if len(data) < 6 {
		return 0, nil, 0
	}
	length, at := int(data[1]&0x7f), 2
	switch length {
	case 126:
		length, at = int(binary.BigEndian.Uint16(data[2:])), 4
	case 127:
		if len(data) < 14 {
			return 0, nil, 0
		}
		length, at = int(binary.BigEndian.Uint64(data[2:])), 10
	}
	if len(data) < at+4+length {
		return 0, nil, 0
	}
	n = at + 4 + length
	payload = data[at+4 : n]
	unmask(payload, binary.LittleEndian.Uint32(data[at:]))
	return data[0] & 0x0f, payload, n
}

func unmask(b []byte, key uint32) {
	wide := uint64(key)<<32 | uint64(key)
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^wide)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= byte(key >> (8 * (i & 3)))
	}
}
