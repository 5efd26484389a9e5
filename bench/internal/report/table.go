package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/go-socketio/socketio/bench/internal/scenario"
)

// table is a table of one metric: a row for each scenario, a column for each peer.
type table struct {
	metric Metric
	header []string
	rows   [][]string
}

// section is a group of scenarios, and the metrics that say something about it.
type section struct {
	group   string
	title   string
	metrics []Metric
}

var sections = []section{
	{scenario.Main, "", []Metric{CPU, Throughput, LatencyP50, LatencyP99, Allocations, AllocatedBytes}},
	{scenario.Main, "Idle connections", []Metric{Resident, Collected, Goroutines}},
	{scenario.Main, "Who is held up", []Metric{
		note("bystander p99", "99th percentile of an echo during broadcasts to 10\u202f000"),
		note("p99 without", "99th percentile of the same broadcast without the slow client"),
	}},
	{scenario.Connections, "From few connections to many", []Metric{CPU, LatencyP99}},
	{scenario.Memory, "From few idle connections to many", []Metric{Resident, Collected}},
	{scenario.Rooms, "From few rooms to many", []Metric{CPU}},
	{scenario.Members, "From few members to many", []Metric{CPU}},
	{scenario.Rate, "Latency against load", []Metric{LatencyP50, LatencyP99, CPU}},
}

// tables returns the tables of a section, without those that would be empty.
func (r Results) tables(s section) []table {
	var all []table
	for _, m := range s.metrics {
		t := table{metric: m, header: []string{""}}
		for _, p := range r.Peers {
			t.header = append(t.header, p.Name)
		}
		for _, sc := range r.scenarios(s.group) {
			if row, ok := r.row(sc, m); ok {
				t.rows = append(t.rows, row)
			}
		}
		if len(t.rows) > 0 {
			all = append(all, t)
		}
	}
	return all
}

func (r Results) row(s scenario.Scenario, m Metric) (row []string, ok bool) {
	label := s.Title
	if m.Title == CPU.Title {
		label += ", per " + s.Unit
	}
	row = []string{label}
	for _, p := range r.Peers {
		f := r.Figure(s.Name, p.Name, m)
		ok = ok || !math.IsNaN(f.Median) || f.Failed > 0 && m.Title == CPU.Title
		row = append(row, m.cell(f))
	}
	return row, ok
}

// Print writes all tables for a terminal.
func (r Results) Print(w io.Writer) error {
	for _, s := range sections {
		for _, t := range r.tables(s) {
			fmt.Fprintf(w, "\n%s, %s\n", t.metric.Title, t.metric.Unit)
			columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
			for _, row := range append([][]string{t.header}, t.rows...) {
				fmt.Fprintln(columns, "  "+strings.Join(row, "\t"))
			}
			if err := columns.Flush(); err != nil {
				return err
			}
		}
	}
	for _, line := range r.failures() {
		fmt.Fprintln(w, "†", line)
	}
	return nil
}

// failures says what servers did wrong, each only once.
func (r Results) failures() []string {
	var lines []string
	for _, run := range r.Runs {
		if line := run.Peer + ": " + run.Error; run.Error != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}
