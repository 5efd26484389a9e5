package socketio

// Use adds middleware, which runs for each client that asks to join, in the order
// in which it was added.
func (ns *Namespace) Use(m Middleware) { ns.registry.use(m) }

// UsePacket adds middleware that runs for each event that a client sends, in the
// order in which it was added: see [PacketMiddleware].
func (ns *Namespace) UsePacket(m PacketMiddleware) { ns.registry.usePacket(m) }

// OnConnect registers a handler for new sockets, and returns the function that removes
// it again.
func (ns *Namespace) OnConnect(h ConnectHandler) (off func()) { return ns.registry.onConnect(h) }

// OnDisconnect registers a handler for the end of sockets, and returns the function
// that removes it again.
func (ns *Namespace) OnDisconnect(h DisconnectHandler) (off func()) {
	return ns.registry.onDisconnect(h)
}

// On registers a handler for the event with the given name, whatever socket it comes
// from, and returns the function that removes it again. An event may have several
// handlers: they run in the order of their registration, and those of the namespace
// before those of the socket.
func (ns *Namespace) On(name string, h Handler) (off func()) {
	ns.server.warnReserved(ns.name, name)
	return ns.registry.on(name, h)
}

// Once is [Namespace.On] for the first such event only, whatever socket it comes from.
func (ns *Namespace) Once(name string, h Handler) (off func()) {
	ns.server.warnReserved(ns.name, name)
	return ns.registry.once(name, h)
}

// OnAny registers a handler for every event, and returns the function that removes it
// again. It runs before the handlers of the event's name.
func (ns *Namespace) OnAny(h AnyHandler) (off func()) { return ns.registry.onAny(h) }

// OnAnyOutgoing registers a handler for every event that is sent to a client of this
// server, and returns the function that removes it again.
func (ns *Namespace) OnAnyOutgoing(h OutgoingHandler) (off func()) {
	ns.server.watched.Store(true)
	return ns.registry.onOutgoing(h)
}

// OnError registers a handler for what the handlers of events return, and returns the
// function that removes it again.
func (ns *Namespace) OnError(h ErrorHandler) (off func()) { return ns.registry.onError(h) }

// warnReserved tells who writes On("disconnect", …), as in JavaScript, about it.
func (s *Server) warnReserved(namespace, event string) {
	if reserved(event) || event == "connection" {
		s.options.Logger.Warn("clients do not send an event of this name; use OnConnect, OnDisconnect or Use",
			"namespace", namespace, "event", event)
	}
}
