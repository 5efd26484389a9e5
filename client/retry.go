package client

import (
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/client/internal/session"
	"github.com/go-socketio/socketio/internal/deadline"
)

// retryQueue holds the events that are sent at least once. One at a time is sent, and
// sent again until it is acknowledged; so they arrive in order, whatever is lost.
//
// All tries of an event have the same acknowledgement id, also on a new connection. A
// late answer to an earlier try counts, and a server that remembers the last id, under
// the name that it gave the client (see [recovery]), can drop repeats.
//
// The socket's lock guards it, except for ids.
type retryQueue struct {
	events []*retriedEvent // the first one is in flight if inFlight is set
	size   int
	flight bool // the first event has been sent over the present connection
	timer  deadline.Entry
	ids    atomic.Uint64
}

type retriedEvent struct {
	outgoing
	retries int // negative: no end
	tries   int
}

func (s *Socket) nextRetryID() uint64 { return firstRetryID | (s.retry.ids.Add(1)-1)&idMask }

// addRetry queues an event, and sends it if it is the only one.
func (s *Socket) addRetry(out outgoing, retries int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &s.retry
	if !s.active {
		return s.whyOffline()
	}
	n := out.message.Size()
	if q.size+n > s.client.options.MaxBuffer {
		return ErrBufferFull
	}
	q.size += n
	q.events = append(q.events, &retriedEvent{outgoing: out, retries: retries})
	if len(q.events) == 1 && s.member != nil {
		s.tryFirst()
	}
	return nil
}

// tryFirst sends the first event, as often as it is called, until it has had its
// tries; then the next. It returns who is to be told of those that were given up.
// The caller holds the lock.
func (s *Socket) tryFirst() (failed []ackReceiver) {
	q := &s.retry
	q.flight = false
	for len(q.events) > 0 {
		e := q.events[0]
		if e.retries < 0 || e.tries <= e.retries {
			e.tries++
			q.flight = true
			// If it fails, the next try is after the same time.
			_ = s.member.conn.session.Send(e.message, session.SendOptions{NoCompress: e.noCompress})
			s.client.deadlines.Set(&q.timer, retryTimer{s}, time.Now().Add(s.client.retryAckTimeout()))
			return failed
		}
		if e.receiver != nil {
			failed = append(failed, e.receiver)
		} else {
			s.client.counts.lost.Add(1)
		}
		s.client.options.Logger.Warn("event given up: it was not acknowledged", "namespace", s.namespace, "event", e.name, "tries", e.tries)
		q.removeFirst()
	}
	s.client.deadlines.Clear(&q.timer)
	return failed
}

func (q *retryQueue) removeFirst() {
	q.size -= q.events[0].message.Size()
	q.events[0] = nil
	q.events = q.events[1:]
}

func (c *Client) retryAckTimeout() time.Duration {
	if c.options.AckTimeout > 0 {
		return c.options.AckTimeout
	}
	return defaultRetryAckTimeout
}

// retryTimer is a socket in its role as the owner of the queue's deadline.
type retryTimer struct{ socket *Socket }

// Expire is called when the first event has not been acknowledged in time.
func (t retryTimer) Expire(time.Time) {
	s := t.socket
	s.mu.Lock()
	var failed []ackReceiver
	if s.member != nil && s.retry.flight {
		failed = s.tryFirst()
	}
	s.mu.Unlock()
	for _, receiver := range failed {
		receiver(answer{err: ErrAckTimeout})
	}
}

// retryAcknowledged takes an answer, and returns who waits for it. The caller holds
// the lock.
func (s *Socket) retryAcknowledged(id uint64) ackReceiver {
	q := &s.retry
	if !q.flight || q.events[0].id != id {
		return nil
	}
	receiver := q.events[0].receiver
	q.removeFirst()
	s.tryFirst() // which is new, so it is not given up
	return receiver
}

// forgetRetry takes out an event whose caller no longer waits.
func (s *Socket) forgetRetry(id uint64) (found bool) {
	q := &s.retry
	for i, e := range q.events {
		if e.id != id {
			continue
		}
		wasFirst := i == 0 && q.flight
		q.size -= e.message.Size()
		q.events = append(q.events[:i:i], q.events[i+1:]...)
		if wasFirst {
			s.tryFirst()
		}
		return true
	}
	return false
}

// suspendRetries is called when the connection is lost. The caller holds the lock.
func (s *Socket) suspendRetries() {
	s.retry.flight = false
	s.client.deadlines.Clear(&s.retry.timer)
}

// takeRetries gives up all events. The caller holds the lock.
func (s *Socket) takeRetries() (given []outgoing) {
	for _, e := range s.retry.events {
		given = append(given, e.outgoing)
	}
	s.retry.events, s.retry.size, s.retry.flight = nil, 0, false
	s.client.deadlines.Clear(&s.retry.timer)
	return given
}
