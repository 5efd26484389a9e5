// Package socketio is a Socket.IO server. Official clients of Socket.IO 3 and 4 talk
// to it, over HTTP long-polling and WebSocket, and those of Socket.IO 1 and 2 if
// [Options.AllowEIO3] is set.
//
//	srv := socketio.NewServer(socketio.Options{})
//	srv.OnConnect(func(ctx context.Context, s *socketio.Socket) {
//		s.Join("lobby")
//	})
//	srv.On("chat message", func(ctx context.Context, s *socketio.Socket, args socketio.Args) error {
//		return s.To("lobby").EmitContext(ctx, "chat message", args)
//	})
//	http.Handle("/socket.io/", srv)
//
// # Typed events
//
// Declare events and calls once, and the compiler checks what is emitted and handled:
//
//	var (
//		ChatMessage = event.New[Message]("chat message")
//		History     = event.NewCall[Room, []Message]("history")
//	)
//
//	socketio.On(srv, ChatMessage, func(ctx context.Context, s *socketio.Socket, m Message) error {
//		return ChatMessage.Emit(ctx, s.To("lobby"), m)
//	})
//	socketio.Handle(srv, History, func(ctx context.Context, s *socketio.Socket, r Room) ([]Message, error) {
//		return load(ctx, r)
//	})
//
// On the wire they are ordinary events, so dynamic handlers ([Namespace.On]) and
// typed ones can be mixed. A client that waits for the answer to an event with only
// handlers of [On] gets an empty one when they have returned.
//
// # The parts
//
// A [Server] has namespaces. A [Namespace] has middleware, handlers, and a [Socket]
// for each client that has joined it. A [Broadcast] selects sockets by their rooms.
// What emits is called Emit everywhere; what waits for an answer EmitWithAck.
//
// # Concurrency
//
// All exported methods may be called from any goroutine. The handlers of one socket
// run one at a time, in the order in which the packets arrived; those of different
// sockets run in parallel. Acknowledgements, heartbeats and disconnections never wait
// behind a handler, so a handler may wait for an acknowledgement of its own socket.
//
// Emit never waits for a peer: it encodes, queues and returns. What one goroutine
// emits to one socket, directly or by broadcast, arrives in that order. Everything
// that is queued is bounded: see the limits in [Options].
//
// # Errors
//
// What cannot be delivered is an error, or a disconnect with a [Reason]. Handlers
// return errors: see [Handler] for what becomes of them. A panic in a handler is
// caught, logged, and harms nobody else.
package socketio
