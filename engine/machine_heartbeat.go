package engine

import (
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// This file is the machine's clock: the heartbeat and the other deadlines.

// tick does what is overdue at now.
func (m *machine) tick(now time.Duration, eff *effects) {
	if due(m.closeBy, now) {
		if !m.leaving {
			m.err = errCloseTimeout
		}
		m.end(m.reason, m.err, closeAnswer, eff)
		return
	}
	if due(m.pongBy, now) && !m.paused {
		m.end(ReasonPingTimeout, errNoPong, closeAnswer, eff)
		return
	}
	if due(m.pingAt, now) {
		m.ping(now, eff)
		if m.life == closed {
			return
		}
	}
	if due(m.probeBy, now) {
		m.upgrade, m.probeBy, m.noopAt = noUpgrade, 0, 0
		eff.probe = probeFailed
	}
	if due(m.noopAt, now) {
		m.noopAt = 0
		m.releasePoll(eff)
	}
}

// ping queues a ping. The pong's deadline counts from when the ping was due, so
// that a timer that fires a little late does not add up: if that has passed too,
// the session ends. After a long pause of the whole process it counts from now, or
// every client would be lost.
func (m *machine) ping(now time.Duration, eff *effects) {
	m.pongBy = m.pingAt + m.conf.pingTimeout
	if late := now - m.pingAt; late > max(stall, m.conf.pingTimeout/8) {
		m.pongBy = now + m.conf.pingTimeout
	}
	if due(m.pongBy, now) && !m.paused {
		m.end(ReasonPingTimeout, errNoPong, closeAnswer, eff)
		return
	}
	m.pingAt = 0
	m.graced = false
	m.push(pingPacket)
	m.urgent = true
	m.pump(eff)
}

// grace puts the pong's deadline off, once: something else that arrives shows
// that the client is there, its pong may be stuck behind a long message.
func (m *machine) grace(now time.Duration) {
	if m.pongBy != 0 && !m.graced {
		m.graced = true
		m.pongBy = now + m.conf.pingTimeout
	}
}

// resume continues after a pause, during which pongs could not be read.
func (m *machine) resume(now time.Duration) {
	if m.paused && m.pongBy != 0 {
		m.pongBy = now + m.conf.pingTimeout
	}
	m.paused = false
}

// packet takes a packet of the protocol itself.
func (m *machine) packet(p frame.Packet, now time.Duration, eff *effects) {
	switch p.Type {
	case frame.Pong:
		m.pongBy = 0
		m.pingAt = now + m.conf.pingInterval
	case frame.Ping:
		m.end(ReasonTransportError, errHeartbeat, closeAnswer, eff)
	case frame.Close:
		m.leave(now, eff)
	default:
		// Open, upgrade and noop mean nothing here, and are ignored as the official
		// server does.
		m.grace(now)
	}
}

// deadline returns when the next tick is needed, or 0.
func (m *machine) deadline() time.Duration {
	pongBy := m.pongBy
	if m.paused {
		pongBy = 0
	}
	next := time.Duration(0)
	for _, d := range [...]time.Duration{m.pingAt, pongBy, m.probeBy, m.noopAt, m.closeBy} {
		if d != 0 && (next == 0 || d < next) {
			next = d
		}
	}
	return next
}

// stall is how late a timer is only if the whole process was stopped.
const stall = time.Second

func due(deadline, now time.Duration) bool { return deadline != 0 && now >= deadline }
