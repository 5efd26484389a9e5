package report

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-socketio/socketio/bench/internal/scenario"
)

// Markdown returns all tables, with what they were measured on. Charts are linked in the
// given directory, if they have been drawn.
func (r Results) Markdown(charts map[string]string, directory string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s on %s. Medians of %d rounds of %v after %v of warming up; in brackets the ratio to %s, taken within "+
		"each round. Other programs used up to %.0f %% of the machine meanwhile.\n\n| name | what it is |\n|---|---|\n",
		r.Date.Format("2 January 2006"), r.Machine, r.Rounds, r.Measure, r.Warmup, r.Reference, r.Others()*100)
	for _, p := range r.Peers {
		fmt.Fprintf(&b, "| %s | %s |\n", p.Name, p.Version)
	}
	for _, c := range chartList {
		if charts[c.file] != "" {
			fmt.Fprintf(&b, "\n![%s](%s)\n", c.title, filepath.ToSlash(filepath.Join(directory, c.file)))
		}
	}
	for _, s := range sections {
		tables := r.tables(s)
		if s.title != "" && len(tables) > 0 {
			fmt.Fprintf(&b, "\n### %s\n", s.title)
		}
		for _, t := range tables {
			t.markdown(&b)
		}
	}
	if failures := r.failures(); len(failures) > 0 {
		b.WriteString("\n† Failed in at least one round, which is left out:\n\n")
		for _, line := range failures {
			fmt.Fprintf(&b, "- %s\n", line)
		}
	}
	return b.String()
}

func (t table) markdown(b *strings.Builder) {
	t.header[0] = t.metric.Title + ", " + t.metric.Unit
	fmt.Fprintf(b, "\n| %s |\n|---%s|\n", strings.Join(t.header, " | "), strings.Repeat("|--:", len(t.header)-1))
	for _, row := range t.rows {
		fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
	}
}

// chart is a picture that is drawn if there are results for it.
type chart struct {
	file, title string
	draw        func(r Results, title string) string
}

var chartList = []chart{
	{"cpu.svg", "CPU time per operation, as a ratio to the official server on Node (less is better)", func(r Results, title string) string {
		return r.bars(title, scenario.Main, CPU)
	}},
	{"memory.svg", "Resident memory per idle connection", func(r Results, title string) string {
		return r.lines(title, scenario.Memory, "connections", Collected)
	}},
	{"latency.svg", "Latency of an echo against load, 99th percentile", func(r Results, title string) string {
		return r.lines(title, scenario.Rate, "messages a second", LatencyP99)
	}},
	{"connections.svg", "CPU time of an echo against connections", func(r Results, title string) string {
		return r.lines(title, scenario.Connections, "connections", CPU)
	}},
	{"rooms.svg", "CPU time of a delivery against rooms", func(r Results, title string) string {
		return r.lines(title, scenario.Rooms, "rooms", CPU)
	}},
	{"members.svg", "CPU time of a delivery against the size of a broadcast", func(r Results, title string) string {
		return r.lines(title, scenario.Members, "members", CPU)
	}},
}

// Charts returns the pictures by the name of their file.
func (r Results) Charts() map[string]string {
	drawn := make(map[string]string)
	for _, c := range chartList {
		if picture := c.draw(r, c.title); picture != "" {
			drawn[c.file] = picture
		}
	}
	return drawn
}

// WriteAll writes results.json, tables.md and the charts into a directory.
func (r Results) WriteAll(directory string) error {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	charts := r.Charts()
	if err := writeCharts(directory, charts); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(directory, "tables.md"), []byte(r.Markdown(charts, ".")), 0o644); err != nil {
		return err
	}
	return r.Write(filepath.Join(directory, "results.json"))
}

func writeCharts(directory string, charts map[string]string) error {
	for file, picture := range charts {
		if err := os.WriteFile(filepath.Join(directory, file), []byte(picture), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// The part of a document between these lines is made from results.
const (
	beginMark = "<!-- begin: made by bench -->\n"
	endMark   = "<!-- end: made by bench -->\n"
)

// ErrNoMarks is returned by UpdateDocument for a document without a place for results.
var ErrNoMarks = errors.New("the document has no lines " + strings.TrimSpace(beginMark) + " and " + strings.TrimSpace(endMark))

// UpdateDocument replaces the part of a Markdown file that is made from results, and
// writes the charts, with the results, into a directory of the same name beside it.
func (r Results) UpdateDocument(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, begins := bytes.Cut(text, []byte(beginMark))
	_, after, ends := bytes.Cut(rest, []byte(endMark))
	if !begins || !ends {
		return fmt.Errorf("%s: %w", name, ErrNoMarks)
	}
	directory := strings.TrimSuffix(name, filepath.Ext(name))
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	charts := r.Charts()
	if err := writeCharts(directory, charts); err != nil {
		return err
	}
	if err := r.Write(filepath.Join(directory, "results.json")); err != nil {
		return err
	}
	made := string(before) + beginMark + r.Markdown(charts, filepath.Base(directory)) + endMark + string(after)
	return os.WriteFile(name, []byte(made), 0o644)
}
