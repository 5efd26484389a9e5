package session

import (
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// This file is the machine's clock: the heartbeat and the other deadlines.

// tick does what is overdue at now.
func (m *machine) tick(now time.Duration, eff *effects) {
	switch {
	case due(m.closeBy, now):
		m.err = errCloseTimeout
		m.end(m.reason, m.err, eff)
	case due(m.pingBy, now) && !m.paused:
		m.end(ReasonPingTimeout, errNoPing, eff)
	case due(m.probeBy, now):
		m.dropProbe(eff)
	}
}

// resume continues after a pause, during which pings could not be read.
func (m *machine) resume(now time.Duration) {
	if m.paused {
		m.pingBy = now + m.conf.heartbeat
	}
	m.paused = false
}

// packet takes a packet of the protocol itself.
func (m *machine) packet(p frame.Packet, now time.Duration, eff *effects) {
	switch p.Type {
	case frame.Ping:
		m.pingBy = now + m.conf.heartbeat
		m.control(pongPacket, eff)
	case frame.Close:
		m.end(ReasonTransportClose, errServerClosed, eff)
	default:
		// Noop has done its work by ending a GET. The others mean nothing here, and
		// are ignored as the official client does.
	}
}

// deadline returns when the next tick is needed, or 0.
func (m *machine) deadline() time.Duration {
	pingBy := m.pingBy
	if m.paused {
		pingBy = 0
	}
	next := time.Duration(0)
	for _, d := range [...]time.Duration{pingBy, m.probeBy, m.closeBy} {
		if d != 0 && (next == 0 || d < next) {
			next = d
		}
	}
	return next
}

func due(deadline, now time.Duration) bool { return deadline != 0 && now >= deadline }
