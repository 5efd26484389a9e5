package socketio

import "github.com/go-socketio/socketio/engine"

// Session returns the Engine.IO session below the socket, which it shares with the
// client's sockets in other namespaces. It tells the transport, and can end the
// connection without telling the client why, as a lost connection would.
func (s *Socket) Session() *engine.Session { return s.conn.session }
