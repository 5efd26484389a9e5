// Package outcome decides about an event whose handlers have returned without an answer.
//
// Handlers of typed events cannot answer. A peer that waits for an acknowledgement would
// wait for ever, so it gets an empty one when all of them have returned: but only if they
// are all of that kind, because any other handler may still answer, even later.
package outcome

import (
	"errors"

	"github.com/go-socketio/socketio/event"
)

var (
	// ErrNoAnswer is what a handler returns instead of nil that cannot answer.
	ErrNoAnswer = errors.New("the event was handled, and there is no answer to it")
	// ErrNotRun is what a handler for a single event returns when that has been another one.
	ErrNotRun = errors.New("the handler was for an earlier event")
)

// IsFailure reports whether the error of a handler is one.
func IsFailure(err error) bool { return err != nil && err != ErrNoAnswer && err != ErrNotRun }

// Examine does with the error of a handler what is done with it later. It is called
// where panics are caught: the methods of an error may be the application's, and the
// commonest mistake with errors, a nil pointer that is returned as one, makes them panic.
func Examine(err error) {
	if IsFailure(err) {
		_ = err.Error()
		_ = event.Failure(err)
		_ = errors.Is(err, ErrNotRun) // all that it wraps
	}
}

// All is what the handlers of one event have returned. The zero value is for none.
type All struct {
	failed         error
	silent, others bool
}

// Add adds what a handler has returned.
func (a *All) Add(err error) {
	switch err {
	case ErrNotRun:
		return
	case ErrNoAnswer:
		a.silent = true
		return
	}
	a.others = true
	if a.failed == nil {
		a.failed = err
	}
}

// Failed returns the first error, or nil.
func (a *All) Failed() error { return a.failed }

// Acknowledge gives the event an empty acknowledgement if nobody else can give one.
func (a *All) Acknowledge(args event.Args) {
	if a.silent && !a.others && args.HasAck() && !args.Acknowledged() {
		_ = args.Ack() // fails if the peer has left
	}
}
