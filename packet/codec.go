package packet

import "github.com/go-socketio/socketio/engine/frame"

// Codec is a wire format for packets. Both ends of a connection must use the
// same one; [JSON] is what clients use unless told otherwise. A Codec is safe for
// concurrent use. Servers and clients catch its panics: encoding then has failed, and
// the connection whose message was being decoded ends.
type Codec interface {
	// Encode writes one packet into b, which must be empty. For [JSON] that is a
	// text message, and the binary messages that belong to it. For an Event and an
	// Ack args are its arguments, without the name of the event; a Connect or
	// ConnectError has its payload as the only argument, or none; a Disconnect has
	// none.
	//
	// An argument may also be an [Args], which stands for all the arguments it
	// holds, or a [Raw]. The message may refer to what does not change, which is
	// strings and what an Args holds; of everything else Encode keeps no reference.
	// Its error is an [*EncodeError]; b must then be thrown away.
	Encode(b *frame.Builder, h Header, args []any) error

	// NewDecoder returns a decoder for one connection.
	NewDecoder(Limits) Decoder
}

// Decoder assembles the packets of one connection from its messages. It is not
// safe for concurrent use. An idle decoder holds no buffers.
//
// Every error is an [ErrInvalidPacket], after which the connection has to be
// closed and the decoder must not be used any more.
type Decoder interface {
	// Text takes the next text message, without the type digit of Engine.IO. It
	// takes over data: nobody may change it afterwards. complete is false if the
	// packet lacks attachments, which are expected next.
	Text(data []byte) (p Packet, complete bool, err error)

	// Binary takes the next binary message, and takes over data likewise.
	Binary(data []byte) (p Packet, complete bool, err error)
}
