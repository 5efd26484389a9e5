package session

import (
	"encoding/binary"
	"iter"
)

// frames takes apart the WebSocket form of a message: complete frames without a mask.
func frames(wire []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(header, payload []byte) bool) {
		for len(wire) > 0 {
			h, length := 2, int(wire[1])
			switch length {
			case 126:
				h, length = 4, int(binary.BigEndian.Uint16(wire[2:]))
			case 127:
				h, length = 10, int(binary.BigEndian.Uint64(wire[2:]))
			}
			if !yield(wire[:h], wire[h:h+length]) {
				return
			}
			wire = wire[h+length:]
		}
	}
}
