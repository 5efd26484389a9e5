// Package tasks counts what runs, so that its owner can wait for it.
package tasks

import (
	"context"
	"sync"
	"sync/atomic"
)

// Group is a number of running tasks, usually goroutines. Unlike with a sync.WaitGroup,
// waiting can be given up, and tasks may begin while somebody waits. The zero value has
// none. It is safe for concurrent use.
type Group struct {
	running atomic.Int64
	awaited atomic.Bool // once somebody has waited, Done looks at what follows

	mu   sync.Mutex
	idle chan struct{} // closed when none is running; nil while nobody waits
}

// Start counts a task. Done must follow.
func (g *Group) Start() { g.running.Add(1) }

// Done is told that a task has ended.
func (g *Group) Done() {
	if g.running.Add(-1) == 0 && g.awaited.Load() {
		g.wake()
	}
}

func (g *Group) wake() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.idle != nil && g.running.Load() == 0 {
		close(g.idle)
		g.idle = nil
	}
}

// Go runs f in a goroutine, as a task.
func (g *Group) Go(f func()) {
	g.Start()
	go func() {
		defer g.Done()
		f()
	}()
}

// Running is how many tasks are running.
func (g *Group) Running() int { return int(g.running.Load()) }

// Wait returns when none is running, or, when ctx ends before that, with its cause.
func (g *Group) Wait(ctx context.Context) error {
	idle := g.await()
	if idle == nil {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// await returns what is closed when none is running, or nil if none is.
func (g *Group) await() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.awaited.Store(true) // before looking: whoever is done then looks here
	if g.running.Load() == 0 {
		return nil
	}
	if g.idle == nil {
		g.idle = make(chan struct{})
	}
	return g.idle
}
