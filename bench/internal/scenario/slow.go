package scenario

import (
	"fmt"
	"time"

	"github.com/go-socketio/socketio/bench/internal/client"
	"github.com/go-socketio/socketio/bench/internal/loop"
	"github.com/go-socketio/socketio/bench/internal/wire"
)

// slow is a broadcast at a steady rate to many clients, first without and then with one
// among them that does not read. An operation is a delivery to one that reads. In the
// end the slow one reads on: it must get everything in order, or have been disconnected.
type slow struct {
	clients int
	payload string
	pause   time.Duration // between broadcasts
}

// slowBuffer is the receive buffer of the client that does not read.
const slowBuffer = 4 << 10

type slowRun struct {
	fanout
	slow    *client.WebSocket
	first   int  // message that the slow one has to get
	arrived int  // messages at the slow one
	gone    bool // it has been disconnected
	next    time.Duration
}

func (l slow) run(s *session) error {
	n := s.config.scaled(l.clients)
	r := &slowRun{fanout: fanout{
		session:  s,
		template: same(wire.Text, `42["broadcast","`+l.payload+`"]`),
		received: make([]int, n),
	}}
	var err error
	r.clients, err = s.webSockets(n, client.Events{Message: r.deliver})
	if err != nil {
		return err
	}
	if err := r.broadcast(l.pause, s.measure); err != nil {
		return err
	}
	s.note("p99 without", s.sample.LatencyP99)
	if err := r.connectSlow(); err != nil {
		return err
	}
	if err := r.broadcast(l.pause, s.measure); err != nil {
		return err
	}
	return r.catchUp()
}

// broadcast sends at the rate while f runs, and awaits the last deliveries.
func (r *slowRun) broadcast(pause time.Duration, f func() error) error {
	r.session.pace = func(now time.Duration) error {
		if now < r.next || r.missing > 0 {
			return nil
		}
		r.next = now + pause
		return r.send()
	}
	err := f()
	r.session.pace = nil
	if err != nil {
		return err
	}
	return r.session.until(func(time.Duration) bool { return r.missing == 0 })
}

func (r *slowRun) connectSlow() error {
	ready := false
	r.first = r.sent
	events := client.Events{
		Ready: func(*client.WebSocket) error { ready = true; return nil },
		Message: func(_ *client.WebSocket, op wire.Opcode, payload []byte) error {
			r.arrived++
			return r.template.check(op, payload, r.first+r.arrived-1, 0)
		},
		Closed: func(*client.WebSocket) error { r.gone = true; return nil },
	}
	var err error
	r.slow, err = r.session.dialer.WebSocket(len(r.clients), &events, loop.Options{ReceiveBuffer: slowBuffer})
	if err != nil {
		return err
	}
	if err := r.session.until(func(time.Duration) bool { return ready }); err != nil {
		return fmt.Errorf("the slow client: %w", err)
	}
	return r.slow.Pause()
}

// catchUp lets the slow client read what has been kept for it.
func (r *slowRun) catchUp() error {
	if !r.gone {
		if err := r.slow.Resume(); err != nil {
			return err
		}
	}
	err := r.session.until(func(time.Duration) bool { return r.gone || r.arrived == r.sent-r.first })
	if err != nil {
		return fmt.Errorf("the slow client got %d of %d messages: %w", r.arrived, r.sent-r.first, err)
	}
	disconnected := 0.0
	if r.gone {
		disconnected = 1
	}
	r.session.note("slow client disconnected", disconnected)
	return nil
}
