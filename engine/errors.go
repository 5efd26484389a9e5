package engine

import (
	"errors"
	"fmt"
)

// Errors of sending.
var (
	// ErrClosed: the session has ended, or has been told to.
	ErrClosed = errors.New("engine: session closed")
	// ErrQueueFull: the message does not fit into the outgoing queue, see
	// [Options.MaxQueue]. Unless [Options.QueuePolicy] is [QueueError], or the message
	// alone is larger than the queue may ever be, this has ended the session.
	ErrQueueFull = errors.New("engine: send queue full")
	// ErrDropped: a volatile message was not sent because the client could not take
	// it at once.
	ErrDropped = errors.New("engine: volatile message dropped")
)

// Errors that are the cause of a session's end, beside its [Reason].
var (
	errProbeRefused  = errors.New("the session cannot be upgraded, or is being upgraded already")
	errPollOverlap   = errors.New("a poll arrived while another one was waiting")
	errPostOverlap   = errors.New("a POST arrived while another one was being read")
	errPollAborted   = errors.New("the client aborted a poll")
	errPollWrite     = errors.New("the answer to a poll could not be written")
	errPostRead      = errors.New("a POST could not be read")
	errPostAborted   = errors.New("the client gave up a POST that was held because nothing more could be taken")
	errPostTooLarge  = errors.New("a POST was larger than MaxPayload")
	errQueueOverflow = errors.New("what was queued for the client, which does not take it, exceeded MaxQueue")
	errPostType      = errors.New("a POST had a content type that protocol 4 does not have")
	errHeartbeat     = errors.New("the client sent a ping or a pong, which is the server's part in its protocol")
	errUpgradeEarly  = errors.New("the client switched transports while a POST was under way")
	errNoPong        = errors.New("no pong within PingTimeout")
	errNoPing        = errors.New("no ping within PingInterval and PingTimeout")
	errCloseTimeout  = errors.New("the client did not take what was left within the close time-out")
	errMessageTooBig = errors.New("a WebSocket message was larger than MaxPayload")
	errIDInUse       = errors.New("the session id is in use")
	errInvalidUTF8   = errors.New("a WebSocket text message, or the reason of a close frame, was not UTF-8")
	errPanicked      = errors.New("a function of the application has panicked")
	errCloseFrame    = errors.New("a close frame had half a status, or one that must not be sent")
)

// beyond says what the limit was that has been exceeded.
func beyond[N int | int64](err error, limit N) error {
	return fmt.Errorf("%w (%d bytes)", err, limit)
}

// errTransportMismatch refuses a poll in a session that a WebSocket carries.
var errTransportMismatch = errors.New("the session uses another transport")

// Code is the number of a connection error, as the client sees it.
type Code int

// The connection errors of the protocol, with the text that the client sees.
const (
	CodeUnknownTransport   Code = 0 // Transport unknown
	CodeUnknownSession     Code = 1 // Session ID unknown
	CodeBadMethod          Code = 2 // Bad handshake method
	CodeBadRequest         Code = 3 // Bad request, or Server shutting down
	CodeForbidden          Code = 4 // Forbidden, or the text of the error that AllowRequest returned
	CodeUnsupportedVersion Code = 5 // Unsupported protocol version
)

func (c Code) text() string {
	switch c {
	case CodeUnknownTransport:
		return "Transport unknown"
	case CodeUnknownSession:
		return "Session ID unknown"
	case CodeBadMethod:
		return "Bad handshake method"
	case CodeForbidden:
		return "Forbidden"
	case CodeUnsupportedVersion:
		return "Unsupported protocol version"
	default:
		return "Bad request"
	}
}

// ConnectionError says why a request was refused. [Options.OnConnectionError]
// receives it.
type ConnectionError struct {
	Code Code
	// Message is what the client is told.
	Message string
	// Detail says more, for the operator: which session, which transport.
	Detail string
	// Err is the cause, if there is one: what AllowRequest or GenerateID returned.
	Err error
}

func (e *ConnectionError) Error() string {
	s := fmt.Sprintf("engine: request refused: %s (code %d)", e.Message, e.Code)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

func (e *ConnectionError) Unwrap() error { return e.Err }

func refuse(code Code, detail string) *ConnectionError {
	return &ConnectionError{Code: code, Message: code.text(), Detail: detail}
}
