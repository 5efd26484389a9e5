package packet

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

var (
	errHeader   = errors.New("invalid header")
	errReserved = errors.New("the name of the event is reserved by the protocol")
	errPayload  = errors.New("the payload must be a single object")
)

// Check reports what makes a packet with this header and these arguments
// impossible, or nil. It is for implementing a [Codec]: what passes has a form in
// every one of them, unless it is an argument that has none.
func (h Header) Check(args []any) error {
	switch {
	case h.Type > ConnectError:
		return fmt.Errorf("%w: type %s", errHeader, h.Type)
	case h.HasID && h.Type != Event && h.Type != Ack:
		return fmt.Errorf("%w: an ID in a %s packet", errHeader, h.Type)
	case !h.HasID && h.Type == Ack:
		return fmt.Errorf("%w: an ACK needs an ID", errHeader)
	case h.Event != "" && h.Type != Event:
		return fmt.Errorf("%w: the name of an event in a %s packet", errHeader, h.Type)
	case h.Namespace != "" && h.Namespace != MainNamespace && !validNamespace(h.Namespace):
		return fmt.Errorf("%w: namespace %.100q", errHeader, h.Namespace)
	case h.Type == Event && reserved(h.Event):
		return errReserved
	case h.Type == Disconnect && len(args) > 0,
		(h.Type == Connect || h.Type == ConnectError) && len(args) > 1:
		return errPayload
	}
	return nil
}

// validNamespace reports whether a decoder would read the name back, whatever
// the transport: on polling, a control character separates packets.
func validNamespace(name string) bool {
	stops := func(r rune) bool { return r == ',' || r < ' ' }
	return name[0] == '/' && strings.IndexFunc(name, stops) < 0 && utf8.ValidString(name)
}

// reserved reports whether the protocol keeps name for the sockets themselves.
func reserved(name string) bool {
	switch name {
	case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
		return true
	}
	return false
}
