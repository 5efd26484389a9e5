package event

import (
	"errors"
	"sync/atomic"

	"github.com/go-socketio/socketio/packet"
)

var (
	// ErrNoAck is returned by [Args.Ack] if the peer did not ask for an acknowledgement.
	ErrNoAck = errors.New("the event does not ask for an acknowledgement")

	// ErrAlreadyAcknowledged is returned by [Args.Ack] from the second call on.
	ErrAlreadyAcknowledged = errors.New("the event is already acknowledged")
)

// Args are the arguments that came with an event, or the answer that came with
// an acknowledgement. They are decoded when asked for. Args is a small value to be
// passed by value, and is safe for concurrent use.
//
// An Args given as an argument to an Emit stands for all the arguments it holds,
// which are passed on without being decoded.
type Args struct {
	packet.Args
	ack *acknowledgement
}

type acknowledgement struct {
	sent  atomic.Bool
	reply func(args []any) error
}

// NewArgs returns the arguments a. If the peer asked for an acknowledgement,
// reply sends it; otherwise reply is nil. reply is called at most once.
func NewArgs(a packet.Args, reply func(args []any) error) Args {
	if reply == nil {
		return Args{Args: a}
	}
	return Args{Args: a, ack: &acknowledgement{reply: reply}}
}

// Decode decodes the first arguments into the values that dst point to, in
// order. A nil skips an argument, and arguments beyond len(dst) are ignored. The
// error is a [*packet.DecodeError] that names the first argument that cannot be
// decoded or is missing; those before it are decoded.
//
// [packet.Args.Decode] says which Go types fit which values.
func (a Args) Decode(dst ...any) error {
	for i, d := range dst {
		if d == nil && i < a.Len() {
			continue
		}
		if err := a.At(i, d); err != nil {
			return err
		}
	}
	return nil
}

// At decodes argument i, counted from 0, into the value that dst points to. The
// error is a [*packet.DecodeError].
func (a Args) At(i int, dst any) error { return a.Args.Decode(i, dst) }

// HasAck reports whether the peer asked for an acknowledgement.
func (a Args) HasAck() bool { return a.ack != nil }

// Acknowledged reports whether [Args.Ack] has been called.
func (a Args) Acknowledged() bool { return a.ack != nil && a.ack.sent.Load() }

// Ack sends the acknowledgement with the given values. Only the first call does,
// of all copies of the Args; every other one returns [ErrAlreadyAcknowledged].
// If none was asked for, it returns [ErrNoAck] and sends nothing. Other errors
// are those of emitting: a [*packet.EncodeError], or one of the connection.
func (a Args) Ack(values ...any) error {
	if a.ack == nil {
		return ErrNoAck
	}
	if a.ack.sent.Swap(true) {
		return ErrAlreadyAcknowledged
	}
	return a.ack.reply(values)
}
