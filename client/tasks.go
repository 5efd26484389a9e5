package client

import (
	"context"
	"fmt"
	"sync"
)

// tasks counts the goroutines that run the application's functions, so that a
// client can wait for them. Unlike with a sync.WaitGroup, waiting can be given up.
type tasks struct {
	mu      sync.Mutex
	running int
	idle    chan struct{} // closed when none is running; nil if nobody waits
}

func (t *tasks) start() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running++
}

func (t *tasks) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running--
	if t.running == 0 && t.idle != nil {
		close(t.idle)
		t.idle = nil
	}
}

// wait returns when none is running.
func (t *tasks) wait(ctx context.Context) error {
	t.mu.Lock()
	if t.running == 0 {
		t.mu.Unlock()
		return nil
	}
	if t.idle == nil {
		t.idle = make(chan struct{})
	}
	idle := t.idle
	t.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("socketio: handlers are still running: %w", context.Cause(ctx))
	}
}
