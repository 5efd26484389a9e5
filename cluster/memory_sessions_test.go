package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// logReader notes the offsets that a node is given, its own ones included.
type logReader struct {
	mu  sync.Mutex
	got []string
}

func (r *logReader) Deliver(m *Message, offset string) { r.note(m.Event, offset) }
func (r *logReader) NodeLeft(string)                   {}

func (r *logReader) note(event, offset string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, event+" "+offset)
}

func (r *logReader) taken() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got
}

type storeNode struct {
	*logReader
	Member
	SessionStore
}

func newStoreNode(t *testing.T, b *Memory) storeNode {
	t.Helper()
	r := new(logReader)
	m, err := b.Join("/", r)
	if err != nil {
		t.Fatal(err)
	}
	store := m.(SessionStore)
	store.Retain(Retention{Age: time.Minute, Bytes: 1 << 20, Sessions: 2})
	return storeNode{r, m, store}
}

func (n storeNode) publish(t *testing.T, event string) {
	err := n.PublishLogged(t.Context(), &Message{Kind: Broadcast, Event: event}, func(offset string) { n.note(event, offset) })
	if err != nil {
		t.Error(err)
	}
}

// Every node is given the log in the same order, its own messages among the others.
func TestLogOrder(t *testing.T) {
	b := NewMemory()
	nodes := []storeNode{newStoreNode(t, b), newStoreNode(t, b), newStoreNode(t, b)}
	start := nodes[0].Start()
	var publishers sync.WaitGroup
	for i, n := range nodes {
		publishers.Go(func() {
			for k := range 300 {
				n.publish(t, fmt.Sprint(i, k))
			}
		})
	}
	publishers.Wait()
	logged, err := nodes[1].Since(t.Context(), start)
	if err != nil || len(logged) != 900 {
		t.Fatalf("%d messages, %v", len(logged), err)
	}
	for _, n := range nodes {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
		for i, got := range n.taken() { // what is left in the queue when it leaves is not
			if want := logged[i].Message.Event + " " + logged[i].Offset; got != want {
				t.Fatalf("message %d: %s, want %s", i, got, want)
			}
		}
	}
	err = nodes[0].PublishLogged(t.Context(), &Message{}, func(string) { t.Error("delivered to a node that has left") })
	if !errors.Is(err, ErrLeft) {
		t.Errorf("PublishLogged after Close: %v", err)
	}
}

// The log outlives its nodes. A node begins where the log ends when it joins.
func TestLogOutlivesItsNodes(t *testing.T) {
	b := NewMemory()
	first := newStoreNode(t, b)
	first.publish(t, "1")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := newStoreNode(t, b)
	defer second.Close()
	second.publish(t, "2")
	all, err := second.Since(t.Context(), first.Start())
	if err != nil || len(all) != 2 || all[0].Message.Event != "1" || all[0].Offset != second.Start() {
		t.Errorf("since the beginning: %v, %v", all, err)
	}
	if order, ok := second.Compare(all[0].Offset, all[1].Offset); !ok || order >= 0 {
		t.Errorf("Compare = %d, %v", order, ok)
	}
	if _, err := second.Since(t.Context(), "x"); !errors.Is(err, ErrNotRetained) {
		t.Errorf("since nonsense: %v", err)
	}
	if _, err := second.Publish(t.Context(), &Message{}); err != nil || second.Start() == all[1].Offset {
		t.Error("what is only published is in the log")
	}
}

// A session is given out once, until it expires; and there is room for so many.
func TestSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newStoreNode(t, NewMemory())
		defer n.Close()
		ctx := context.Background()
		save := func(id string, lasts time.Duration) {
			if err := n.Save(ctx, &Session{ID: id, SocketID: "s" + id, Expires: time.Now().Add(lasts)}); err != nil {
				t.Error(err)
			}
		}
		expect := func(id string, there bool) {
			t.Helper()
			s, err := n.Restore(ctx, id)
			if err != nil || (s != nil) != there || there && s.SocketID != "s"+id {
				t.Errorf("Restore(%s) = %v, %v", id, s, err)
			}
		}
		save("a", time.Minute)
		expect("a", true)
		expect("a", false)
		save("a", time.Minute)
		save("b", time.Second)
		time.Sleep(time.Second)
		expect("b", false)
		save("a", 3*time.Minute) // again
		save("c", time.Minute)
		save("d", 2*time.Minute) // and now there are too many
		expect("c", false)
		expect("d", true)
		expect("a", true)
	})
}

// A publisher waits for those that are slow before its message has a place in the log.
func TestPublishLoggedWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewMemory()
		n := newStoreNode(t, b)
		stuck := make(chan bool)
		slow, _ := b.Join("/", stuckReceiver(stuck))
		for range maxQueued + 1 {
			n.publish(t, "e")
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := n.PublishLogged(ctx, &Message{}, func(string) { t.Error("delivered") })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("PublishLogged = %v", err)
		}
		if all, err := n.Since(ctx, n.Start()); err != nil || len(all) != maxQueued+1 {
			t.Errorf("%d messages in the log, %v", len(all), err)
		}
		close(stuck)
		slow.Close()
		n.Close()
	})
}

type stuckReceiver chan bool

func (r stuckReceiver) Deliver(*Message, string) { <-r }
func (r stuckReceiver) NodeLeft(string)          {}
