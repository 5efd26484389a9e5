package socketio

import (
	"errors"
	"fmt"

	"github.com/go-socketio/socketio/engine"
)

// Errors of sending. Compare with errors.Is.
var (
	// ErrQueueFull: the message does not fit into the client's outgoing queue, see
	// [Options.MaxQueue].
	ErrQueueFull = engine.ErrQueueFull
	// ErrDropped: a volatile message was not sent, because the client could not take
	// it at once.
	ErrDropped = engine.ErrDropped
	// ErrReservedEvent: the name of the event has a meaning in the protocol, so that
	// clients would not receive it: connect, connect_error, disconnect,
	// disconnecting, newListener and removeListener.
	ErrReservedEvent = errors.New("socketio: reserved event name")
	// ErrNotConnected: an acknowledgement was asked for in middleware. The client is
	// told that it is connected only after the middleware has run, and handles no
	// event before that.
	ErrNotConnected = errors.New("socketio: not connected yet")
)

// ErrTooManyRooms is returned by [Socket.Join] if the socket would be in more rooms
// than [Options.MaxRooms].
var ErrTooManyRooms = errors.New("socketio: too many rooms")

// ConnectError refuses a client: middleware returns it. The client receives a
// connect_error event whose error has the message and the data. An error of another
// type refuses the client with its text as the message, a panic with "internal error".
type ConnectError struct {
	// Message is the text that the client gets.
	Message string
	// Data is encoded as JSON, and left out if nil. It must not contain binary data, for
	// which such a packet has no place: data that cannot be encoded is left out, and the
	// error is logged.
	Data any
}

func (e *ConnectError) Error() string { return e.Message }

// PanicError is the error of a function of the application that has panicked. That of a
// method by which a value encodes itself is wrapped in a [*packet.EncodeError].
type PanicError struct {
	Value any    // what it panicked with
	Stack []byte // of its goroutine, as debug.Stack formats it
}

func (e *PanicError) Error() string { return fmt.Sprintf("socketio: panic: %v", e.Value) }

// reserved reports whether clients would refuse an event of this name.
func reserved(event string) bool {
	switch event {
	case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
		return true
	}
	return false
}

// sendError says in our words what the engine says about a message.
func sendError(err error) error {
	if errors.Is(err, engine.ErrClosed) {
		return fmt.Errorf("%w: %w", ErrDisconnected, err)
	}
	return err
}

// emitError says what could not be sent.
func emitError(name string, err error) error {
	return fmt.Errorf("socketio: emit %q: %w", name, err)
}
