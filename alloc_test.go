package socketio_test

import (
	"context"
	"testing"

	"github.com/go-socketio/socketio"
)

// What nobody watches costs nothing: without hooks and handlers for outgoing events,
// emitting allocates what encoding needs.
func TestAllocationsOfEmitting(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
	srv := socketio.NewServer(socketio.Options{})
	connected := sockets(srv.Of("/"))
	p := serve(t, srv).poll()
	p.send("40")
	s := await(t, connected, "the socket")
	p.receive()
	args := []any{"argument"}
	emits := map[string]func(){
		"direct":    func() { s.Volatile().Emit("event", args...) },
		"broadcast": func() { srv.Volatile().Emit("event", args...) },
	}
	// The buffer and the message; for a direct event the error too, because it is
	// dropped, and for a broadcast the rooms that it selects.
	budgets := map[string]float64{"direct": 5, "broadcast": 3}
	unwatched := make(map[string]float64)
	for name, emit := range emits {
		unwatched[name] = testing.AllocsPerRun(100, emit)
		if unwatched[name] > budgets[name] {
			t.Errorf("%s: %v allocations, more than %v", name, unwatched[name], budgets[name])
		}
	}
	srv.OnAnyOutgoing(func(*socketio.Socket, string, socketio.Args) {})
	for name, emit := range emits {
		if got := testing.AllocsPerRun(100, emit); got <= unwatched[name] {
			t.Errorf("%s: %v allocations although somebody watches: the test measures nothing", name, got)
		}
	}
}

// A received event costs its handler's context and arguments, and nothing for hooks
// that nobody has.
func TestAllocationsOfHandling(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
	count := func(hooks any) float64 {
		srv := socketio.NewServer(socketio.Options{Hooks: hooks})
		handled := make(chan struct{})
		srv.On("event", func(context.Context, *socketio.Socket, socketio.Args) error {
			handled <- struct{}{}
			return nil
		})
		c := serve(t, srv).connect()
		c.join("/", "")
		return testing.AllocsPerRun(200, func() {
			c.send(`42["event","argument"]`)
			<-handled
		})
	}
	none, all := count(nil), count(new(journal))
	if none >= all {
		t.Errorf("%v allocations without hooks, %v with all of them", none, all)
	}
	if none > 8 { // most of them are the client's
		t.Errorf("%v allocations", none)
	}
}
