package packet

import (
	"errors"
	"reflect"
	"testing"
)

func TestErrorMessages(t *testing.T) {
	cause := errors.New("cause")
	for want, err := range map[string]error{
		"invalid Socket.IO packet: empty packet at offset 0":                   &SyntaxError{Reason: "empty packet"},
		"invalid Socket.IO packet: it exceeds MaxDepth, which is 128":          &LimitError{"MaxDepth", 128},
		"decode argument 1 into int: cause":                                    &DecodeError{1, reflect.TypeFor[int](), cause},
		"decode argument 0 into <nil>: the packet has no such argument":        &DecodeError{Err: ErrMissingArgument},
		"encode argument 2 of type []uint8: cause":                             &EncodeError{2, bytesType, cause},
		"encode packet: the name of the event is reserved by the protocol":     &EncodeError{Index: -1, Err: errReserved},
		"encode argument 0 of type <nil>: nested too deeply, or within itself": &EncodeError{Err: errDepth},
	} {
		if got := err.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
