// Package scenario puts load on a server and checks every byte that comes back.
package scenario

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/go-socketio/socketio/bench/internal/proc"
	"github.com/go-socketio/socketio/bench/internal/serve"
)

// Scenario is one kind of load.
type Scenario struct {
	Name  string // on the command line and in the results
	Title string // for people
	Unit  string // what one operation is
	Group string // of the scenarios that one chart or table shows
	// Size is what differs within a group that looks at growth: connections, rooms,
	// members, messages a second.
	Size int
	// Env is set for the server.
	Env []string

	run func(*session) error
}

// Target is a server to put load on, which runs on this machine.
type Target struct {
	Address netip.AddrPort
	Process proc.Tree
	// Debug is the server's debug port.
	Debug Debug
}

// Debug is what a server may tell about itself. Every method may fail because the
// server does not support it.
type Debug interface {
	Stats(ctx context.Context) (serve.Stats, error)
	CollectGarbage(ctx context.Context) error
	// Profile takes a CPU profile for the given time.
	Profile(ctx context.Context, d time.Duration) error
}

// Config says how long to measure.
type Config struct {
	Warmup  time.Duration
	Measure time.Duration
	// Profile asks for a CPU profile while the load runs, which distorts the figures.
	Profile bool
	// Scale divides the number of clients, for a quick look; 0 and 1 do not.
	Scale int
	// Patience is how long a server may do nothing at all before messages count as
	// lost; 0 means 15 s.
	Patience time.Duration
}

// Sample is the result of one run of a scenario. Durations are in seconds, sizes in
// bytes. What has not been measured is 0.
type Sample struct {
	Operations  int64   `json:"operations,omitempty"`
	Seconds     float64 `json:"seconds,omitempty"`
	Connections int     `json:"connections,omitempty"`

	// ServerCPU and GeneratorCPU are the CPU seconds that both have used, and OthersCPU
	// those of everything else on the machine, in the time that was measured.
	ServerCPU    float64 `json:"serverCPU,omitempty"`
	GeneratorCPU float64 `json:"generatorCPU,omitempty"`
	OthersCPU    float64 `json:"othersCPU,omitempty"`

	LatencyP50 float64 `json:"latencyP50,omitempty"`
	LatencyP99 float64 `json:"latencyP99,omitempty"`
	LatencyMax float64 `json:"latencyMax,omitempty"`

	// Resident is the memory per connection as it was, ResidentCollected after the
	// server has collected its garbage.
	Resident          float64 `json:"resident,omitempty"`
	ResidentCollected float64 `json:"residentCollected,omitempty"`

	// What the server says about itself: allocations and allocated bytes per operation,
	// and goroutines per connection while the load ran.
	Allocations    *float64 `json:"allocations,omitempty"`
	AllocatedBytes *float64 `json:"allocatedBytes,omitempty"`
	Goroutines     *float64 `json:"goroutines,omitempty"`

	// Notes are further figures, by their name.
	Notes map[string]float64 `json:"notes,omitempty"`
}

// CPU is the CPU time of the server per operation, in seconds.
func (s Sample) CPU() float64 { return s.ServerCPU / float64(s.Operations) }

// Throughput is in operations per second.
func (s Sample) Throughput() float64 { return float64(s.Operations) / s.Seconds }

// Run puts the load on t. An error says what the server did wrong: the figures of such
// a run are worth nothing.
func (s Scenario) Run(ctx context.Context, t Target, c Config) (Sample, error) {
	r, err := newSession(ctx, t, c)
	if err != nil {
		return Sample{}, fmt.Errorf("%s: %w", s.Name, err)
	}
	defer r.close()
	if err := s.run(r); err != nil {
		return Sample{}, fmt.Errorf("%s: %w", s.Name, err)
	}
	return r.sample, nil
}

func (c Config) scaled(n int) int {
	if c.Scale > 1 {
		return max(n/c.Scale, 1)
	}
	return n
}
