package socketio

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Reports that clients can cause, by making a handler fail, are logged so often at
// most. How many were left out, the next one says.
const (
	reportBurst    = 50
	reportInterval = 100 * time.Millisecond // of those that come after a burst
)

// reports keeps clients from flooding the log.
type reports struct {
	mu         sync.Mutex
	spent      time.Time // the burst is used up until then
	suppressed int
}

// allow reports whether something may be logged now, and how much has not been since
// the last time that it might.
func (r *reports) allow(now time.Time) (suppressed int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spent.Before(now) {
		r.spent = now
	}
	if r.spent.Sub(now) > (reportBurst-1)*reportInterval {
		r.suppressed++
		return 0, false
	}
	r.spent = r.spent.Add(reportInterval)
	suppressed, r.suppressed = r.suppressed, 0
	return suppressed, true
}

// report logs what a client may have caused. Levels below warnings are not limited:
// who turns them on wants to see everything.
func (s *Server) report(level slog.Level, msg string, args ...any) {
	ctx := context.Background()
	if !s.options.Logger.Enabled(ctx, level) {
		return
	}
	if level >= slog.LevelWarn {
		suppressed, ok := s.reports.allow(time.Now())
		if !ok {
			return
		}
		if suppressed > 0 {
			args = append(args, "suppressed", suppressed)
		}
	}
	s.options.Logger.Log(ctx, level, msg, args...)
}

// panicked counts and logs a panic of the application's code, in the deferred call
// that has recovered it.
func (s *Server) panicked(value any, args ...any) *PanicError {
	s.panics.Add(1)
	err := &PanicError{value, debug.Stack()}
	s.report(slog.LevelError, "panic in a function of the application", append(args, "panic", value, "stack", string(err.Stack))...)
	return err
}
