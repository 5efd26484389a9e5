package cluster

import (
	"net/http"
	"net/url"
	"time"

	"github.com/go-socketio/socketio/packet"
)

// SocketInfo describes a socket to other nodes, as it was at one moment.
type SocketInfo struct {
	ID        string
	Handshake Handshake
	// Rooms are the rooms that the socket is in, its own one first.
	Rooms []string
	// Data is what the application keeps with the socket, as one argument; empty if
	// nothing, in whose place JavaScript nodes expect an empty object.
	Data packet.Args
}

// Handshake is what a client sent when it connected.
type Handshake struct {
	Time        time.Time
	Address     string // the client's IP address
	URL         string // the target of the first request
	Query       url.Values
	Header      http.Header
	Secure      bool // TLS
	CrossDomain bool // the request had an Origin header
	// Auth is what the client sent as auth, as one argument; empty if nothing.
	Auth packet.Args
}
