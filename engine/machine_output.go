package engine

// This file is the machine's way out: the queue, its bound, and who is lent what.

// send queues an item, or says why not.
func (m *machine) send(it item, eff *effects) {
	n := it.msg.Size()
	switch {
	case m.life != open:
		eff.refused = ErrClosed
	case n == 0:
		// It would answer a poll with nothing, which is no payload.
	case it.volatile && m.blocked():
		eff.refused = ErrDropped
	case n > m.conf.maxQueue:
		eff.refused = ErrQueueFull
	case !m.fits(n) && !m.makeRoom(n, eff):
		eff.refused = ErrQueueFull
		if m.conf.policy != QueueError {
			m.end(ReasonQueueFull, beyond(errQueueOverflow, m.conf.maxQueue), closeAnswer, eff)
		}
	default:
		m.push(it)
	}
}

func (m *machine) push(it item) {
	m.queue = append(m.queue, it)
	m.size += it.msg.Size()
	m.count++
}

// fits reports whether n more bytes may be queued. Each message costs memory
// beside its bytes, which is counted too: a client that pings and never reads
// could fill a hundred times the bound with empty answers otherwise. A single
// message always fits into an empty queue.
func (m *machine) fits(n int) bool { return m.size+n+m.count*messageCost <= m.conf.maxQueue }

// messageCost is about what a short message costs beside its bytes.
const messageCost = 128

// blocked reports whether the transport would not take a message at once. That
// output is being gathered does not count, nor that somebody is in the middle of a
// write that does not wait. Every write to a connection without a rawConn may wait.
func (m *machine) blocked() bool {
	if m.carrier == onWebSocket {
		return m.wsBlocked
	}
	return !m.pollWaiting || m.pollWriting
}

// makeRoom drops the oldest volatile messages until n more bytes fit, if the
// policy is to do so, and reports whether they do.
func (m *machine) makeRoom(n int, eff *effects) bool {
	if m.conf.policy != QueueDropVolatile {
		return false
	}
	kept := m.queue[:0]
	for _, it := range m.queue {
		if it.volatile && !m.fits(n) {
			m.size -= it.msg.Size()
			m.count--
			eff.dropped++
			continue
		}
		kept = append(kept, it)
	}
	clear(m.queue[len(kept):])
	m.queue = kept
	return m.fits(n)
}

// pump lends the queue to the transport if it can take it, and ends a closing
// session that has nothing more to say.
func (m *machine) pump(eff *effects) {
	if m.held && !m.urgent && m.life == open && m.size-m.lent < holdLimit {
		return
	}
	if m.carrier == onPolling {
		m.pumpPoll(eff)
	} else {
		m.pumpWebSocket(eff)
	}
}

func (m *machine) pumpPoll(eff *effects) {
	if !m.pollWaiting || m.pollWriting {
		return
	}
	switch {
	case m.leaving:
		m.end(m.reason, m.err, noopAnswer, eff)
	case len(m.queue) > 0:
		m.answerPoll(m.lend(), eff)
	case m.life == closing:
		// By itself: official clients see a close packet before the messages that
		// share a payload with it.
		m.end(m.reason, m.err, closeAnswer, eff)
	}
}

func (m *machine) pumpWebSocket(eff *effects) {
	switch {
	case m.wsWriting:
	case len(m.queue) > 0:
		m.wsWriting = true
		eff.ws = m.lend()
	case m.life == closing:
		m.end(m.reason, m.err, nil, eff)
	}
}

// lend hands out the whole queue.
func (m *machine) lend() []item {
	out := m.queue
	m.queue = nil
	m.lent = m.size
	m.urgent = false
	return out
}

// takeBack forgets what was lent.
func (m *machine) takeBack() {
	m.size, m.count, m.lent = m.size-m.lent, len(m.queue), 0
}

// written takes back what was lent to the WebSocket.
func (m *machine) written(ev event, eff *effects) {
	m.wsWriting, m.wsBlocked = false, false
	m.takeBack()
	if m.queue == nil && cap(ev.spare) <= spareItems {
		clear(ev.spare)
		m.queue = ev.spare[:0]
	}
	m.pump(eff)
}

// spareItems is the capacity up to which a queue's array is kept for the next
// message. An idle session should not keep a large one.
const spareItems = 4
