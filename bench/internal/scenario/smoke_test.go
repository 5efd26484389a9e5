package scenario_test

import (
	"testing"
	"time"

	"github.com/go-socketio/socketio/bench/internal/peer"
	"github.com/go-socketio/socketio/bench/internal/scenario"
)

// TestScenarios runs each scenario for a moment, with few clients, against the
// servers that are written in Go.
func TestScenarios(t *testing.T) {
	prepare := peer.Preparer{Module: "../..", Work: t.TempDir()}
	for _, name := range []string{peer.Floor, peer.Ours} {
		p, err := prepare.Prepare(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range scenario.All() {
			t.Run(name+"/"+s.Name, func(t *testing.T) {
				t.Parallel()
				smoke(t, p, s)
			})
		}
	}
}

func smoke(t *testing.T, p peer.Peer, s scenario.Scenario) {
	server, err := p.Start(t.Context(), s.Env)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	sample, err := s.Run(t.Context(), server.Target(""), scenario.Config{Measure: 20 * time.Millisecond, Scale: 100, Patience: time.Minute})
	if err != nil {
		t.Fatalf("%v%s", err, server.Output())
	}
	if sample.Operations == 0 || sample.Seconds <= 0 || sample.ServerCPU <= 0 || sample.Connections == 0 {
		t.Errorf("%+v", sample)
	}
	if sample.Allocations == nil || sample.Goroutines == nil || *sample.Goroutines <= 0 {
		t.Error("what the server says about itself is missing")
	}
}
