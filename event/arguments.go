package event

import "github.com/go-socketio/socketio/packet"

// None is the payload of an event that has none, the request of a call without a
// request, and the answer of a call that only reports that it is done.
type None = struct{}

// Arguments is implemented, on a pointer, by a payload type that stands for
// several arguments of an event instead of one:
//
//	type Move struct{ X, Y int }
//
//	func (m *Move) EventArgs() []any { return []any{&m.X, &m.Y} }
//
// [Tuple2] and [Tuple3] have it already.
type Arguments interface {
	// EventArgs returns pointers to the parts, which are both encoded and decoded
	// through them.
	EventArgs() []any
}

// Tuple2 is a payload of two arguments.
type Tuple2[A, B any] struct {
	A A
	B B
}

// EventArgs implements [Arguments].
func (t *Tuple2[A, B]) EventArgs() []any { return []any{&t.A, &t.B} }

// Tuple3 is a payload of three arguments.
type Tuple3[A, B, C any] struct {
	A A
	B B
	C C
}

// EventArgs implements [Arguments].
func (t *Tuple3[A, B, C]) EventArgs() []any { return []any{&t.A, &t.B, &t.C} }

// arguments returns what v is emitted as.
func arguments[T any](v T) []any {
	switch any((*T)(nil)).(type) { // with &v, every v would be moved to the heap
	case *None:
		return nil
	case Arguments:
		return any(new(v)).(Arguments).EventArgs()
	}
	return []any{v}
}

// decode is the reverse of arguments.
func decode[T any](a packet.Args) (v T, err error) {
	switch target := any(&v).(type) {
	case *None:
		return v, nil
	case Arguments:
		for i, part := range target.EventArgs() {
			if err = a.Decode(i, part); err != nil {
				return v, err
			}
		}
		return v, nil
	default:
		err = a.Decode(0, target)
		return v, err
	}
}
