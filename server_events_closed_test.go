package socketio

import (
	"context"
	"testing"

	"github.com/go-socketio/socketio/cluster"
)

// What arrives while a server is shut down starts no handler that nobody waits for.
func TestEventsOfServersAfterTheEnd(t *testing.T) {
	srv := NewServer(Options{})
	srv.OnServer("x", func(context.Context, Args) error {
		t.Error("a handler runs")
		return nil
	})
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	srv.main.serverEvent(&cluster.Message{Kind: cluster.ServerSideEmit, Event: "x"})
	srv.main.serverEvent(&cluster.Message{Kind: cluster.ServerSideEmit, Event: "x", RequestID: "y"})
	if e := &srv.main.serverEvents; e.running || e.asked != 0 || len(e.queue) != 0 {
		t.Errorf("%d questions, %d events, running: %v", e.asked, len(e.queue), e.running)
	}
}
