// Package engine is an Engine.IO server: sessions between a client and the server
// over HTTP long-polling, WebSocket, or one after the other with an upgrade in
// between. It speaks protocol revision 4, and if it is told to, revision 3 with old
// clients. Socket.IO is built on it; it can also be used alone.
//
//	srv := engine.NewServer(engine.Options{}, func(s *engine.Session) engine.Receiver {
//		return &echo{s}
//	})
//	http.Handle("/engine.io/", srv)
//
// A [Session] sends with [Session.Send] and gives what it receives to the
// [Receiver] that the function returned. The server needs no goroutine for a
// polling session and one, blocked in read, for a WebSocket session.
package engine
