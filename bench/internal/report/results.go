// Package report keeps the results of runs and presents them.
package report

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/go-socketio/socketio/bench/internal/proc"
	"github.com/go-socketio/socketio/bench/internal/scenario"
	"github.com/go-socketio/socketio/bench/internal/stats"
)

// Results are those of one call of the command.
type Results struct {
	Date      time.Time     `json:"date"`
	Machine   proc.Machine  `json:"machine"`
	Peers     []Peer        `json:"peers"`
	Reference string        `json:"reference"` // the peer that ratios compare with
	Rounds    int           `json:"rounds"`
	Warmup    time.Duration `json:"warmup"`
	Measure   time.Duration `json:"measure"`
	Runs      []Run         `json:"runs"`
}

// Peer is a server that was measured.
type Peer struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Run is one run of one scenario.
type Run struct {
	Scenario string          `json:"scenario"`
	Peer     string          `json:"peer"`
	Round    int             `json:"round"`
	Sample   scenario.Sample `json:"sample,omitzero"`
	Error    string          `json:"error,omitempty"` // what the server did wrong
}

// Read reads results from files, and joins them: the runs of the later ones replace
// those of the same scenario in the earlier ones.
func Read(files ...string) (Results, error) {
	var joined Results
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return joined, err
		}
		var r Results
		if err := json.Unmarshal(text, &r); err != nil {
			return joined, fmt.Errorf("reading %s: %w", name, err)
		}
		fresh := make(map[string]bool)
		for _, run := range r.Runs {
			fresh[run.Scenario] = true
		}
		for _, run := range joined.Runs {
			if !fresh[run.Scenario] {
				r.Runs = append(r.Runs, run)
			}
		}
		joined = r
	}
	return joined, nil
}

// Write writes the results to a file.
func (r Results) Write(name string) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o644)
}

// scenarios returns the scenarios of a group that have results.
func (r Results) scenarios(group string) []scenario.Scenario {
	var found []scenario.Scenario
	for _, s := range scenario.All() {
		if s.Group == group && r.has(s.Name) {
			found = append(found, s)
		}
	}
	return found
}

func (r Results) has(name string) bool {
	for _, run := range r.Runs {
		if run.Scenario == name {
			return true
		}
	}
	return false
}

// values returns a metric by round, NaN where there is none.
func (r Results) values(scenario, peer string, m Metric) []float64 {
	var values []float64
	for _, run := range r.Runs {
		if run.Scenario != scenario || run.Peer != peer {
			continue
		}
		for len(values) < run.Round {
			values = append(values, math.NaN())
		}
		if run.Error == "" {
			values[run.Round-1] = m.value(run.Sample)
		}
	}
	return values
}

// Figure is a metric of a peer in a scenario: the median over the rounds, and the
// median of the ratios to the reference within each round. Both are NaN if nothing was
// measured.
type Figure struct {
	Median, Ratio float64
	Failed        int // rounds in which the server did something wrong
}

// Figure computes a figure.
func (r Results) Figure(scenario, peer string, m Metric) Figure {
	own := r.values(scenario, peer, m)
	f := Figure{
		Median: stats.Median(stats.Present(own)),
		Ratio:  stats.MedianRatio(own, r.values(scenario, r.Reference, m)),
	}
	for _, run := range r.Runs {
		if run.Scenario == scenario && run.Peer == peer && run.Error != "" {
			f.Failed++
		}
	}
	return f
}

// Others is the largest share of the machine that other programs took while a scenario was
// measured, from 0 to 1.
func (r Results) Others() float64 {
	share := 0.0
	for _, run := range r.Runs {
		if run.Sample.Seconds > 0 {
			share = max(share, run.Sample.OthersCPU/run.Sample.Seconds/float64(r.Machine.Cores))
		}
	}
	return share
}
