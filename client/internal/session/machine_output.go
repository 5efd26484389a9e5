package session

import (
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// This file is the machine's outgoing queue.

func (m *machine) send(it item, now time.Duration, eff *effects) {
	n := it.msg.Size()
	switch {
	case m.life != open:
		eff.refused = ErrClosed
	case it.volatile && !m.ready(now):
		eff.refused = ErrDropped
	case !it.force && m.size+n > m.conf.maxQueue:
		eff.refused = ErrQueueFull
	default:
		m.push(it)
	}
}

// ready reports whether a message would go out at once: with what the next writer takes,
// or behind a write to a WebSocket that has only just begun and may be over already. A
// POST is over when the server has answered it, which takes a while.
func (m *machine) ready(now time.Duration) bool {
	if m.upgrade == draining {
		return false
	}
	return m.lent == 0 || m.carrier == onWebSocket && now-m.lentAt < atOnce
}

// atOnce is how long a write to a WebSocket may take before the network counts as busy.
const atOnce = 10 * time.Millisecond

func (m *machine) push(it item) {
	m.queue = append(m.queue, it)
	m.size += it.msg.Size()
}

// control queues an answer that the protocol demands. A server that asks faster
// than it takes the answers must not make the queue grow.
func (m *machine) control(msg *frame.Message, eff *effects) {
	if m.size+msg.Size() > m.conf.maxQueue+controlReserve {
		m.end(ReasonTransportError, errFlood, eff)
		return
	}
	m.push(item{msg: msg})
}

// controlReserve is room for answers in a queue that messages have filled.
const controlReserve = 4 << 10

// returned takes back what was lent.
func (m *machine) returned() {
	m.size -= m.lent
	m.lent = 0
}

// pump starts what can be started. It is called after every step.
func (m *machine) pump(eff *effects) {
	if m.carrier == onPolling && m.upgrade == draining && !m.getting && !m.posting {
		m.takeOver(eff)
	}
	if m.carrier == onWebSocket {
		m.pumpWebSocket(eff)
	} else if m.upgrade != draining {
		m.pumpPolling(eff)
	}
}

func (m *machine) pumpWebSocket(eff *effects) {
	switch {
	case m.writing:
	case len(m.queue) > 0:
		eff.write = true
		m.writing = true
	case m.life == closing:
		m.end(m.reason, m.err, eff)
	}
}

func (m *machine) pumpPolling(eff *effects) {
	if m.life == closing && len(m.queue) == 0 && !m.posting {
		if m.goodbye {
			m.end(m.reason, m.err, eff)
			return
		}
		m.goodbye = true
		m.push(item{msg: closePacket})
	}
	if len(m.queue) > 0 && !m.posting {
		eff.post = true
		m.posting = true
	}
	if !m.getting && !m.paused && !m.goodbye {
		eff.get = true
		m.getting = true
	}
}

// lend hands out the whole queue.
func (m *machine) lend(now time.Duration) []item {
	items := m.queue
	m.queue = nil
	m.lent, m.lentAt = m.size, now
	return items
}

// takeOver makes the WebSocket the carrier. "5" goes before everything that had
// to wait for it.
func (m *machine) takeOver(eff *effects) {
	m.upgrade, m.probeBy = noUpgrade, 0
	m.carrier = onWebSocket
	m.queue = append([]item{{msg: upgradePacket}}, m.queue...)
	m.size += upgradePacket.Size()
	eff.probe = probeAdopt
}
