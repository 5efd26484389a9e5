package socketio

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// recorder is a member that notes what it is to send to another server.
type recorder struct {
	cluster.Member
	sent []cluster.Kind
}

func (r *recorder) Respond(_ context.Context, _ string, m *cluster.Message) error {
	r.sent = append(r.sent, m.Kind)
	return nil
}

func (*recorder) Close() error { return nil }

// A server that asks clients of another one learns first how many there are, even if
// some of them are quick: until then it would not know whose answers it gets.
func TestTheNumberOfClientsComesBeforeTheirAnswers(t *testing.T) {
	srv := NewServer(Options{})
	defer srv.Close()
	member := new(recorder)
	srv.main.member = member
	r := &remoteRequest{namespace: srv.main}
	r.resolve(nil, 0, packet.Args{}, nil)
	r.resolve(nil, 0, packet.Args{}, errors.New("left"))
	if len(member.sent) != 0 {
		t.Errorf("sent %v before the number", member.sent)
	}
	deadlines := srv.deadlines
	before := deadlines.Len()
	r.remaining += 3 // of three clients that are sent to
	if err := r.deliver(srv.All(), &frame.Message{}, time.Hour, nil); err != nil {
		t.Fatal(err)
	}
	if n := deadlines.Len() - before; n != 1 {
		t.Errorf("%d deadlines while one client has not answered", n)
	}
	r.resolve(nil, 0, packet.Args{}, nil)
	if n := deadlines.Len() - before; n != 0 {
		t.Errorf("%d deadlines when all have answered", n)
	}
	want := []cluster.Kind{cluster.BroadcastClientCount, cluster.BroadcastAck, cluster.BroadcastAck, cluster.BroadcastAck}
	if !slices.Equal(member.sent, want) {
		t.Errorf("sent %v, want %v", member.sent, want)
	}
}

// What another server says is not believed if it makes no sense.
func TestNegativeNumberOfClients(t *testing.T) {
	c := &collector{remaining: 2, complete: make(chan struct{}), nodes: map[string]int{"other": awaitsCount}}
	c.counted("other", -1)
	if c.remaining != 2 {
		t.Errorf("%d answers are awaited", c.remaining)
	}
	c.counted("other", 3)
	c.counted("other", 3)
	if c.remaining != 4 {
		t.Errorf("%d answers are awaited, want one of ours and three", c.remaining)
	}
}

// A server that is alone in its cluster waits for nobody.
func TestAloneInTheCluster(t *testing.T) {
	srv := NewServer(Options{Bus: cluster.NewMemory()})
	defer srv.Close()
	q := &question{awaited: make(map[string]bool), complete: make(chan struct{})}
	q.expect(srv.main.member)
	select {
	case <-q.complete:
	default:
		t.Error("an answer is awaited")
	}
}
