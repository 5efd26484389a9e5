package socketio

// Stats are counts for an operator. Those in the first group are about this moment,
// the others since the server was made.
type Stats struct {
	// Clients is the number of connections.
	Clients int
	// Namespaces is the number of namespaces, DynamicNamespaces that of those which
	// [Options.MaxDynamicNamespaces] limits.
	Namespaces, DynamicNamespaces int

	// Opened counts connections.
	Opened uint64
	// InboxFull counts clients disconnected with [ReasonInboxFull].
	InboxFull uint64
	// InvalidPackets counts clients disconnected with [ReasonForcedClose] because of
	// what they sent.
	InvalidPackets uint64
	// QueueFull counts messages that did not fit into the outgoing queue of a client.
	QueueFull uint64
	// VolatileDropped counts volatile messages that were dropped.
	VolatileDropped uint64
	// RefusedEvents counts events that packet middleware has dropped.
	RefusedEvents uint64
	// BusErrors counts what the bus of the cluster has failed to carry.
	BusErrors uint64
	// Panics counts panics of the application's functions.
	Panics uint64
	// Recovery is about [Options.Recovery].
	Recovery RecoveryStats
	// Retries is about [Options.Retries].
	Retries RetryStats
}

// Stats returns the counts.
func (s *Server) Stats() Stats {
	engine := s.engine.Stats()
	s.namespaces.mu.RLock()
	namespaces, dynamic := len(s.namespaces.byName), s.namespaces.dynamic
	s.namespaces.mu.RUnlock()
	return Stats{
		Clients:           s.engine.Sessions(),
		Namespaces:        namespaces,
		DynamicNamespaces: dynamic,
		Opened:            uint64(engine.Opened),
		InboxFull:         s.inboxFull.Load(),
		InvalidPackets:    s.invalidPackets.Load(),
		QueueFull:         uint64(engine.QueueFull),
		VolatileDropped:   uint64(engine.VolatileDropped),
		RefusedEvents:     s.refusedEvents.Load(),
		BusErrors:         s.busErrors.Load(),
		Panics:            s.panics.Load(),
		Recovery:          s.recoveryStats(),
		Retries:           s.retries.counts(),
	}
}
