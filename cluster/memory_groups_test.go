package cluster

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func (b *Memory) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.groups)
}

// What is kept of a namespace without nodes goes when it is too old for anybody.
func TestGroupsThatKeepNothingAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewMemory()
		newStoreNode(t, b).Close()
		if n := b.count(); n != 0 {
			t.Errorf("%d groups after one that was never used", n)
		}
		for i := range 100 {
			m, _ := b.Join(fmt.Sprint("/", i), new(logReader))
			store := m.(SessionStore)
			store.Retain(Retention{Age: time.Minute, Bytes: 1 << 20, Sessions: 2})
			if i%2 == 0 {
				store.PublishLogged(t.Context(), &Message{Kind: Broadcast}, func(string) {})
			} else {
				store.Save(t.Context(), &Session{ID: "x", Expires: time.Now().Add(time.Minute)})
			}
			m.Close()
		}
		newStoreNode(t, b).Close()
		if n := b.count(); n != 100 {
			t.Errorf("%d groups are left, and 100 keep something", n)
		}
		time.Sleep(time.Minute)
		newStoreNode(t, b).Close()
		if n := b.count(); n != 0 {
			t.Errorf("%d groups that keep nothing", n)
		}
	})
}

// A node that is the last one to leave may save a session a moment later.
func TestSavingAfterTheLastNodeHasLeft(t *testing.T) {
	b := NewMemory()
	n := newStoreNode(t, b)
	n.Close()
	if err := n.Save(t.Context(), &Session{ID: "x", Expires: time.Now().Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	next := newStoreNode(t, b)
	defer next.Close()
	if s, err := next.Restore(t.Context(), "x"); s == nil || err != nil {
		t.Errorf("Restore = %v, %v", s, err)
	}
}
