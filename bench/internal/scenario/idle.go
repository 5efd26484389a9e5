package scenario

import (
	"fmt"
	"strconv"
	"time"

	"github.com/go-socketio/socketio/bench/internal/client"
	"github.com/go-socketio/socketio/bench/internal/wire"
)

// idle is many connections that do nothing but answer heartbeats. It measures the
// memory of each, and the CPU time of a heartbeat, which is the operation.
type idle struct{ clients int }

// idleHeartbeat is the interval of the heartbeats, shorter than the usual 25 s to have
// enough of them, and the shortest time that is measured.
const idleHeartbeat = 5 * time.Second

// settling is how long a server has for what it does after the last connection.
const settling = time.Second

// warmClients connect before the memory of the empty server is taken, so that what a
// server allocates once is not counted for each connection. They stay.
const warmClients = 50

func (l idle) env() []string {
	return []string{"PING_INTERVAL=" + strconv.FormatInt(idleHeartbeat.Milliseconds(), 10)}
}

func (l idle) run(s *session) error {
	n := s.config.scaled(l.clients)
	events := client.Events{Message: func(_ *client.WebSocket, _ wire.Opcode, payload []byte) error {
		return fmt.Errorf("a message that nobody has sent: %q", around(payload, 0))
	}}
	if _, err := s.webSockets(warmClients, events); err != nil {
		return err
	}
	before, err := s.resident()
	if err != nil {
		return err
	}
	if _, err := s.webSockets(n, events); err != nil {
		return err
	}
	if err := s.run(settling); err != nil {
		return err
	}
	after, err := s.resident()
	if err != nil {
		return err
	}
	s.sample.Resident = float64(after.asIs-before.collected) / float64(n)
	s.sample.ResidentCollected = float64(after.collected-before.collected) / float64(n)
	s.sample.Connections += warmClients
	return s.heartbeats()
}

// heartbeats measures for a whole number of intervals.
func (s *session) heartbeats() error {
	periods := max(1, (s.config.Measure+idleHeartbeat-1)/idleHeartbeat)
	s.config.Measure = periods * idleHeartbeat
	m, err := s.begin()
	if err != nil {
		return err
	}
	pings := s.dialer.Pings
	if err := s.run(s.config.Measure); err != nil {
		return err
	}
	s.operations += s.dialer.Pings - pings
	return s.end(m)
}

// memory is what a server occupies, before and after it has collected its garbage. If it
// cannot be told to, both are the same.
type memory struct{ asIs, collected int64 }

func (s *session) resident() (m memory, err error) {
	m.asIs, err = s.target.Process.Resident()
	if err != nil {
		return m, err
	}
	if s.target.Debug.CollectGarbage(s.ctx) != nil {
		return memory{m.asIs, m.asIs}, nil
	}
	m.collected, err = s.target.Process.Resident()
	return m, err
}
