package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-socketio/socketio/client/internal/session"
	"github.com/go-socketio/socketio/packet"
)

// Errors of sending. Compare with errors.Is.
var (
	// ErrNotConnected: the namespace is not joined, and the event was not to be queued:
	// because of [OfflineFail], or because nothing is under way to join it.
	ErrNotConnected = errors.New("socketio: not connected")
	// ErrBufferFull: the event does not fit into what is queued for a namespace that is
	// not joined, or for events that are sent at least once: see [Options.MaxBuffer].
	ErrBufferFull = errors.New("socketio: buffer full")
	// ErrQueueFull: the event does not fit into what is queued for the connection, see
	// [Options.MaxQueue].
	ErrQueueFull = errors.New("socketio: send queue full")
	// ErrDropped: a volatile event was not sent, because it could not be at once.
	ErrDropped = errors.New("socketio: volatile event dropped")
	// ErrAckTimeout: no acknowledgement within [Options.AckTimeout], and after all
	// [Options.Retries]. It is a context.DeadlineExceeded.
	ErrAckTimeout = fmt.Errorf("socketio: no acknowledgement in time: %w", context.DeadlineExceeded)
	// ErrReservedEvent: the name of the event has a meaning in the protocol, so that
	// servers refuse it: connect, connect_error, disconnect, disconnecting,
	// newListener and removeListener.
	ErrReservedEvent = errors.New("socketio: reserved event name")
	// ErrClosed: the client was closed.
	ErrClosed = errors.New("socketio: client closed")
)

// ErrProtocolVersion is the cause of a [*ConnectError] if the server is one of Socket.IO 2
// or older, as far as what it says shows. This client speaks what servers of Socket.IO 3
// and 4 do: update the server, or use a client of its age.
var ErrProtocolVersion = errors.New("the server is one of Socket.IO 2 or older, and this client needs 3 or later: update the server")

// Step is a step on the way into a namespace.
type Step string

// The steps, in their order.
const (
	StepOptions   Step = "options"   // read the URL and the options
	StepRequest   Step = "request"   // reach the server: names, TCP, TLS, proxies
	StepHandshake Step = "handshake" // open the connection: HTTP status, Engine.IO and WebSocket handshakes
	StepAuth      Step = "auth"      // call AuthFunc, encode Auth
	StepJoin      Step = "join"      // join the namespace
)

// Fault says whose fault a failure was, as far as a client can tell.
type Fault string

// Those who can be at fault.
const (
	FaultCaller  Fault = "caller"  // the program: what it passed, or a context that ended
	FaultNetwork Fault = "network" // the server could not be reached, or not in time
	FaultServer  Fault = "server"  // it was reached, and refused or broke the protocol
)

// ConnectError says which step of connecting has failed, and whose fault it was. It
// is returned by [Connect], [New] and [Socket.Connect], and passed to the handlers
// of [Socket.OnConnectError].
type ConnectError struct {
	Step      Step
	Fault     Fault
	Transport string // in the steps request and handshake
	Status    int    // of the HTTP response that refused; 0 if none did
	// Err is the cause. In the step join it is a [*RefusedError] if the server has
	// refused the client.
	Err error
}

func (e *ConnectError) Error() string {
	return fmt.Sprintf("socketio: connecting failed at the step %q, fault of the %s: %v", string(e.Step), string(e.Fault), e.Err)
}

// Unwrap returns the cause.
func (e *ConnectError) Unwrap() error { return e.Err }

// RefusedError is the answer of a server that does not let the client into a
// namespace. The client does not try again by itself.
type RefusedError struct {
	Namespace string
	Message   string // as the server put it
	payload   packet.Args
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the server refused namespace %s: %s", e.Namespace, e.Message)
}

// Data decodes the data that came with the refusal into the value that dst points
// to. It leaves dst alone if there is none. The error is a [*packet.DecodeError].
func (e *RefusedError) Data(dst any) error {
	return decodeMember(e.payload, "data", dst)
}

// dialFailed says in our words why no session could be opened.
func dialFailed(ctx context.Context, err error) *ConnectError {
	c := &ConnectError{Step: StepRequest, Fault: FaultNetwork, Err: err}
	if e, ok := errors.AsType[*session.DialError](err); ok {
		c.Transport, c.Status = e.Transport, e.Status
		if e.Step == session.StepHandshake {
			c.Step, c.Fault = StepHandshake, FaultServer
		}
	}
	if errors.Is(err, session.ErrProtocol3) {
		c.Err = fmt.Errorf("%w: %w", ErrProtocolVersion, err)
	}
	switch cause := context.Cause(ctx); {
	case cause == nil:
	case errors.Is(cause, errConnectTimeout):
		c.Fault = FaultNetwork
	default:
		c.Fault = FaultCaller
	}
	// A proxy in the way is not the server.
	if c.Status == http.StatusBadGateway || c.Status == http.StatusGatewayTimeout {
		c.Fault = FaultNetwork
	}
	return c
}

var (
	errConnectTimeout = errors.New("not connected within ConnectTimeout")
	errJoinTimeout    = errors.New("the server did not answer the request to join within ConnectTimeout")
	errAuthTimeout    = errors.New("AuthFunc did not return within ConnectTimeout")
	errNoID           = fmt.Errorf("the answer to the request to join has no id: %w", ErrProtocolVersion)
)

// sendError says in our words what the session says about a message.
func sendError(err error) error {
	switch {
	case errors.Is(err, session.ErrQueueFull):
		return ErrQueueFull
	case errors.Is(err, session.ErrDropped):
		return ErrDropped
	case errors.Is(err, session.ErrClosed):
		return ErrNotConnected
	}
	return err
}

// emitError says what could not be sent.
func emitError(name string, err error) error {
	return fmt.Errorf("socketio: emit %q: %w", name, err)
}

// ackError says what was not answered.
func ackError(name string, err error) error {
	return fmt.Errorf("socketio: no acknowledgement of %q: %w", name, err)
}

// reserved reports whether servers would refuse an event of this name.
func reserved(event string) bool {
	switch event {
	case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
		return true
	}
	return false
}

// normalNamespace returns the name with its leading slash.
func normalNamespace(name string) string {
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	return name
}
