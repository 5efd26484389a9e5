package engine

import "time"

// This file is the machine's polling part: GETs, which carry output, and POSTs,
// which carry input.

// beginPolling lends the handshake, which is all that is queued yet, to the GET that
// has asked for the session.
func (m *machine) beginPolling() []item {
	m.pollWriting = true
	return m.lend()
}

func (m *machine) pollArrived(now time.Duration, eff *effects) {
	switch {
	case m.carrier != onPolling:
		eff.refused = errTransportMismatch
	case m.pollWaiting:
		// The waiting GET is told that the session ends, the new one is refused.
		m.end(ReasonTransportError, errPollOverlap, closeAnswer, eff)
		eff.refused = errPollOverlap
	default:
		m.pollWaiting = true
		m.pump(eff)
		if m.pollWaiting && m.upgrade == draining {
			m.noopAt = now + noopDelay
		}
	}
}

// answerPoll lends items to the waiting GET.
func (m *machine) answerPoll(items []item, eff *effects) {
	m.pollWaiting, m.pollWriting = false, true
	m.noopAt = 0
	eff.poll = items
}

// releasePoll answers the waiting GET although there may be nothing to send.
func (m *machine) releasePoll(eff *effects) {
	if !m.pollWaiting || m.pollWriting {
		return
	}
	if len(m.queue) > 0 {
		m.answerPoll(m.lend(), eff)
	} else {
		m.answerPoll(noopAnswer, eff)
	}
}

// pollWritten takes back what was lent to a GET. The client may have received
// the answer and sent its next GET before the server gets to know.
func (m *machine) pollWritten(err error, now time.Duration, eff *effects) {
	m.pollWriting = false
	if !m.wsWriting {
		m.takeBack()
	}
	if err != nil {
		m.end(ReasonTransportError, err, closeAnswer, eff)
		return
	}
	m.pump(eff)
	if m.pollWaiting && m.upgrade == draining && m.life == open {
		m.noopAt = now + noopDelay // it could not be released while the other was written
	}
}

func (m *machine) postArrived(eff *effects) {
	switch {
	case m.carrier != onPolling:
		eff.refused = errTransportMismatch
	case m.posting:
		m.end(ReasonTransportError, errPostOverlap, closeAnswer, eff)
		eff.refused = errPostOverlap
	default:
		m.posting = true
	}
}

// leave ends the session because the client has said so. Over polling its poll is
// released first, even if it is a little late.
func (m *machine) leave(now time.Duration, eff *effects) {
	if m.carrier == onPolling && !m.pollWaiting && m.life == open {
		m.life, m.reason, m.leaving = closing, ReasonTransportClose, true
		m.closeBy = now + leaveDelay
		return
	}
	m.end(ReasonTransportClose, nil, noopAnswer, eff)
}
