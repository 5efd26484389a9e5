// Package frame holds Engine.IO packets as they stand on the wire.
//
// [Message] is what is sent: a text message and the binary messages that belong
// to it, encoded once, read only, and shared by every session that sends it.
// [Builder] makes one. [SplitPayload] takes apart what a client posts.
//
// The formats are those of Engine.IO protocol 4, and, where a name ends in 3, of
// protocol 3.
package frame

// Type is the type of an Engine.IO packet: the first character of its text form.
type Type byte

// The packet types of Engine.IO protocol 4.
const (
	Open    Type = '0' // server to client: the handshake
	Close   Type = '1' // the sender ends the session
	Ping    Type = '2' // server to client; "2probe" from client to server
	Pong    Type = '3' // the answer to Ping, with its data
	Data    Type = '4' // a message
	Upgrade Type = '5' // client to server: the probed transport takes over
	Noop    Type = '6' // server to client: releases a waiting poll
)

// Separator stands between the packets of a polling payload.
const Separator = 0x1E

// binaryPrefix begins a binary message in a text payload; base64 follows.
const binaryPrefix = 'b'

// Valid reports whether t is a packet type of the protocol.
func (t Type) Valid() bool { return t >= Open && t <= Noop }
