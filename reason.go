package socketio

import (
	"errors"
	"fmt"

	"github.com/go-socketio/socketio/engine"
)

// Reason says why a socket was disconnected. The texts are those that Socket.IO
// uses everywhere, where it knows the case.
type Reason string

// The reasons for which a socket is disconnected. The transport of the client is
// still open after the first two, unless it was closed as well.
const (
	// ReasonClientDisconnect: the client left the namespace.
	ReasonClientDisconnect Reason = "client namespace disconnect"
	// ReasonServerDisconnect: [Socket.Disconnect] or one of its kin was called.
	ReasonServerDisconnect Reason = "server namespace disconnect"
	// ReasonServerShutdown: the server was closed.
	ReasonServerShutdown = Reason(engine.ReasonServerShutdown)
	// ReasonTransportClose: the client closed the connection, or lost it.
	ReasonTransportClose = Reason(engine.ReasonTransportClose)
	// ReasonTransportError: the connection failed, or the client broke the rules of
	// the transport.
	ReasonTransportError = Reason(engine.ReasonTransportError)
	// ReasonPingTimeout: the client did not answer a ping in time.
	ReasonPingTimeout = Reason(engine.ReasonPingTimeout)
	// ReasonParseError: the client sent what is not an Engine.IO packet.
	ReasonParseError = Reason(engine.ReasonParseError)
	// ReasonForcedClose: the client sent what is not a Socket.IO packet, or a packet
	// that does not belong there, such as an event for a namespace it is not in; or it
	// has joined no namespace within [Options.ConnectTimeout].
	ReasonForcedClose = Reason(engine.ReasonForcedClose)
	// ReasonQueueFull: the client reads more slowly than it is sent to, and
	// [Options.MaxQueue] was reached.
	ReasonQueueFull = Reason(engine.ReasonQueueFull)
	// ReasonInboxFull: a handler waited for an acknowledgement that could never
	// arrive, because reading from its client had stopped: see [Options.MaxInbox].
	ReasonInboxFull Reason = "inbox full"
)

// Disconnect describes the end of a socket to the handlers of [Namespace.OnDisconnect].
type Disconnect struct {
	// Reason is the kind of end.
	Reason Reason
	// Err is the cause, if more is known than the reason says; nil otherwise.
	Err error
	// Rooms are the rooms that the socket was in when it ended, its own one first.
	Rooms []string
	// Recoverable says that the client may come back and recover its connection: see
	// [Recovery].
	Recoverable bool
}

// ErrDisconnected matches, with errors.Is, every error that comes from a socket having
// left its namespace. See also [DisconnectError].
var ErrDisconnected = errors.New("socketio: disconnected")

// DisconnectError is returned for what a socket can no longer do, and is the cause
// of the end of its context: context.Cause(ctx). It is an [ErrDisconnected].
type DisconnectError struct {
	Reason Reason
	Err    error // the cause, if more is known than the reason says; nil otherwise
}

func (e *DisconnectError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%v: %s: %v", ErrDisconnected, e.Reason, e.Err)
	}
	return fmt.Sprintf("%v: %s", ErrDisconnected, e.Reason)
}

// Is reports whether target is [ErrDisconnected].
func (e *DisconnectError) Is(target error) bool { return target == ErrDisconnected }

// Unwrap returns Err.
func (e *DisconnectError) Unwrap() error { return e.Err }
