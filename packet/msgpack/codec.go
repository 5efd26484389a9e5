// Package msgpack is the codec of socket.io-msgpack-parser: one binary message per
// packet, a MessagePack map in which binary data stands where it belongs.
//
// Both ends of a connection have to use it, so set it as the codec of the server and
// give socket.io-msgpack-parser to JavaScript clients as their parser.
package msgpack

import "github.com/go-socketio/socketio/packet"

// Codec is the codec. Go types are encoded and decoded by the rules of [packet.JSON],
// so that programs can change from one to the other, except for these:
//
//   - Binary data is a value like any other. [packet.Limits.MaxAttachments] has no
//     meaning.
//   - A time.Time is a date, as in the official parser: UTC, in milliseconds. What is
//     more precise is lost. It is decoded from a date, a MessagePack timestamp, or a
//     string in the form of RFC 3339, and an any gets a time.Time from the former two.
//   - A float that is not finite stays what it is.
//   - A json.Number is sent as an integer or a float of 64 bits.
//
// Types with a method of their own for JSON or text are sent as what that method
// says, and so are structs whose json tags have options other than omitempty and
// omitzero.
//
// What JavaScript writes for undefined is null, except as a member of an object,
// where it is as if the member were missing. An extension of an unknown type is
// decoded as a list of its type and its bytes.
//
// Names of events that the protocol reserves are refused both ways, as by
// [packet.JSON].
var Codec packet.Codec = codec{}

type codec struct{}

var defaultLimits = packet.Limits{}.WithDefaults()

// NewDecoder implements [packet.Codec].
func (codec) NewDecoder(l packet.Limits) packet.Decoder {
	if l == (packet.Limits{}) {
		return &decoder{limits: &defaultLimits}
	}
	own := l.WithDefaults()
	return &decoder{limits: &own}
}

// decoder has no state besides its limits, since a message is a whole packet.
type decoder struct {
	limits *packet.Limits
}

// Text implements [packet.Decoder]. This format has no text messages.
func (d *decoder) Text([]byte) (packet.Packet, bool, error) {
	return packet.Packet{}, false, &packet.SyntaxError{Reason: "text instead of MessagePack"}
}

// Binary implements [packet.Decoder].
func (d *decoder) Binary(data []byte) (packet.Packet, bool, error) {
	m := message{checker: checker{reader: reader{data: data}}, limits: d.limits}
	err := m.read()
	if err == nil && m.invalidUTF8 {
		// Repaired once and for all, so that neither a Go string nor a receiver to
		// whom it is passed on ever sees what is not UTF-8: the official decoder
		// for browsers fails over that.
		m = message{checker: checker{reader: reader{data: repaired(data)}}, limits: d.limits}
		err = m.read()
	}
	if err != nil {
		return packet.Packet{}, false, err
	}
	p, err := m.packet()
	return p, err == nil, err
}
