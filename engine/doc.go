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
//
// A message is built once, with a [frame.Builder], and may be sent to any number of
// sessions:
//
//	var b frame.Builder
//	b.BeginText()
//	b.Buf = append(b.Buf, "hello"...) // instead of these three lines b.Binary(data)
//	b.EndText()
//	err := session.Send(b.Message(), engine.SendOptions{})
//
// A receiver that answers several messages at once calls [Session.Enqueue] in
// ReceiveText and ReceiveBinary and [Session.Flush] in EndBatch: then the answers to
// what one POST has brought leave with one poll, and those to what one read of a
// WebSocket has brought with one write.
package engine
