package socketio

import "testing"

// An inbox that never becomes quite empty does not grow for ever.
func TestInboxOfABusySocket(t *testing.T) {
	var b inbox
	b.put(item{kind: eventItem, cost: 1}, 1000)
	for range 10_000 {
		b.put(item{kind: eventItem, cost: 1}, 1000)
		if _, ok, _ := b.take(1000); !ok {
			t.Fatal("the inbox is empty")
		}
	}
	if n := cap(b.queue.items); n > 1000 {
		t.Errorf("room for %d items, of which one is used", n)
	}
	if b.cost != 1 {
		t.Errorf("cost %d", b.cost)
	}
}
