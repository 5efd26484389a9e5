package session

import (
	"errors"
	"fmt"
)

// Errors of sending.
var (
	ErrClosed    = errors.New("the connection is closed")
	ErrQueueFull = errors.New("the send queue is full")
	ErrDropped   = errors.New("volatile message dropped")
)

// ErrProtocol3 says that the server speaks Engine.IO 3, as its way to write a payload shows.
var ErrProtocol3 = errors.New("the server speaks protocol 3 of Engine.IO")

// Errors that are the cause of a session's end, beside its [Reason].
var (
	errNoPing       = errors.New("no ping of the server in time")
	errCloseTimeout = errors.New("the server did not take what was queued within the close time-out")
	errServerClosed = errors.New("the server closed the session")
	errFlood        = errors.New("the server sends pings faster than it takes the answers")
	errProbeLate    = errors.New("the upgrade was given up")
	errTooLarge     = errors.New("larger than MaxPayload")
)

// Step is a step of connecting.
type Step uint8

// The steps of [Dial].
const (
	StepRequest   Step = iota // reach the server: names, TCP, TLS, proxies, HTTP
	StepHandshake             // open a session: HTTP status, WebSocket and Engine.IO handshake
)

// DialError says which step of opening a session failed.
type DialError struct {
	Step      Step
	Transport string
	Status    int    // of the HTTP response; 0 if there was none
	Code      int    // of the Engine.IO error in its body; -1 if there was none
	Message   string // of the same; or the beginning of the body
	Err       error  // nil if the status says it all
}

func (e *DialError) Error() string {
	s := e.Transport
	if e.Status != 0 {
		s += fmt.Sprintf(": HTTP status %d", e.Status)
	}
	if e.Message != "" {
		s += fmt.Sprintf(": %q", e.Message)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *DialError) Unwrap() error { return e.Err }
