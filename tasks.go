package socketio

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// tasks counts the goroutines that run the application's functions, so that the
// server can wait for them. Unlike with a sync.WaitGroup, waiting can be given up.
type tasks struct {
	running atomic.Int64 // less one as soon as somebody waits
	waiting sync.Once
	ended   sync.Once
	none    chan struct{}
}

func (t *tasks) start() { t.running.Add(1) }

func (t *tasks) done() {
	if t.running.Add(-1) < 0 {
		t.ended.Do(func() { close(t.none) })
	}
}

// wait returns when none is running.
func (t *tasks) wait(ctx context.Context) error {
	t.waiting.Do(t.done)
	select {
	case <-t.none:
		return nil
	case <-ctx.Done():
		if t.running.Load() < 0 {
			return nil
		}
		return fmt.Errorf("socketio: %d goroutines still run handlers: %w", t.running.Load()+1, context.Cause(ctx))
	}
}
