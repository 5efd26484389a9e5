// Command bench measures Socket.IO servers beside each other: this one, the official
// one on Node and on Bun, the least that Go can do, and any other.
//
//	go run ./bench/cmd/bench                                everything that docs/performance.md needs
//	go run ./bench/cmd/bench -scenarios echo,ack -rounds 5  some of it
//	go run ./bench/cmd/bench -server 'mine=./mine -fast'    with a server of your own
//
// ../../README.md explains the method, ../../CONTRACT.md what a server has to do.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/go-socketio/socketio/bench/internal/peer"
	"github.com/go-socketio/socketio/bench/internal/report"
	"github.com/go-socketio/socketio/bench/internal/scenario"
)

func main() {
	// The generator produces next to no garbage; what there is shall not cost pauses.
	debug.SetGCPercent(400)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	scenarios string
	peers     string
	servers   []string
	reference string
	rounds    int
	config    scenario.Config
	out       string
	from      string
	document  string
}

func parse(args []string) (settings, error) {
	var s settings
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&s.scenarios, "scenarios", "all", "scenarios and groups of them, separated by commas")
	f.StringVar(&s.peers, "peers", strings.Join(peer.Bundled, ","), "bundled servers, separated by commas")
	f.Func("server", "a further server, as `name=command`; may be repeated", func(v string) error {
		s.servers = append(s.servers, v)
		return nil
	})
	f.StringVar(&s.reference, "reference", "", "the server that ratios compare with (default: the first)")
	f.IntVar(&s.rounds, "rounds", 3, "rounds; the servers take turns within each")
	f.DurationVar(&s.config.Warmup, "warmup", 3*time.Second, "time before measuring; just-in-time compilers need it")
	f.DurationVar(&s.config.Measure, "duration", 3*time.Second, "time to measure")
	f.IntVar(&s.config.Scale, "scale", 1, "divide the number of clients, for a quick look")
	f.BoolVar(&s.config.Profile, "profile", false, "take CPU profiles of the servers that can; the figures of such a run are distorted")
	f.StringVar(&s.out, "out", filepath.Join("artifacts", "bench"), "directory for results.json, tables.md, charts and profiles")
	f.StringVar(&s.from, "from", "", "do not measure: present these results.json, separated by commas, later ones win")
	f.StringVar(&s.document, "document", "", "bring the tables and charts of this Markdown file up to date")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if f.NArg() > 0 {
		return s, fmt.Errorf("unknown argument %q", f.Arg(0))
	}
	if s.rounds < 1 || s.config.Measure <= 0 || s.config.Warmup < 0 {
		return s, errors.New("rounds and duration must be positive, and warmup not negative")
	}
	return s, nil
}

func run(ctx context.Context, args []string) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	var results report.Results
	if s.from != "" {
		results, err = report.Read(strings.Split(s.from, ",")...)
	} else {
		results, err = measure(ctx, s)
	}
	if err != nil {
		return err
	}
	if err := results.Print(os.Stdout); err != nil {
		return err
	}
	if err := results.WriteAll(s.out); err != nil {
		return err
	}
	fmt.Println("\nwritten to", s.out)
	if s.document != "" {
		return results.UpdateDocument(s.document)
	}
	return nil
}
