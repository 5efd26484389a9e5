package client

import (
	"errors"
	"fmt"

	"github.com/go-socketio/socketio/client/internal/session"
)

// Reason says why a socket was disconnected. The texts are those of the JavaScript
// client, where it knows the case.
type Reason string

// The reasons for which a socket is disconnected. After the first two, and after
// [ReasonServerDisconnect] in particular, the client does not come back by itself.
const (
	// ReasonServerDisconnect: the server took the client out of the namespace.
	ReasonServerDisconnect Reason = "io server disconnect"
	// ReasonClientDisconnect: [Socket.Disconnect] or [Client.Close] was called.
	ReasonClientDisconnect Reason = "io client disconnect"
	// ReasonPingTimeout: the server has sent no ping in time.
	ReasonPingTimeout = Reason(session.ReasonPingTimeout)
	// ReasonTransportClose: the server closed the connection.
	ReasonTransportClose = Reason(session.ReasonTransportClose)
	// ReasonTransportError: the connection failed.
	ReasonTransportError = Reason(session.ReasonTransportError)
	// ReasonParseError: the server sent what is not a packet.
	ReasonParseError = Reason(session.ReasonParseError)
	// ReasonInboxFull: a handler waited for an acknowledgement that could never
	// arrive, because reading had stopped: see [Options.MaxInbox].
	ReasonInboxFull Reason = "inbox full"
)

// Disconnect describes the end of a stay in a namespace to the handlers of
// [Socket.OnDisconnect].
type Disconnect struct {
	Reason Reason
	// Err is the cause, if more is known than the reason says; nil otherwise.
	Err error
	// Final is false if the client tries to come back by itself.
	Final bool
}

// ErrDisconnected is what every error is that comes from having left a namespace.
// See also [DisconnectError].
var ErrDisconnected = errors.New("socketio: disconnected")

// DisconnectError is returned for what can no longer be done because the namespace
// was left, and is the cause of the end of the contexts of its handlers:
// context.Cause(ctx). It is an [ErrDisconnected].
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
