package engine

import (
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// This file is the machine's clock: the heartbeat and the other deadlines. The
// server pings and awaits the pong, and in revision 3 awaits the client's pings.

// tick does what is overdue at now.
func (m *machine) tick(now time.Duration, eff *effects) {
	if due(m.closeBy, now) {
		if !m.leaving && len(m.queue)+m.lent > 0 {
			m.err = errCloseTimeout
		}
		m.end(m.reason, m.err, closeAnswer, eff)
		return
	}
	if due(m.pongBy, now) && !m.paused {
		err := errNoPong
		if m.revision == revision3 {
			err = errNoPing
		}
		m.end(ReasonPingTimeout, err, closeAnswer, eff)
		return
	}
	switch {
	case !due(m.pingAt, now):
	case m.revision == revision3:
		m.reassure(now, eff)
	default:
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

// awaitHeartbeat begins another round of the heartbeat.
func (m *machine) awaitHeartbeat(now time.Duration) {
	if m.revision == revision3 {
		m.pongBy = now + m.conf.pingInterval + m.conf.pingTimeout
	} else {
		m.pongBy, m.pingAt = 0, now+m.conf.pingInterval
	}
}

// pinged answers the ping of a client of revision 3. Pings are free for a client, so
// the answers are subject to the queue's bound.
func (m *machine) pinged(now time.Duration, eff *effects) {
	m.awaitHeartbeat(now)
	m.send(pongPacket, eff)
	if m.life != closed && eff.refused == nil {
		m.urgent = true
		m.pump(eff)
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
	if m.paused { // the pong cannot be read, and the client goes on to expect pings
		m.pingAt = now + m.conf.pingInterval
	}
	m.graced = false
	m.push(pingPacket)
	m.urgent = true
	m.pump(eff)
}

// grace puts the pong's deadline off, once: something else that arrives shows
// that the client is there, its pong may be stuck behind a long message.
func (m *machine) grace(now time.Duration) {
	if m.revision == revision4 && m.pongBy != 0 && !m.graced {
		m.graced = true
		m.pongBy = now + m.conf.pingTimeout
	}
}

// reassure sends a pong to a client of revision 3, whose ping may be waiting to be read.
func (m *machine) reassure(now time.Duration, eff *effects) {
	m.pingAt = now + m.reassuring()
	m.push(pongPacket)
	m.urgent = true
	m.pump(eff)
}

// reassuring is how often that is done: a client waits for the time-out when it has pinged,
// which may have been at any moment, and pings an interval after the last pong.
func (m *machine) reassuring() time.Duration { return min(m.conf.pingInterval, m.conf.pingTimeout) / 2 }

// pause begins a time in which pongs cannot be read, or the pings of revision 3. What the
// client expects of the heartbeat is still sent, because it ends a session otherwise.
func (m *machine) pause(now time.Duration) {
	switch {
	case m.paused, m.pongBy == 0:
	case m.revision == revision3:
		m.pingAt = now + m.reassuring()
	default:
		m.pingAt = now + m.conf.pingInterval
	}
	m.paused = true
}

// resume ends a pause.
func (m *machine) resume(now time.Duration) {
	if m.paused && m.pongBy != 0 {
		m.pongBy, m.pingAt = now+m.conf.pingTimeout, 0
		if m.revision == revision3 {
			m.awaitHeartbeat(now)
		}
	}
	m.paused = false
}

// packet takes a packet of the protocol itself.
func (m *machine) packet(p frame.Packet, now time.Duration, eff *effects) {
	switch {
	case p.Type == frame.Pong && m.revision == revision4:
		m.awaitHeartbeat(now)
	case p.Type == frame.Ping && m.revision == revision3:
		m.pinged(now, eff)
	case p.Type == frame.Pong, p.Type == frame.Ping:
		m.end(ReasonTransportError, errHeartbeat, closeAnswer, eff)
	case p.Type == frame.Close:
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
