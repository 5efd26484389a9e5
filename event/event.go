// Package event names events and the Go types that travel with them, so that the
// compiler checks what is emitted and what is handled.
//
// An [Event] has a payload; a [Call] has a request and an answer, which comes
// back as an acknowledgement. Both are values that are declared once, usually as
// package variables shared by the server and its Go clients:
//
//	var (
//		ChatMessage = event.New[Message]("chat message")
//		History     = event.NewCall[Room, []Message]("history")
//	)
//
// On the wire they are ordinary Socket.IO events. The package only knows small
// interfaces to emit to, which servers, clients, sockets and rooms implement.
package event

import (
	"context"

	"github.com/go-socketio/socketio/packet"
)

// Target is what an event can be emitted to: a server, a namespace, a room, a
// socket, a client.
type Target interface {
	// EmitContext sends an event and does not wait for the peer.
	EmitContext(ctx context.Context, name string, args ...any) error
}

// Event is an event whose payload is a T. It is a small immutable value.
//
// The payload is one argument, also if T is a struct or a slice. [None] stands for
// no argument, and a type that is [Arguments] for several.
type Event[T any] struct {
	name string
}

// New returns the event with the given name. The protocol reserves the names
// connect, connect_error, disconnect, disconnecting, newListener and
// removeListener: emitting one of them fails.
func New[T any](name string) Event[T] { return Event[T]{name} }

// Name is the name of the event on the wire.
func (e Event[T]) Name() string { return e.name }

// Emit sends the event with the payload v. Its errors are those of the target; a
// payload that cannot be encoded is a [*packet.EncodeError].
func (e Event[T]) Emit(ctx context.Context, to Target, v T) error {
	return to.EmitContext(ctx, e.name, arguments(v)...)
}

// Decode returns the payload that a holds. Arguments that T has no place for are
// ignored. The error is a [*packet.DecodeError].
func (e Event[T]) Decode(a packet.Args) (T, error) { return decode[T](a) }
