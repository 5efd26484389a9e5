// Package packet encodes and decodes Socket.IO packets.
//
// A [Codec] turns a [Header] and arguments into a message ready to send, and its
// [Decoder] turns what one connection receives into packets. [JSON] is the codec
// that every client speaks unless both ends agree on another one.
//
// Decoding is lazy. A decoder checks a packet completely (grammar, depth,
// attachments) and notes where each argument stands, but it does not decode
// arguments: [Args.Decode] does that, into the type the caller wants, and what
// is only passed on is never decoded at all.
//
// The formats are those of Socket.IO protocol 5.
package packet

import "strconv"

// Type is the type of a packet. The values are the digits of the protocol.
type Type uint8

// The packet types of Socket.IO protocol 5.
const (
	Connect      Type = 0 // asks for, or grants, a place in a namespace
	Disconnect   Type = 1 // leaves a namespace
	Event        Type = 2
	Ack          Type = 3 // the answer to an Event that carried an ID
	ConnectError Type = 4 // refuses a Connect

	// BinaryEvent and BinaryAck exist on the wire only: a [Decoder] reports
	// Event and Ack, and a [Codec] finds out by itself whether arguments hold bytes.
	BinaryEvent Type = 5
	BinaryAck   Type = 6
)

var typeNames = [...]string{"CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK"}

// String returns the name that the protocol gives the type, such as "EVENT".
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "Type(" + strconv.Itoa(int(t)) + ")"
}

// MainNamespace is the namespace that is not written on the wire.
const MainNamespace = "/"

// Header is everything about a packet but its arguments.
type Header struct {
	Type Type // never BinaryEvent or BinaryAck

	// Namespace begins with a slash. When encoding, empty means [MainNamespace].
	Namespace string

	// Event is the name of the event; empty for every other type of packet. A
	// name that arrived as a number, which the protocol allows, is its JSON text.
	Event string

	// ID is the acknowledgement ID if HasID is set. An Event with one asks for an
	// Ack with the same ID; every Ack has one; other packets have none.
	ID    uint64
	HasID bool
}

// Packet is one received packet.
type Packet struct {
	Header

	// Args are the arguments of an Event (without its name) or an Ack, or the
	// payload of a Connect or ConnectError as the only argument, if it has one.
	Args Args
}
