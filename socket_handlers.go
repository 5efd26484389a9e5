package socketio

// On registers a handler for the event with the given name from this socket only,
// and returns the function that removes it again: see [Namespace.On]. To miss no
// event, do it in a [ConnectHandler] or in middleware.
func (s *Socket) On(name string, h Handler) (off func()) {
	s.server().warnReserved(s.namespace.name, name)
	return s.registry.on(name, h)
}

// Once is [Socket.On] for the first such event only.
func (s *Socket) Once(name string, h Handler) (off func()) {
	s.server().warnReserved(s.namespace.name, name)
	return s.registry.once(name, h)
}

// OnAny registers a handler for every event from this socket, and returns the
// function that removes it again: see [Namespace.OnAny].
func (s *Socket) OnAny(h AnyHandler) (off func()) { return s.registry.onAny(h) }

// OnAnyOutgoing registers a handler for every event that is sent to this socket, by
// itself or by a broadcast, and returns the function that removes it again.
func (s *Socket) OnAnyOutgoing(h OutgoingHandler) (off func()) {
	s.server().watched.Store(true)
	return s.registry.onOutgoing(h)
}

// OnError registers a handler for what the handlers of this socket's events return,
// and returns the function that removes it again.
func (s *Socket) OnError(h ErrorHandler) (off func()) { return s.registry.onError(h) }

// OnDisconnect registers a handler for the end of this socket, and returns the
// function that removes it again.
func (s *Socket) OnDisconnect(h DisconnectHandler) (off func()) { return s.registry.onDisconnect(h) }

// UsePacket adds middleware for the events of this socket, which runs after that of
// its namespace: see [PacketMiddleware].
func (s *Socket) UsePacket(m PacketMiddleware) { s.registry.usePacket(m) }

// layers returns whose handlers a socket has, in the order in which they run: those
// of its namespace's parent, of its namespace, and its own.
func (s *Socket) layers() [3]*handlers {
	parent := &noHandlers
	if p := s.namespace.parent; p != nil {
		parent = p.registry.load()
	}
	return [...]*handlers{parent, s.namespace.registry.load(), s.registry.load()}
}
