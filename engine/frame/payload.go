package frame

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
)

// ErrPacket is what every error of [ParsePacket] is: the bytes are not a packet.
var ErrPacket = errors.New("not an Engine.IO packet")

// Packet is one packet as received. Data refers to the bytes it was parsed
// from, except for a binary message, which is decoded from base64.
type Packet struct {
	Type   Type
	Binary bool // a binary message; Type is Data
	Data   []byte
}

// ParsePacket parses one packet of a polling payload, or one WebSocket text
// message. A packet that begins with 'b' is a binary message in base64, which
// both transports may carry.
func ParsePacket(p []byte) (Packet, error) {
	if len(p) == 0 {
		return Packet{}, fmt.Errorf("%w: it is empty", ErrPacket)
	}
	if p[0] == binaryPrefix {
		data := make([]byte, base64.StdEncoding.DecodedLen(len(p)-1))
		n, err := base64.StdEncoding.Decode(data, p[1:])
		if err != nil {
			return Packet{}, fmt.Errorf("%w: binary message: %w", ErrPacket, err)
		}
		if base64.StdEncoding.EncodedLen(n) != len(p)-1 { // Decode skips the ends of lines
			return Packet{}, fmt.Errorf("%w: binary message: base64 with ends of lines", ErrPacket)
		}
		return Packet{Type: Data, Binary: true, Data: data[:n]}, nil
	}
	t := Type(p[0])
	if !t.Valid() {
		return Packet{}, fmt.Errorf("%w: unknown type %q", ErrPacket, p[0])
	}
	return Packet{Type: t, Data: p[1:]}, nil
}

// SplitPayload cuts the first packet off a polling payload. more is false when
// it was the last one. An empty payload holds one empty packet, which
// [ParsePacket] refuses.
func SplitPayload(payload []byte) (packet, rest []byte, more bool) {
	return bytes.Cut(payload, []byte{Separator})
}
