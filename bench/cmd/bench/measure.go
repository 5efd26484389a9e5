package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-socketio/socketio/bench/internal/peer"
	"github.com/go-socketio/socketio/bench/internal/proc"
	"github.com/go-socketio/socketio/bench/internal/report"
	"github.com/go-socketio/socketio/bench/internal/scenario"
)

// measure runs every scenario against every server, in rounds. Within a round the
// servers of a scenario follow each other at once, and each round begins with another
// one, so that what the machine does meanwhile hits all alike.
func measure(ctx context.Context, s settings) (report.Results, error) {
	scenarios, err := scenario.Select(s.scenarios)
	if err != nil {
		return report.Results{}, err
	}
	work, err := os.MkdirTemp("", "bench")
	if err != nil {
		return report.Results{}, err
	}
	defer os.RemoveAll(work)
	peers, err := prepare(ctx, s, work)
	if err != nil {
		return report.Results{}, err
	}
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return report.Results{}, err
	}
	r, err := newResults(s, peers)
	if err != nil {
		return r, err
	}
	for round := range s.rounds {
		for _, sc := range scenarios {
			for i := range peers {
				p := peers[(i+round)%len(peers)]
				run := once(ctx, s, sc, p)
				if err := ctx.Err(); err != nil {
					return r, err
				}
				run.Round = round + 1
				r.Runs = append(r.Runs, run)
				progress(r, run)
			}
		}
	}
	return r, nil
}

func newResults(s settings, peers []peer.Peer) (report.Results, error) {
	r := report.Results{
		Date:      time.Now(),
		Machine:   proc.ThisMachine(),
		Reference: s.reference,
		Rounds:    s.rounds,
		Warmup:    s.config.Warmup,
		Measure:   s.config.Measure,
	}
	known := false
	for _, p := range peers {
		r.Peers = append(r.Peers, report.Peer{Name: p.Name, Version: p.Version})
		known = known || p.Name == s.reference
	}
	if r.Reference == "" {
		r.Reference = peers[0].Name
	} else if !known {
		return r, fmt.Errorf("the reference %q is not measured", r.Reference)
	}
	return r, nil
}

func prepare(ctx context.Context, s settings, work string) ([]peer.Peer, error) {
	var peers []peer.Peer
	if s.peers != "" {
		module, err := peer.Module(ctx)
		if err != nil {
			return nil, err
		}
		prepare := peer.Preparer{Module: module, Work: work}
		for name := range strings.SplitSeq(s.peers, ",") {
			p, err := prepare.Prepare(ctx, name)
			if err != nil {
				return nil, err
			}
			peers = append(peers, p)
		}
	}
	for _, definition := range s.servers {
		p, err := peer.Custom(definition)
		if err != nil {
			return nil, err
		}
		peers = append(peers, p)
	}
	if len(peers) == 0 {
		return nil, errors.New("no server to measure")
	}
	return peers, nil
}

// once runs a scenario against a server of its own, which nothing has happened to yet.
func once(ctx context.Context, s settings, sc scenario.Scenario, p peer.Peer) report.Run {
	run := report.Run{Scenario: sc.Name, Peer: p.Name}
	server, err := p.Start(ctx, sc.Env)
	if err != nil {
		run.Error = err.Error()
		return run
	}
	defer server.Stop()
	profile := filepath.Join(s.out, sc.Name+"."+p.Name+".pprof")
	run.Sample, err = sc.Run(ctx, server.Target(profile), s.config)
	if err != nil {
		run.Error = err.Error() + server.Output()
	}
	return run
}

// progress says on one line what a run has brought.
func progress(r report.Results, run report.Run) {
	head := fmt.Sprintf("round %d  %-14s %-8s", run.Round, run.Scenario, run.Peer)
	if run.Error != "" {
		fmt.Println(head, "failed:", run.Error)
		return
	}
	s := run.Sample
	line := fmt.Sprintf("%s %8.2f µs %9.0f/s  p50 %7.2f ms  p99 %7.2f ms", head, s.CPU()*1e6, s.Throughput(), s.LatencyP50*1e3, s.LatencyP99*1e3)
	if s.Resident > 0 {
		line += fmt.Sprintf("  %.1f KiB, collected %.1f", s.Resident/1024, s.ResidentCollected/1024)
	}
	fmt.Printf("%s  others %.0f %%\n", line, s.OthersCPU/s.Seconds/float64(r.Machine.Cores)*100)
}
