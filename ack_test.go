package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/event"
)

func TestAckIDsComeBackUnchanged(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	echo(srv)
	c := serve(t, srv).connect()
	c.join("/", "")
	for _, id := range []uint64{0, 1, 1 << 53, 1<<53 + 1, math.MaxUint64} {
		c.send(fmt.Sprintf(`42%d["echo"]`, id))
		c.expect(fmt.Sprintf(`43%d[]`, id))
	}
}

func TestOnlyTheFirstAckCounts(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	errs := make(chan error, 3)
	srv.On("x", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		errs <- args.Ack("first")
		errs <- args.Ack("second")
		return nil
	})
	srv.On("no ack", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		errs <- args.Ack("nobody asked")
		return nil
	})
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send(`421["x"]`, `42["no ack"]`)
	c.expect(`431["first"]`)
	for _, want := range []error{nil, event.ErrAlreadyAcknowledged, event.ErrNoAck} {
		if err := await(t, errs, "Ack"); !errors.Is(err, want) {
			t.Errorf("Ack = %v, want %v", err, want)
		}
	}
}

func TestAckAfterTheClientLeft(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	errs := make(chan error, 1)
	srv.On("x", func(ctx context.Context, _ *socketio.Socket, args socketio.Args) error {
		<-ctx.Done()
		errs <- args.Ack("too late")
		return nil
	})
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send(`421["x"]`, "41")
	if err := await(t, errs, "Ack"); !errors.Is(err, socketio.ErrDisconnected) {
		t.Errorf("Ack = %v", err)
	}
	c.join("/", "") // and nothing came before
}

func TestAnswersThatNobodyWaitsForAreIgnored(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	echo(srv)
	connected := sockets(srv.Of("/"))
	c := serve(t, srv).connect()
	c.join("/", "")
	s := await(t, connected, "the socket")
	answers := make(chan string, 1)
	go func() {
		args, err := s.EmitWithAck(t.Context(), "q")
		var v string
		args.Decode(&v)
		answers <- fmt.Sprint(v, err)
	}()
	c.expect(`420["q"]`)
	c.send(`431["unknown id"]`, `430["answer"]`, `430["again"]`, `42["echo","fine"]`)
	c.expect(`42["echo","fine"]`)
	if got := await(t, answers, "the answer"); got != "answer<nil>" {
		t.Errorf("got %s", got)
	}
}

// Pending acknowledgements fail at once when the client leaves.
func TestPendingAcksFailWithTheSocket(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	connected := sockets(srv.Of("/"))
	c := serve(t, srv).connect()
	c.join("/", "")
	s := await(t, connected, "the socket")
	errs := make(chan error, 3)
	for range 3 {
		go func() {
			_, err := s.EmitWithAck(context.Background(), "q")
			errs <- err
		}()
	}
	for range 3 {
		c.receive()
	}
	c.send("41")
	for range 3 {
		var d *socketio.DisconnectError
		if err := await(t, errs, "the error"); !errors.As(err, &d) || d.Reason != socketio.ReasonClientDisconnect {
			t.Errorf("EmitWithAck = %v", err)
		}
	}
}

func TestAckTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{})
		connected := sockets(srv.Of("/"))
		h, stop := serveInMemory(t, srv, 0)
		defer stop()
		c := h.connect()
		c.join("/", "")
		s := <-connected
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		_, err := s.EmitWithAck(ctx, "q")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("EmitWithAck = %v after %v", err, time.Since(start))
		}
		c.expect(`420["q"]`)
		c.send(`430["late"]`)
		if _, err := s.EmitWithAck(ctx, "never sent"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("EmitWithAck = %v", err)
		}
		s.Emit("next")
		c.expect(`42["next"]`)
		c.conn.Close()
	})
}

// A context that ends together with the last answer spoils nothing.
func TestAnswersThatAreAllThereWhenTheContextEnds(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Bus: cluster.NewMemory()})
	defer srv.Close()
	for range 50 { // the choice between the two would be random
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := srv.EmitWithAck(ctx, "q", canceller(cancel)); err != nil {
			t.Fatalf("EmitWithAck = %v", err)
		}
		if _, err := srv.OtherServers().EmitWithAck(ctx, "q"); err != nil {
			t.Fatalf("EmitWithAck of other servers = %v", err)
		}
	}
}

// canceller ends a context when it is encoded.
type canceller context.CancelFunc

func (c canceller) MarshalText() ([]byte, error) {
	c()
	return nil, nil
}

func TestBroadcastAck(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	if answers, err := srv.EmitWithAck(t.Context(), "q"); err != nil || len(answers) != 0 {
		t.Errorf("nobody there: %v, %v", answers, err)
	}
	synced := make(chan bool, 2)
	srv.On("sync", func(context.Context, *socketio.Socket, socketio.Args) error {
		synced <- true
		return nil
	})
	clients := make([]*client, 3)
	for i := range clients {
		clients[i] = h.connect()
		clients[i].join("/", "")
		await(t, connected, "the socket").Join("room")
	}
	type result struct {
		answers []string
		err     error
	}
	results := make(chan result)
	ask := func(ctx context.Context) {
		answers, err := srv.To("room").EmitWithAck(ctx, "q", 1)
		var r result
		r.err = err
		for _, a := range answers {
			var v string
			if err := a.Decode(&v); err != nil {
				t.Error(err)
			}
			r.answers = append(r.answers, v)
		}
		slices.Sort(r.answers)
		results <- r
	}

	go ask(t.Context()) // all answer
	for i, c := range clients {
		c.expect(`421["q",1]`)
		c.send(fmt.Sprintf(`431["%c",null]`, 'a'+i), `431["twice"]`)
	}
	if r := await(t, results, "the answers"); r.err != nil || !slices.Equal(r.answers, []string{"a", "b", "c"}) {
		t.Errorf("all answer: %v", r)
	}

	ctx, cancel := context.WithCancel(t.Context()) // one does not
	go ask(ctx)
	for _, c := range clients {
		c.expect(`422["q",1]`)
	}
	clients[0].send(`432["a"]`, `42["sync"]`)
	clients[1].send(`432["b"]`, `42["sync"]`)
	for range 2 {
		await(t, synced, "the answers before")
	}
	cancel()
	if r := await(t, results, "the answers"); !errors.Is(r.err, context.Canceled) || !slices.Equal(r.answers, []string{"a", "b"}) {
		t.Errorf("one does not answer: %v", r)
	}

	go ask(t.Context()) // one leaves
	for _, c := range clients {
		c.expect(`423["q",1]`)
	}
	clients[0].send(`433["a"]`)
	clients[1].send("41")
	clients[2].send(`433["c"]`)
	if r := await(t, results, "the answers"); r.err != nil || !slices.Equal(r.answers, []string{"a", "c"}) {
		t.Errorf("one leaves: %v", r)
	}
}
