package socketio

import "context"

// The methods in this file stand for those of the main namespace.

// Use adds middleware to the main namespace: see [Namespace.Use].
func (s *Server) Use(m Middleware) { s.main.Use(m) }

// UsePacket adds middleware for the events of the main namespace: see
// [Namespace.UsePacket].
func (s *Server) UsePacket(m PacketMiddleware) { s.main.UsePacket(m) }

// OnConnect registers a handler for new sockets: see [Namespace.OnConnect].
func (s *Server) OnConnect(h ConnectHandler) (off func()) { return s.main.OnConnect(h) }

// OnDisconnect registers a handler for the end of sockets: see [Namespace.OnDisconnect].
func (s *Server) OnDisconnect(h DisconnectHandler) (off func()) { return s.main.OnDisconnect(h) }

// On registers a handler for an event of any socket: see [Namespace.On].
func (s *Server) On(name string, h Handler) (off func()) { return s.main.On(name, h) }

// Once registers a handler for the first event of a name: see [Namespace.Once].
func (s *Server) Once(name string, h Handler) (off func()) { return s.main.Once(name, h) }

// OnAny registers a handler for all events of all sockets: see [Namespace.OnAny].
func (s *Server) OnAny(h AnyHandler) (off func()) { return s.main.OnAny(h) }

// OnAnyOutgoing registers a handler for all events to any socket: see
// [Namespace.OnAnyOutgoing].
func (s *Server) OnAnyOutgoing(h OutgoingHandler) (off func()) { return s.main.OnAnyOutgoing(h) }

// OnError registers a handler for errors of handlers: see [Namespace.OnError].
func (s *Server) OnError(h ErrorHandler) (off func()) { return s.main.OnError(h) }

// Emit sends an event to every client of the main namespace: see [Broadcast.Emit].
func (s *Server) Emit(name string, args ...any) error { return s.main.Emit(name, args...) }

// EmitContext is [Server.Emit] with a context: see [Broadcast.EmitContext].
func (s *Server) EmitContext(ctx context.Context, name string, args ...any) error {
	return s.main.EmitContext(ctx, name, args...)
}

// EmitWithAck sends an event to every client of the main namespace and waits for
// their answers: see [Broadcast.EmitWithAck].
func (s *Server) EmitWithAck(ctx context.Context, name string, args ...any) ([]Args, error) {
	return s.main.EmitWithAck(ctx, name, args...)
}

// All selects every socket of the main namespace: see [Namespace.All].
func (s *Server) All() Broadcast { return s.main.All() }

// To selects the sockets of the main namespace that are in any of the rooms: see
// [Broadcast.To].
func (s *Server) To(rooms ...string) Broadcast { return s.main.To(rooms...) }

// In is [Server.To].
func (s *Server) In(rooms ...string) Broadcast { return s.main.To(rooms...) }

// Except selects the sockets of the main namespace that are in none of the rooms:
// see [Broadcast.Except].
func (s *Server) Except(rooms ...string) Broadcast { return s.main.Except(rooms...) }

// Local selects the sockets of the main namespace at this server: see
// [Broadcast.Local].
func (s *Server) Local() Broadcast { return s.main.Local() }

// Volatile selects every socket of the main namespace, for events that may be
// dropped: see [Broadcast.Volatile].
func (s *Server) Volatile() Broadcast { return s.main.Volatile() }

// Compress selects every socket of the main namespace: see [Broadcast.Compress].
func (s *Server) Compress(compress bool) Broadcast { return s.main.Compress(compress) }

// Sockets returns the sockets of the main namespace that are connected to this server.
func (s *Server) Sockets() []*Socket { return s.main.Sockets() }

// Socket returns the socket of the main namespace with the given id: see
// [Namespace.Socket].
func (s *Server) Socket(id string) (socket *Socket, ok bool) { return s.main.Socket(id) }

// Rooms returns the rooms of the main namespace: see [Namespace.Rooms].
func (s *Server) Rooms() []string { return s.main.Rooms() }

// OnRoomEvent registers a function that is told what happens to the rooms of the main
// namespace: see [Namespace.OnRoomEvent].
func (s *Server) OnRoomEvent(h func(RoomEvent)) (off func()) { return s.main.OnRoomEvent(h) }

// FetchSockets returns the sockets of the main namespace in the whole cluster: see
// [Broadcast.FetchSockets].
func (s *Server) FetchSockets(ctx context.Context) ([]*RemoteSocket, error) {
	return s.main.FetchSockets(ctx)
}
