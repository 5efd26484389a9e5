package scenario

import (
	"time"
)

// openLoop is an echo at a given rate, whether the server keeps up or not. Latency is
// counted from the time at which a message was due, so that a stall shows in all the
// messages that it delayed.
type openLoop struct {
	clients int
	rate    int // messages a second
	payload string
}

// openLoopFlight is how many messages of one client may be under way; what is due
// beyond that waits, and its latency grows.
const openLoopFlight = 64

func (l openLoop) run(s *session) error {
	r, err := echo{l.clients, openLoopFlight, event("echo", `"`+l.payload+`"`)}.connect(s)
	if err != nil {
		return err
	}
	interval := time.Second / time.Duration(s.config.scaled(l.rate))
	due := s.loop.Now()
	next := 0
	s.pace = func(now time.Duration) error {
		for due <= now {
			c := r.conns[next%len(r.conns)]
			if p := &r.state[c.Index]; p.sent-p.received == openLoopFlight {
				return nil
			}
			if err := r.send(c, due); err != nil {
				return err
			}
			due += interval
			next++
		}
		return nil
	}
	if err := s.measure(); err != nil {
		return err
	}
	s.pace = nil
	return s.until(func(time.Duration) bool { return r.flying == 0 })
}

func stringEvent(name string, size int) []*template { return event(name, `"`+text(size)+`"`) }
