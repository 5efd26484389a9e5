package report

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/bench/internal/scenario"
)

// sample has the given µs of CPU per operation.
func sample(us float64) scenario.Sample {
	return scenario.Sample{Operations: 1000, Seconds: 1, ServerCPU: us / 1000, LatencyP50: 0.001, LatencyP99: us / 1000,
		ResidentCollected: us * 1024, Resident: us * 1024, OthersCPU: 0.5}
}

// example is three rounds on a machine that was slow in the second, and a server that
// failed in the third.
func example() Results {
	r := Results{
		Date:      time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		Peers:     []Peer{{"node", "Node 20"}, {"ours", "commit abc"}},
		Reference: "node",
		Rounds:    3,
		Warmup:    time.Second,
		Measure:   3 * time.Second,
	}
	r.Machine.Cores = 2
	for _, s := range []string{"echo", "idle@1000", "idle@5000", "rate@2000", "rate@40000"} {
		r.Runs = append(r.Runs,
			Run{Scenario: s, Peer: "node", Round: 1, Sample: sample(10)},
			Run{Scenario: s, Peer: "ours", Round: 1, Sample: sample(5)},
			Run{Scenario: s, Peer: "ours", Round: 2, Sample: sample(20)},
			Run{Scenario: s, Peer: "node", Round: 2, Sample: sample(40)},
			Run{Scenario: s, Peer: "node", Round: 3, Sample: sample(12)},
			Run{Scenario: s, Peer: "ours", Round: 3, Sample: sample(1), Error: "echo: a wrong answer <&>"})
	}
	return r
}

func TestFigure(t *testing.T) {
	r := example()
	if f := r.Figure("echo", "ours", CPU); f.Ratio != 0.5 || f.Median != 12.5 || f.Failed != 1 {
		t.Errorf("ours: %+v", f)
	}
	if f := r.Figure("echo", "node", CPU); f.Ratio != 1 || f.Median != 12 || f.Failed != 0 {
		t.Errorf("node: %+v", f)
	}
	if f := r.Figure("echo", "ours", Goroutines); !math.IsNaN(f.Median) || !math.IsNaN(f.Ratio) {
		t.Errorf("a figure that was not measured: %+v", f)
	}
	if f := r.Figure("ack", "ours", CPU); !math.IsNaN(f.Median) {
		t.Errorf("a scenario that did not run: %+v", f)
	}
	if got := r.Others(); got != 0.25 {
		t.Errorf("others: %v, want a quarter", got)
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0.123: "0.12", 9.876: "9.88", 12.34: "12.3", 234.5: "234", math.Inf(1): "+Inf"} {
		if got := number(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	if got := number(math.NaN()); got != "–" {
		t.Errorf("NaN: %s", got)
	}
}

func TestPrint(t *testing.T) {
	var b strings.Builder
	if err := example().Print(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"12.5 (0.50) †", "12.0 (1.00)", "† ours: echo: a wrong answer <&>", "echo, 64 B string, per echo"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
	if n := strings.Count(b.String(), "a wrong answer"); n != 1 {
		t.Errorf("the same failure is told %d times", n)
	}
	if strings.Contains(b.String(), "Goroutines") {
		t.Error("a table of what was not measured")
	}
}

func TestChartsAreXML(t *testing.T) {
	charts := example().Charts()
	for _, name := range []string{"cpu.svg", "memory.svg", "latency.svg"} {
		if charts[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
	if len(charts) != 3 {
		t.Errorf("%d charts, want only those with results", len(charts))
	}
	for name, text := range charts {
		d := xml.NewDecoder(strings.NewReader(text))
		for {
			_, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v in\n%s", name, err, text)
			}
		}
		if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
			t.Errorf("%s has a coordinate that is no number:\n%s", name, text)
		}
	}
}

func TestAxisIsLogarithmic(t *testing.T) {
	a := axis{1, 100, 0, 10}
	if a.at(1) != 0 || a.at(10) != 5 || a.at(100) != 10 {
		t.Errorf("%v %v %v", a.at(1), a.at(10), a.at(100))
	}
}

func TestWriteAndReadJoin(t *testing.T) {
	dir := t.TempDir()
	r := example()
	if err := r.WriteAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"results.json", "tables.md", "cpu.svg"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	later := Results{Peers: r.Peers, Reference: "node", Runs: []Run{
		{Scenario: "echo", Peer: "node", Round: 1, Sample: sample(100)},
		{Scenario: "echo", Peer: "ours", Round: 1, Sample: sample(25)},
	}}
	second := filepath.Join(dir, "later.json")
	if err := later.Write(second); err != nil {
		t.Fatal(err)
	}
	joined, err := Read(filepath.Join(dir, "results.json"), second)
	if err != nil {
		t.Fatal(err)
	}
	if f := joined.Figure("echo", "ours", CPU); f.Ratio != 0.25 {
		t.Errorf("the later results do not win: %+v", f)
	}
	if f := joined.Figure("idle@1000", "ours", CPU); f.Ratio != 0.5 {
		t.Errorf("the earlier results are lost: %+v", f)
	}
	if _, err := Read(filepath.Join(dir, "none.json")); err == nil {
		t.Error("no error for a file that is not there")
	}
}

func TestUpdateDocument(t *testing.T) {
	name := filepath.Join(t.TempDir(), "performance.md")
	write := func(text string) {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("# Performance\n" + beginMark + "old\n" + endMark + "the end\n")
	for range 2 { // what it has made it can replace
		if err := example().UpdateDocument(name); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(text); !strings.HasPrefix(s, "# Performance\n"+beginMark+"Measured on 23 November 2026") || !strings.HasSuffix(s, endMark+"the end\n") ||
		strings.Contains(s, "old") || !strings.Contains(s, "](performance/cpu.svg)") || !strings.Contains(s, "| Node 20 |") {
		t.Errorf("%s", s)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(name), "performance", "cpu.svg")); err != nil {
		t.Error(err)
	}
	write("nothing to replace")
	if err := example().UpdateDocument(name); !errors.Is(err, ErrNoMarks) {
		t.Errorf("got %v", err)
	}
}
