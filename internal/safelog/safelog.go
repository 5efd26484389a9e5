// Package safelog writes to a log of the application without being harmed by it.
package safelog

import (
	"context"
	"errors"
	"log/slog"
)

var errPanicked = errors.New("the handler of the log has panicked")

// New returns a logger that writes to l, and drops what the handler of l panics about:
// most of what is logged is logged where nobody else would catch that, and it could not be
// reported either. panicked is told of it, from whatever goroutine logs.
func New(l *slog.Logger, panicked func()) *slog.Logger {
	return slog.New(&handler{l.Handler(), panicked})
}

type handler struct {
	slog.Handler
	panicked func()
}

func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	defer h.caught()
	return h.Handler.Enabled(ctx, level)
}

func (h *handler) Handle(ctx context.Context, r slog.Record) (err error) {
	err = errPanicked // unless the handler returns
	defer h.caught()
	err = h.Handler.Handle(ctx, r)
	return err
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{h.Handler.WithAttrs(attrs), h.panicked}
}

func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.Handler.WithGroup(name), h.panicked}
}

func (h *handler) caught() {
	if recover() != nil {
		h.panicked()
	}
}
