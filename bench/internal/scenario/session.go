package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-socketio/socketio/bench/internal/client"
	"github.com/go-socketio/socketio/bench/internal/loop"
	"github.com/go-socketio/socketio/bench/internal/proc"
	"github.com/go-socketio/socketio/bench/internal/stats"
)

const (
	// tick is how late a deadline may be noticed, and pacingTick how late what is due
	// may be sent.
	tick       = 2 * time.Millisecond
	pacingTick = 50 * time.Microsecond
	// patience is the default of Config.Patience.
	patience = 15 * time.Second
	// connecting is how many clients connect at a time.
	connecting = 100
)

// session is one run of a scenario.
type session struct {
	ctx    context.Context
	target Target
	config Config
	loop   *loop.Loop
	dialer *client.Dialer
	sample Sample

	joined     int   // clients that have connected
	operations int64 // counted by the scenario
	latency    stats.Histogram
	measuring  bool
	sending    bool // false: what is under way is awaited, and nothing more is sent
	// pace sends what is due; nil if sending does not follow the clock.
	pace func(now time.Duration) error
}

func newSession(ctx context.Context, t Target, c Config) (*session, error) {
	if c.Patience == 0 {
		c.Patience = patience
	}
	l, err := loop.New(t.Address)
	if err != nil {
		return nil, err
	}
	return &session{ctx: ctx, target: t, config: c, loop: l, dialer: client.NewDialer(l, t.Address.String())}, nil
}

func (s *session) close() { s.loop.Close() }

// done counts an operation that began at the given time.
func (s *session) done(began time.Duration) {
	s.operations++
	if s.measuring {
		s.latency.Record(s.loop.Now() - began)
	}
}

// ErrLost is returned if a server does not go on answering.
var ErrLost = errors.New("messages are lost: nothing arrives any more")

// until runs the loop until done returns true. It fails if nothing arrives for a long
// time.
func (s *session) until(done func(now time.Duration) bool) error {
	seen, at := int64(-1), s.loop.Now()
	wait := tick
	if s.pace != nil {
		wait = pacingTick
	}
	return s.loop.Run(wait, func(now time.Duration) (bool, error) {
		if err := s.ctx.Err(); err != nil {
			return true, err
		}
		if done(now) {
			return true, nil
		}
		if s.pace != nil {
			if err := s.pace(now); err != nil {
				return true, err
			}
		}
		if progress := s.dialer.Messages + s.dialer.Pings + s.operations + int64(s.joined); progress != seen {
			seen, at = progress, now
		}
		if now-at > s.config.Patience {
			return true, ErrLost
		}
		return false, nil
	})
}

// connect makes n clients, a few at a time, and returns when all of them have joined.
func (s *session) connect(n int, dial func(index int) error) error {
	begun, before := 0, s.joined
	s.pace = func(time.Duration) error {
		for begun < n && begun-(s.joined-before) < connecting {
			if err := dial(begun); err != nil {
				return err
			}
			begun++
		}
		return nil
	}
	err := s.until(func(time.Duration) bool { return s.joined-before == n })
	s.pace = nil
	if err != nil {
		return fmt.Errorf("%d of %d clients connected: %w", s.joined-before, n, err)
	}
	s.sample.Connections = n
	return nil
}

// webSockets connects n clients.
func (s *session) webSockets(n int, e client.Events) ([]*client.WebSocket, error) {
	clients := make([]*client.WebSocket, n)
	e.Ready = func(*client.WebSocket) error { s.joined++; return nil }
	err := s.connect(n, func(i int) (err error) {
		clients[i], err = s.dialer.WebSocket(i, &e, loop.Options{})
		return err
	})
	return clients, err
}

// load measures a closed loop: start sets it going, and every answer sends the next
// message as long as s.sending says so. busy is whether answers are outstanding.
func (s *session) load(start func() error, busy func() bool) error {
	s.sending = true
	if err := start(); err != nil {
		return err
	}
	if err := s.measure(); err != nil {
		return err
	}
	s.sending = false
	if err := s.until(func(time.Duration) bool { return !busy() }); err != nil {
		return fmt.Errorf("awaiting the last answers: %w", err)
	}
	return nil
}

// measure runs the loop for the time of warming up, and then takes the figures while it
// runs for the time to measure.
func (s *session) measure() error {
	if err := s.run(s.config.Warmup); err != nil {
		return err
	}
	m, err := s.begin()
	if err != nil {
		return err
	}
	end := s.loop.Now() + s.config.Measure
	err = s.until(func(now time.Duration) bool { return now >= end && s.operations > m.operations })
	if err != nil {
		return err
	}
	return s.end(m)
}

func (s *session) run(d time.Duration) error {
	end := s.loop.Now() + d
	return s.until(func(now time.Duration) bool { return now >= end })
}

// meter is the state of the accounts when measuring began.
type meter struct {
	at                      time.Duration
	server, generator, busy time.Duration
	operations              int64
	mallocs, bytes          uint64
	known                   bool // mallocs and bytes are
	profile                 chan error
}

func (s *session) begin() (m meter, err error) {
	if st, err := s.target.Debug.Stats(s.ctx); err == nil && st.Mallocs > 0 {
		m.mallocs, m.bytes, m.known = st.Mallocs, st.MallocBytes, true
	}
	if s.config.Profile {
		m.profile = make(chan error, 1)
		go func() { m.profile <- s.target.Debug.Profile(s.ctx, s.config.Measure) }()
	}
	s.latency.Reset()
	s.measuring = true
	m.operations = s.operations
	m.at = s.loop.Now()
	m.server, m.generator, m.busy, err = s.accounts()
	return m, err
}

func (s *session) end(m meter) error {
	s.measuring = false
	server, generator, busy, err := s.accounts()
	if err != nil {
		return err
	}
	o := &s.sample
	o.Seconds = (s.loop.Now() - m.at).Seconds()
	o.Operations = s.operations - m.operations
	o.ServerCPU = (server - m.server).Seconds()
	o.GeneratorCPU = (generator - m.generator).Seconds()
	o.OthersCPU = max(0, (busy-m.busy).Seconds()-o.ServerCPU-o.GeneratorCPU)
	o.LatencyP50 = s.latency.Quantile(0.5).Seconds()
	o.LatencyP99 = s.latency.Quantile(0.99).Seconds()
	o.LatencyMax = s.latency.Max().Seconds()
	if st, err := s.target.Debug.Stats(s.ctx); err == nil && m.known {
		o.Allocations = ratio(float64(st.Mallocs-m.mallocs), float64(o.Operations))
		o.AllocatedBytes = ratio(float64(st.MallocBytes-m.bytes), float64(o.Operations))
		o.Goroutines = ratio(float64(st.Goroutines), float64(o.Connections))
	}
	if m.profile != nil {
		return <-m.profile
	}
	return nil
}

func (s *session) accounts() (server, generator, busy time.Duration, err error) {
	server, err1 := s.target.Process.CPU()
	generator, err2 := proc.Self()
	busy, err3 := proc.Busy()
	return server, generator, busy, errors.Join(err1, err2, err3)
}

// note adds a figure to the sample.
func (s *session) note(name string, value float64) {
	if s.sample.Notes == nil {
		s.sample.Notes = make(map[string]float64)
	}
	s.sample.Notes[name] = value
}

func ratio(a, b float64) *float64 {
	r := a / b
	return &r
}
