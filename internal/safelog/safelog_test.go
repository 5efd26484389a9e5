package safelog

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
)

// faulty is a handler that panics about some messages, and in Enabled if it is broken.
type faulty struct {
	slog.Handler
	broken bool
}

func (f faulty) Enabled(ctx context.Context, level slog.Level) bool {
	if f.broken {
		panic("in Enabled")
	}
	return f.Handler.Enabled(ctx, level)
}

func (f faulty) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "fatal" {
		panic("in Handle")
	}
	return f.Handler.Handle(ctx, r)
}

func (f faulty) WithAttrs([]slog.Attr) slog.Handler { return f }
func (f faulty) WithGroup(string) slog.Handler      { return f }

func TestHandlersThatPanic(t *testing.T) {
	var out bytes.Buffer
	panics := 0
	next := faulty{Handler: slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo, AddSource: true})}
	log := New(slog.New(next), func() { panics++ })
	log.Error("fatal")
	if err := log.Handler().Handle(t.Context(), slog.Record{Message: "fatal"}); err != errPanicked {
		t.Errorf("Handle = %v", err)
	}
	log.Warn("fine", "n", 1)
	log.Debug("not enabled")
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "safelog_test.go") || !strings.HasSuffix(got, "msg=fine n=1\n") {
		t.Errorf("logged %q", got)
	}
	log.With("a", 1).WithGroup("g").Error("fatal")
	if panics != 3 {
		t.Errorf("told of %d panics", panics)
	}
	next.broken = true
	New(slog.New(next), func() { panics++ }).Error("fine")
	if panics != 4 {
		t.Errorf("told of %d panics, with that of Enabled", panics)
	}
}
