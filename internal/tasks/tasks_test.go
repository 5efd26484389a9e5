package tasks

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/go-socketio/socketio/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("given up")
		impatient, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		var g Group
		if err := g.Wait(impatient); err != nil {
			t.Errorf("Wait = %v without a task", err)
		}
		for range 2 { // a group can be waited for again and again
			first, second := make(chan bool), make(chan bool)
			g.Go(func() { <-first })
			g.Go(func() { <-second })
			if err := g.Wait(impatient); err != cause {
				t.Errorf("Wait = %v, want the cause of the context's end", err)
			}
			returned := make(chan error, 2)
			for range 2 {
				go func() { returned <- g.Wait(t.Context()) }()
			}
			synctest.Wait()
			g.Start() // while somebody waits
			close(first)
			close(second)
			synctest.Wait()
			if n := g.Running(); n != 1 || len(returned) != 0 {
				t.Errorf("%d tasks, and Wait has returned %d times", n, len(returned))
			}
			g.Done()
			for range 2 {
				if err := <-returned; err != nil {
					t.Errorf("Wait = %v", err)
				}
			}
		}
	})
}

// A task that ends in the moment in which somebody begins to wait is not missed.
func TestWaitWhileTasksEnd(t *testing.T) {
	for range 2000 {
		var g Group
		var all sync.WaitGroup
		for range 3 {
			g.Start()
			all.Go(g.Done)
		}
		if err := g.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		all.Wait()
	}
}
