package packet

import (
	"errors"
	"fmt"
	"reflect"
)

// ErrInvalidPacket is what every error of a [Decoder] is: the peer broke the
// protocol or a limit, and the connection can no longer be used.
var ErrInvalidPacket = errors.New("invalid Socket.IO packet")

// ErrMissingArgument is the cause of the [*DecodeError] for an argument that the
// packet does not have.
var ErrMissingArgument = errors.New("the packet has no such argument")

// SyntaxError says where and how a packet breaks the protocol. It is an
// [ErrInvalidPacket].
type SyntaxError struct {
	Offset int    // in the message, in bytes
	Reason string // for people
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%v: %s at offset %d", ErrInvalidPacket, e.Reason, e.Offset)
}

// Is reports whether target is [ErrInvalidPacket].
func (e *SyntaxError) Is(target error) bool { return target == ErrInvalidPacket }

// LimitError says which of the [Limits] a packet exceeds. It is an
// [ErrInvalidPacket].
type LimitError struct {
	Limit string // the name of the field of [Limits]
	Max   int    // its value
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("%v: it exceeds %s, which is %d", ErrInvalidPacket, e.Limit, e.Max)
}

// Is reports whether target is [ErrInvalidPacket].
func (e *LimitError) Is(target error) bool { return target == ErrInvalidPacket }

// DecodeError says that an argument could not be decoded into a Go value. The
// packet itself is sound.
type DecodeError struct {
	Index int          // of the argument, from 0
	Type  reflect.Type // of the value it should have been decoded into; nil if that was nil
	Err   error        // [ErrMissingArgument], or what went wrong
}

func (e *DecodeError) Error() string {
	return fmt.Sprintf("decode argument %d into %v: %v", e.Index, e.Type, e.Err)
}

// Unwrap returns the cause.
func (e *DecodeError) Unwrap() error { return e.Err }

// EncodeError says that an argument has no form on the wire. Nothing was encoded.
type EncodeError struct {
	Index int          // of the argument, from 0; -1 if the cause is not one argument
	Type  reflect.Type // of the argument; nil for a nil argument
	Err   error
}

func (e *EncodeError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("encode packet: %v", e.Err)
	}
	return fmt.Sprintf("encode argument %d of type %v: %v", e.Index, e.Type, e.Err)
}

// Unwrap returns the cause.
func (e *EncodeError) Unwrap() error { return e.Err }
