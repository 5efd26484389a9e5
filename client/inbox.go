package client

import "github.com/go-socketio/socketio/packet"

// item is something for the handlers of a socket.
type item struct {
	kind       itemKind
	member     *membership   // of every kind but a connectErrorItem
	packet     packet.Packet // of an eventItem
	disconnect Disconnect    // of a disconnectItem
	err        error         // of a connectErrorItem
	final      bool
	cost       int
}

type itemKind uint8

const (
	connectItem itemKind = iota
	eventItem
	disconnectItem
	connectErrorItem
)

// What an item costs besides its bytes, about: its place in the inbox, and the slices
// of its attachments.
const (
	itemCost       = 256
	attachmentCost = 64
)

func (it *item) size() int {
	args := it.packet.Args
	return itemCost + args.Size() + attachmentCost*len(args.Attachments())
}

// inbox is the queue of items that wait for the handlers of a socket. It holds no
// memory while it is empty. The socket's lock guards it.
type inbox struct {
	items   []item
	cost    int  // of what is queued
	running bool // a goroutine empties it
	full    bool // it has exceeded the bound, and not yet fallen to half of it
}

// put appends an item. It reports whether the inbox has become full.
func (b *inbox) put(it item, bound int) (becameFull bool) {
	b.items = append(b.items, it)
	b.cost += it.cost
	becameFull = !b.full && b.cost > bound
	b.full = b.full || becameFull
	return becameFull
}

// take removes the first item. If there is none, the inbox is no longer running. It
// reports whether the inbox has become half empty after it was full.
func (b *inbox) take(bound int) (it item, ok, relaxed bool) {
	if len(b.items) == 0 {
		b.items, b.running = nil, false
		return item{}, false, false
	}
	it = b.items[0]
	b.items[0] = item{}
	b.items = b.items[1:]
	b.cost -= it.cost
	relaxed = b.full && b.cost <= bound/2
	b.full = b.full && !relaxed
	return it, true, relaxed
}

// push gives an item to the handlers of the socket.
func (s *Socket) push(it item) {
	s.mu.Lock()
	if it.kind == connectErrorItem {
		// Attempts may fail for days while a handler is stuck.
		it.cost = itemCost
		if s.inbox.full {
			s.mu.Unlock()
			return
		}
	}
	becameFull, start := s.putLocked([]item{it})
	s.mu.Unlock()
	s.started(becameFull, start)
}

// putLocked puts items into the inbox. The caller holds the lock, and calls started
// with what it returns when it has released it.
func (s *Socket) putLocked(items []item) (becameFull, start bool) {
	for _, it := range items {
		becameFull = s.inbox.put(it, s.client.options.MaxInbox) || becameFull
	}
	start = !s.inbox.running
	s.inbox.running = true
	if start {
		s.client.handlers.Start()
	}
	return becameFull, start
}

func (s *Socket) started(becameFull, start bool) {
	if becameFull {
		s.client.addFull(1)
		s.endIfStuck()
	}
	if start {
		go s.run()
	}
}

// run handles what is in the inbox, until it is empty. There is one at a time.
func (s *Socket) run() {
	defer s.client.handlers.Done()
	returned := false
	defer func() {
		if !returned { // a handler has ended this goroutine with runtime.Goexit
			s.client.handlers.Start()
			go s.run()
		}
	}()
	for {
		s.mu.Lock()
		it, ok, relaxed := s.inbox.take(s.client.options.MaxInbox)
		s.mu.Unlock()
		if relaxed {
			s.client.addFull(-1)
		}
		if !ok {
			returned = true
			return
		}
		s.handle(it)
	}
}
