package socketio_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/event"
)

// newServers returns servers of a cluster without clients.
func newServers(t *testing.T, n int) []*socketio.Server {
	t.Helper()
	bus := cluster.NewMemory()
	servers := make([]*socketio.Server, n)
	for i := range servers {
		servers[i] = socketio.NewServer(socketio.Options{Bus: bus, Logger: silent})
		t.Cleanup(func() {
			if err := servers[i].Shutdown(context.Background()); err != nil {
				t.Errorf("Shutdown: %v", err)
			}
		})
	}
	return servers
}

func TestEventsOfOtherServers(t *testing.T) {
	servers := newServers(t, 3)
	type received struct {
		server int
		value  int
	}
	count := event.New[int]("count")
	got := make(chan received, 1000)
	for i, srv := range servers {
		socketio.OnServer(srv, count, func(_ context.Context, v int) error {
			got <- received{i, v}
			return nil
		})
		srv.OnServer("raw", func(_ context.Context, args socketio.Args) error {
			var data []byte
			if err := args.Decode(nil, &data); err != nil || args.HasAck() {
				t.Errorf("%q %v, to be answered: %v", data, err, args.HasAck())
			}
			got <- received{i, int(data[0])}
			return nil
		})
	}
	for v := range 100 {
		if err := count.Emit(t.Context(), servers[0].OtherServers(), v); err != nil {
			t.Fatal(err)
		}
	}
	next := make(map[int]int)
	for range 200 {
		r := await(t, got, "an event")
		if r.server == 0 || r.value != next[r.server] {
			t.Fatalf("received %+v, want %d", r, next[r.server])
		}
		next[r.server]++
	}
	servers[1].OtherServers().Emit("raw", "x", []byte{7})
	for range 2 {
		if r := await(t, got, "an event"); r.server == 1 || r.value != 7 {
			t.Errorf("received %+v", r)
		}
	}
	// Namespaces do not hear each other.
	servers[0].Of("/other").OtherServers().Emit("count", -1)
	servers[0].OtherServers().Emit("count", 200)
	for range 2 {
		if r := await(t, got, "an event"); r.value != 200 {
			t.Errorf("received %+v", r)
		}
	}
	for _, name := range []string{"connect", "connection", "new_namespace"} {
		if err := servers[0].OtherServers().Emit(name); !errors.Is(err, socketio.ErrReservedEvent) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := servers[0].OtherServers().EmitWithAck(t.Context(), name); !errors.Is(err, socketio.ErrReservedEvent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := servers[0].OtherServers().Emit("count", func() {}); err == nil {
		t.Error("a function can be sent")
	}
}

func TestQuestionsToOtherServers(t *testing.T) {
	servers := newServers(t, 3)
	double := event.NewCall[int, int]("double")
	for i, srv := range servers {
		socketio.HandleServer(srv, double, func(ctx context.Context, n int) (int, error) {
			switch {
			case n > 0:
				return 2 * n, nil
			case i == 1:
				return 0, &event.Error{Message: "not positive"}
			default:
				panic("not positive")
			}
		})
	}
	answers, err := double.AskAll(t.Context(), servers[0].OtherServers(), 21)
	if err != nil || !slices.Equal(answers, []int{42, 42}) {
		t.Errorf("AskAll = %v, %v", answers, err)
	}
	answers, err = double.AskAll(t.Context(), servers[0].OtherServers(), -1)
	var remote *event.RemoteError
	if len(answers) != 0 || !errors.As(err, &remote) ||
		!strings.Contains(err.Error(), "not positive") || !strings.Contains(err.Error(), "internal error") {
		t.Errorf("AskAll = %v, %v", answers, err)
	}
	_, err = event.NewCall[int, int]("unknown").AskAll(t.Context(), servers[0].OtherServers(), 1)
	if !errors.As(err, &remote) || !strings.Contains(err.Error(), "no handler") {
		t.Errorf("a question that nobody knows: %v", err)
	}
	for _, srv := range servers[1:] {
		socketio.OnServer(srv, event.New[int]("event"), func(context.Context, int) error { return nil })
	}
	done, err := event.NewCall[int, event.None]("event").AskAll(t.Context(), servers[0].OtherServers(), 1)
	if err != nil || len(done) != 2 {
		t.Errorf("an event that is asked: %d answers, %v", len(done), err)
	}
	off := servers[1].OnServer("later", func(_ context.Context, args socketio.Args) error {
		go args.Ack("in the end")
		return nil
	})
	servers[2].OnServer("later", func(_ context.Context, args socketio.Args) error { return args.Ack(func() {}) })
	all, err := servers[0].OtherServers().EmitWithAck(t.Context(), "later")
	if err != nil || len(all) != 2 {
		t.Errorf("%d answers, %v", len(all), err)
	}
	off()
	all, err = servers[2].OtherServers().EmitWithAck(t.Context(), "later")
	if err != nil || len(all) != 2 || !strings.Contains(string(all[0].Raw(0)), "no handler") {
		t.Errorf("after off: %d answers, %v", len(all), err)
	}
}

// Two servers that ask each other from within a handler do not wait for ever.
func TestServersAskEachOther(t *testing.T) {
	servers := newServers(t, 2)
	for i, srv := range servers {
		srv.OnServer("ask", func(ctx context.Context, args socketio.Args) error {
			var depth int
			if err := args.Decode(&depth); err != nil || depth == 0 {
				return args.Ack(i)
			}
			answers, err := srv.OtherServers().EmitWithAck(ctx, "ask", depth-1)
			if err != nil {
				return err
			}
			return args.Ack(answers[0])
		})
	}
	answers, err := servers[0].OtherServers().EmitWithAck(t.Context(), "ask", 5)
	if err != nil || len(answers) != 1 || string(answers[0].Raw(0)) != "0" {
		t.Errorf("%v, %v", answers, err)
	}
}

// Shutdown waits for the handlers of other servers' events, and tells them.
func TestShutdownEndsServerHandlers(t *testing.T) {
	servers := newServers(t, 2)
	busy := make(chan bool)
	ended := false
	servers[1].OnServer("wait", func(ctx context.Context, _ socketio.Args) error {
		busy <- true
		<-ctx.Done()
		ended = true
		return ctx.Err()
	})
	servers[0].OtherServers().Emit("wait")
	<-busy
	if err := servers[1].Shutdown(t.Context()); err != nil || !ended {
		t.Errorf("Shutdown = %v, the handler has ended: %v", err, ended)
	}
}
