package socketio

import "sync/atomic"

// RecoveryStats are counts about [Recovery], for an operator. Those in the first group
// are about this moment, the others since the server was made. If the bus of a
// cluster keeps the log and the sessions, it has to be asked about those.
type RecoveryStats struct {
	// Waiting is the number of disconnected clients that may come back.
	Waiting int
	// LogBytes is the size of the logs.
	LogBytes int

	// Recovered counts clients that have recovered their connection.
	Recovered uint64
	// Unknown counts clients that asked for a session that is not there: it has
	// expired, is of a server that has ended, or another connection has it.
	Unknown uint64
	// Expired, Evicted, Incomplete, Refused and Unsaved count lost sessions, by their
	// reason: [LostExpired], [LostEvicted], [LostEvents], [LostRefused], [LostUnsaved].
	Expired, Evicted, Incomplete, Refused, Unsaved uint64
	// LogDropped counts events that a log has forgotten before their time, because of
	// [Recovery.MaxBytes].
	LogDropped uint64
}

// recoveryCounts are the counts of a server.
type recoveryCounts struct {
	recovered, unknown                             atomic.Uint64
	expired, evicted, incomplete, refused, unsaved atomic.Uint64
}

func (s *Server) recoveryStats() RecoveryStats {
	c := &s.recovery
	stats := RecoveryStats{
		Recovered:  c.recovered.Load(),
		Unknown:    c.unknown.Load(),
		Expired:    c.expired.Load(),
		Evicted:    c.evicted.Load(),
		Incomplete: c.incomplete.Load(),
		Refused:    c.refused.Load(),
		Unsaved:    c.unsaved.Load(),
	}
	for _, ns := range s.Namespaces() {
		if r := ns.recovery; r != nil && r.store == nil {
			ns.mu.Lock()
			stats.Waiting += r.order.Len()
			stats.LogBytes += r.log.Bytes()
			stats.LogDropped += r.log.Dropped()
			ns.mu.Unlock()
		}
	}
	return stats
}
