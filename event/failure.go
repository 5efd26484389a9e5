package event

import (
	"bytes"

	"github.com/go-socketio/socketio/packet"
)

// RemoteError is the error of a call that the peer answered with a failure.
type RemoteError struct {
	Message string // as the peer put it
}

func (e *RemoteError) Error() string { return e.Message }

// failure is the form of a failed call on the wire: an acknowledgement whose only
// argument is an object whose only member is "error", a string. JavaScript code
// reads it as answer.error. A Resp of exactly this form cannot be told from it.
type failure struct {
	Error string `json:"error"`
}

func newFailure(err error) failure { return failure{err.Error()} }

// readFailure returns the failure that a is, or nil.
func readFailure(a packet.Args) error {
	if a.Len() != 1 {
		return nil
	}
	// Most answers need not be decoded to find out.
	if json := a.Raw(0); json != nil && !bytes.Contains(json, []byte(`"error"`)) {
		return nil
	}
	var members map[string]any
	if a.Decode(0, &members) != nil || len(members) != 1 {
		return nil
	}
	if message, ok := members["error"].(string); ok {
		return &RemoteError{message}
	}
	return nil
}
