package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// node records what it is told, and waits before each message while it is blocked.
type node struct {
	told    chan string
	blocked chan struct{} // nil, or receives once for each message
}

func (n *node) Deliver(m *cluster.Message, _ string) {
	if n.blocked != nil {
		<-n.blocked
	}
	n.told <- m.Node + " " + m.Event
}

func (n *node) NodeLeft(id string) { n.told <- id + " left" }

func join(t *testing.T, bus *cluster.Memory, namespace string) (*node, cluster.Member) {
	t.Helper()
	n := &node{told: make(chan string, 10_000)}
	m, err := bus.Join(namespace, n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return n, m
}

func publish(t *testing.T, m cluster.Member, event string) {
	t.Helper()
	if _, err := m.Publish(context.Background(), &cluster.Message{Kind: cluster.Broadcast, Event: event}); err != nil {
		t.Fatal(err)
	}
}

func TestMessagesReachTheOthersInOrder(t *testing.T) {
	bus := cluster.NewMemory()
	a, aMember := join(t, bus, "/")
	b, bMember := join(t, bus, "/")
	c, cMember := join(t, bus, "/")
	other, _ := join(t, bus, "/other")
	for i := range 500 {
		publish(t, aMember, fmt.Sprint(i))
	}
	for i := range 500 {
		want := aMember.Node() + " " + fmt.Sprint(i)
		for _, n := range []*node{b, c} {
			if got := <-n.told; got != want {
				t.Fatalf("delivered %q, want %q", got, want)
			}
		}
	}
	if nodes := aMember.Nodes(); len(nodes) != 2 || !slices.Contains(nodes, bMember.Node()) || !slices.Contains(nodes, cMember.Node()) {
		t.Errorf("Nodes = %v", nodes)
	}

	if err := bMember.Respond(context.Background(), aMember.Node(), &cluster.Message{Event: "answer"}); err != nil {
		t.Fatal(err)
	}
	if got := <-a.told; got != bMember.Node()+" answer" {
		t.Errorf("delivered %q", got)
	}
	if len(a.told)+len(b.told)+len(c.told)+len(other.told) != 0 {
		t.Error("somebody was told more")
	}
}

func TestLeaving(t *testing.T) {
	bus := cluster.NewMemory()
	a, aMember := join(t, bus, "/")
	_, bMember := join(t, bus, "/")
	publish(t, bMember, "last")
	for range 2 { // the second time does nothing
		if err := bMember.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{bMember.Node() + " last", bMember.Node() + " left"} {
		if got := <-a.told; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
	if nodes := aMember.Nodes(); len(nodes) != 0 {
		t.Errorf("Nodes = %v", nodes)
	}
	publish(t, aMember, "nobody hears it")
	if err := aMember.Respond(context.Background(), bMember.Node(), &cluster.Message{}); err == nil {
		t.Error("Respond to a node that has left: no error")
	}
	if _, err := bMember.Publish(context.Background(), &cluster.Message{}); !errors.Is(err, cluster.ErrLeft) {
		t.Errorf("Publish after Close: %v", err)
	}
	if err := bMember.Respond(context.Background(), aMember.Node(), &cluster.Message{}); !errors.Is(err, cluster.ErrLeft) {
		t.Errorf("Respond after Close: %v", err)
	}
}

func TestPublishersWaitForASlowNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := cluster.NewMemory()
		slow := &node{told: make(chan string, 10_000), blocked: make(chan struct{})}
		slowMember, _ := bus.Join("/", slow)
		fast, fastMember := join(t, bus, "/")

		publish(t, fastMember, "0") // taken off the queue at once
		synctest.Wait()
		for i := range 1024 {
			publish(t, fastMember, fmt.Sprint(i+1))
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := fastMember.Publish(ctx, &cluster.Message{Event: "lost"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Publish to a full queue = %v", err)
		}
		// Answers are not held up: the slow node may itself be waiting for them.
		if err := fastMember.Respond(ctx, slowMember.Node(), &cluster.Message{Event: "1025"}); err != nil {
			t.Errorf("Respond = %v", err)
		}
		waited := make(chan bool)
		go func() { publish(t, fastMember, "1026"); close(waited) }()
		synctest.Wait()
		close(slow.blocked)
		<-waited
		for i := range 1027 {
			if got, want := <-slow.told, fastMember.Node()+" "+fmt.Sprint(i); got != want {
				t.Fatalf("delivered %q, want %q", got, want)
			}
		}
		slowMember.Close()
		if got, want := <-fast.told, slowMember.Node()+" left"; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
		fastMember.Close()
	})
}
