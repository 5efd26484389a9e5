package report

import (
	"math"
	"strconv"

	"github.com/go-socketio/socketio/bench/internal/scenario"
)

// Metric is a figure of a run.
type Metric struct {
	Title string
	Unit  string
	// value returns the figure, NaN or 0 if it was not measured.
	value func(scenario.Sample) float64
	// compare is whether the ratio to the reference says something.
	compare bool
}

const (
	micro = 1e6
	milli = 1e3
	kibi  = 1.0 / 1024
)

// The metrics.
var (
	CPU = Metric{"CPU time of the server", "µs per operation", measured(func(s scenario.Sample) float64 { return s.CPU() * micro }), true}

	Throughput = Metric{"Throughput", "operations a second", measured(scenario.Sample.Throughput), true}

	LatencyP50 = Metric{"Latency, median", "ms", measured(func(s scenario.Sample) float64 { return s.LatencyP50 * milli }), true}

	LatencyP99 = Metric{"Latency, 99th percentile", "ms", measured(func(s scenario.Sample) float64 { return s.LatencyP99 * milli }), true}

	Resident = Metric{"Resident memory", "KiB per connection", measured(func(s scenario.Sample) float64 { return s.Resident * kibi }), true}

	Collected = Metric{"Resident memory after a garbage collection", "KiB per connection",
		measured(func(s scenario.Sample) float64 { return s.ResidentCollected * kibi }), true}

	Allocations = Metric{"Allocations", "per operation", optional(func(s scenario.Sample) *float64 { return s.Allocations }), false}

	AllocatedBytes = Metric{"Allocated", "bytes per operation", optional(func(s scenario.Sample) *float64 { return s.AllocatedBytes }), false}

	Goroutines = Metric{"Goroutines", "per connection", optional(func(s scenario.Sample) *float64 { return s.Goroutines }), false}
)

// note is the metric of a note, which is a latency.
func note(name, title string) Metric {
	return Metric{title, "ms", measured(func(s scenario.Sample) float64 { return s.Notes[name] * milli }), true}
}

// measured takes 0 for a figure that was not measured.
func measured(value func(scenario.Sample) float64) func(scenario.Sample) float64 {
	return func(s scenario.Sample) float64 {
		if v := value(s); v != 0 {
			return v
		}
		return math.NaN()
	}
}

func optional(value func(scenario.Sample) *float64) func(scenario.Sample) float64 {
	return func(s scenario.Sample) float64 {
		if v := value(s); v != nil {
			return *v
		}
		return math.NaN()
	}
}

// number writes v with about three digits.
func number(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "–"
	case a >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
}

// cell writes a figure for a table.
func (m Metric) cell(f Figure) string {
	text := number(f.Median)
	if m.compare && !math.IsNaN(f.Ratio) {
		text += " (" + strconv.FormatFloat(f.Ratio, 'f', 2, 64) + ")"
	}
	if f.Failed > 0 {
		text += " †"
	}
	return text
}
