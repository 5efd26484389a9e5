package socketio

import (
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/packet"
)

// Handshake is what a client sent when it connected. The embedded part is about
// the first HTTP request of its connection, and shared by all its sockets. A
// Handshake may be used from any goroutine, and kept.
type Handshake struct {
	*engine.Handshake
	auth packet.Args
}

// Auth decodes what the client sent as auth when it joined the namespace into the
// value that dst points to. If it sent nothing, dst is left alone. The error is a
// [*packet.DecodeError].
func (h Handshake) Auth(dst any) error {
	if h.auth.Len() == 0 {
		return nil
	}
	return h.auth.Decode(0, dst)
}

// RawAuth returns the JSON text of what [Handshake.Auth] decodes; nil if there is
// none. It must not be changed.
func (h Handshake) RawAuth() []byte { return h.auth.Raw(0) }
