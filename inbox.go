package socketio

import (
	"sync"

	"github.com/go-socketio/socketio/packet"
)

// item is something for the handlers of a socket.
type item struct {
	kind       itemKind
	packet     packet.Packet // of an eventItem
	disconnect *Disconnect   // of a disconnectItem
	cost       int
}

type itemKind uint8

const (
	connectItem    itemKind = iota // the first
	eventItem                      // any number
	disconnectItem                 // the last
)

// What an event costs besides its bytes, about: its place in the inbox, and the
// slices of its attachments.
const (
	itemCost       = 256
	attachmentCost = 64
)

func (it *item) size() int {
	args := it.packet.Args
	return itemCost + args.Size() + attachmentCost*len(args.Attachments())
}

// inbox is the queue of items that wait for the handlers of a socket. It has no
// memory of its own while it is empty. The socket's lock guards it.
type inbox struct {
	queue   *itemQueue // nil while not running
	cost    int        // of what is queued
	running bool       // a goroutine empties it
	full    bool       // it has exceeded the bound, and not yet fallen to half of it
	waiting int32      // handlers that wait for answers to come over the connection
}

type itemQueue struct {
	items []item
	next  int // those before it have been taken
}

// put appends an item. It reports whether the inbox has become full.
func (b *inbox) put(it item, bound int) (becameFull bool) {
	if b.queue == nil {
		b.queue = itemQueues.Get().(*itemQueue)
	}
	b.queue.items = append(b.queue.items, it)
	b.cost += it.cost
	becameFull = !b.full && b.cost > bound
	b.full = b.full || becameFull
	return becameFull
}

// take removes the first item. If there is none, the inbox is no longer running. It
// reports whether the inbox has become half empty after it was full.
func (b *inbox) take(bound int) (it item, ok, relaxed bool) {
	q := b.queue
	if q == nil || q.next == len(q.items) {
		b.queue, b.running = nil, false
		if q != nil {
			q.recycle()
		}
		return item{}, false, false
	}
	it = q.items[q.next]
	q.items[q.next] = item{}
	q.next++
	q.compact()
	b.cost -= it.cost
	relaxed = b.full && b.cost <= bound/2
	b.full = b.full && !relaxed
	return it, true, relaxed
}

// stuck reports whether nothing can empty the inbox any more. While it is the inbox of
// another socket that is full, its handlers go on.
func (b *inbox) stuck() bool { return b.full && b.waiting > 0 }

// compact keeps a queue that is never quite empty from growing for ever.
func (q *itemQueue) compact() {
	if q.next >= 64 && q.next >= len(q.items)/2 {
		n := copy(q.items, q.items[q.next:])
		clear(q.items[n:])
		q.items, q.next = q.items[:n], 0
	}
}

// itemQueues lends queues to inboxes that are not empty.
var itemQueues = sync.Pool{New: func() any { return new(itemQueue) }}

// maxPooled is the capacity up to which a queue is worth keeping.
const maxPooled = 256

func (q *itemQueue) recycle() {
	if cap(q.items) <= maxPooled {
		q.items, q.next = q.items[:0], 0
		itemQueues.Put(q)
	}
}

// push gives an item to the handlers of the socket. It reports false for an event that
// comes too late: somebody else has just ended the socket, and its disconnect handlers
// are the last to run.
func (s *Socket) push(it item) (taken bool) {
	if it.kind == eventItem {
		it.cost = it.size()
	}
	s.mu.Lock()
	if it.kind == eventItem && s.state == stateGone {
		s.mu.Unlock()
		return false
	}
	becameFull := s.inbox.put(it, s.server().options.MaxInbox)
	stuck := becameFull && s.inbox.stuck()
	start := !s.inbox.running
	s.inbox.running = true
	s.mu.Unlock()
	if becameFull {
		s.conn.addFull(1)
		s.server().hooks.inboxFull(s)
	}
	if stuck {
		s.conn.endStuck()
	}
	if start {
		s.start()
	}
	return true
}

// start has the inbox run. The caller has set inbox.running.
func (s *Socket) start() {
	s.server().tasks.Start()
	s.server().runners.run(s)
}

// run handles what is in the inbox, until it is empty. There is one at a time.
func (s *Socket) run() {
	defer s.server().tasks.Done()
	returned := false
	defer func() {
		if !returned { // a handler has ended this goroutine with runtime.Goexit
			s.start()
		}
	}()
	for {
		s.mu.Lock()
		it, ok, relaxed := s.inbox.take(s.server().options.MaxInbox)
		s.mu.Unlock()
		if relaxed {
			s.conn.addFull(-1)
			s.server().hooks.inboxRelaxed(s)
		}
		if !ok {
			returned = true
			return
		}
		s.handle(&it)
	}
}
