package event

import (
	"bytes"
	"errors"
	"reflect"

	"github.com/go-socketio/socketio/packet"
)

// Error is an error that is meant for the peer: a handler that returns one, wrapped
// or not, answers its caller with it. Of other errors the peer learns nothing but
// "invalid arguments" if these could not be decoded, and otherwise "internal error".
type Error struct {
	Message string
	Data    any // encoded like an argument; left out if nil
}

func (e *Error) Error() string { return e.Message }

// RemoteError is the error of a call that the peer answered with a failure.
type RemoteError struct {
	Message string // as the peer put it
	data    packet.Args
}

func (e *RemoteError) Error() string { return e.Message }

// Data decodes the data of the peer's [Error] into the value that dst points to. It
// leaves dst alone if there is none. The error is a [*packet.DecodeError].
func (e *RemoteError) Data(dst any) error {
	if e.data.Len() == 0 {
		return nil
	}
	target := reflect.ValueOf(dst)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return e.data.Decode(0, dst) // which says what is wrong with dst
	}
	// A failure whose data is decoded into what dst points to.
	envelope := reflect.New(reflect.StructOf([]reflect.StructField{
		{Name: "Data", Type: target.Type(), Tag: `json:"data"`},
	}))
	envelope.Elem().Field(0).Set(target)
	return e.data.Decode(0, envelope.Interface())
}

// failure is the form of a failed call on the wire: an acknowledgement whose only
// argument is an object with a string as "error", maybe something as "data", and
// nothing else. JavaScript code reads it as answer.error. A Resp of exactly this
// form cannot be told from it.
type failure struct {
	Error string `json:"error"`
	Data  any    `json:"data,omitzero"`
}

// Failure returns the values to acknowledge an event with whose handler has returned
// err: its [*Error], or, if it has none, that there was an internal error.
func Failure(err error) []any {
	var told *Error
	if !errors.As(err, &told) {
		told = &Error{Message: "internal error"}
	}
	return []any{failure{told.Message, told.Data}}
}

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
	if a.Decode(0, &members) != nil {
		return nil
	}
	data, hasData := members["data"]
	if len(members) > 2 || len(members) == 2 && !hasData {
		return nil
	}
	message, ok := members["error"].(string)
	if !ok {
		return nil
	}
	failed := &RemoteError{Message: message}
	if data != nil {
		failed.data = a
	}
	return failed
}
