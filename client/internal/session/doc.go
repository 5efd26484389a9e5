// Package session is the client half of Engine.IO: one session with a server, over
// polling, over WebSocket, or over polling until a WebSocket takes over.
//
// [Dial] makes the first contact. From then on a machine decides everything: it is
// a plain step function without goroutine, lock or timer, and [Session] is the
// shell around it that does what it says.
//
// The formats are those of Engine.IO protocol 4.
package session
