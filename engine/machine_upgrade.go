package engine

import (
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// This file is the machine's upgrade: a WebSocket takes over a polling session.

const probeData = "probe"

func (m *machine) probeArrived(now time.Duration, eff *effects) {
	if m.carrier != onPolling || m.upgrade != noUpgrade || m.life != open {
		eff.refused = errProbeRefused
		return
	}
	m.upgrade = probing
	m.probeBy = now + m.conf.upgradeTimeout
}

// probeInput takes a packet that arrived on the probing WebSocket. Anything but
// what the dance prescribes ends the probe; the session goes on with polling.
func (m *machine) probeInput(p frame.Packet, now time.Duration, eff *effects) {
	switch {
	case m.upgrade == noUpgrade:
		eff.refused = errProbeRefused
	case p.Type == frame.Ping && string(p.Data) == probeData && !p.Binary:
		eff.probe = probePong
		if m.upgrade == probing {
			m.upgrade = draining
			m.drainPoll(now)
		}
	case p.Type == frame.Upgrade && m.upgrade == draining:
		m.takeOver(eff)
	default:
		m.upgrade, m.probeBy, m.noopAt = noUpgrade, 0, 0
		eff.probe = probeFailed
	}
}

// drainPoll has the waiting GET released soon, because the client waits for its end
// before it sends "5".
func (m *machine) drainPoll(now time.Duration) {
	if m.pollWaiting {
		m.noopAt = now + drainDelay
	}
}

// takeOver makes the WebSocket the carrier. A client that has not waited for
// its POST may have sent more over it than arrived yet; what came over the
// WebSocket would overtake that, so it ends the session.
func (m *machine) takeOver(eff *effects) {
	if m.posting {
		m.end(ReasonTransportError, errUpgradeEarly, closeAnswer, eff)
		return
	}
	m.upgrade, m.probeBy, m.noopAt = noUpgrade, 0, 0
	m.carrier = onWebSocket
	eff.probe = probeAdopt
	if m.pollWaiting {
		// It came after "3probe", from a client that does not wait for its polls. It is
		// answered as if it had come a moment later, so that the order in which the two
		// connections are read makes no difference.
		m.pollWaiting, eff.crossed = false, true
	}
	m.pump(eff)
}
