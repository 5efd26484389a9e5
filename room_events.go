package socketio

import (
	"maps"
	"slices"
)

// RoomEvent tells that a room has been created, joined, left or deleted at this
// server. The room of its own that every socket has counts too.
type RoomEvent struct {
	Kind     RoomEventKind
	Room     string
	SocketID string // of who caused it
}

// RoomEventKind says what has happened to a room.
type RoomEventKind uint8

// What happens to a room, in this order.
const (
	RoomCreated RoomEventKind = iota // before the first socket joins
	RoomJoined
	RoomLeft
	RoomDeleted // after the last socket has left
)

// String returns the name that JavaScript adapters use.
func (k RoomEventKind) String() string {
	switch k {
	case RoomCreated:
		return "create-room"
	case RoomJoined:
		return "join-room"
	case RoomLeft:
		return "leave-room"
	case RoomDeleted:
		return "delete-room"
	}
	return "unknown"
}

// OnRoomEvent registers a function that is told of everything that happens to the
// rooms of this server from then on, one event at a time and in the order in which it
// happened, and returns the function that removes it again. It is called by whoever
// joins or leaves, or by another one who does so at the same time, and must return
// soon: what happens in the meantime is kept for it. What another server of a cluster
// asks for is told of in a goroutine of its own. Rooms that are joined in
// middleware are told of when the client is admitted.
func (ns *Namespace) OnRoomEvent(h func(RoomEvent)) (off func()) {
	entry := &h
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if ns.rooms.events == nil {
		ns.rooms.events = new(roomEvents)
	}
	e := ns.rooms.events
	e.handlers = with(e.handlers, entry)
	return func() {
		ns.mu.Lock()
		defer ns.mu.Unlock()
		e.handlers = without(e.handlers, entry)
	}
}

// Rooms returns the rooms that sockets of this server are in, in no particular order,
// without the rooms that every socket has of its own. See also [Broadcast.Sockets].
func (ns *Namespace) Rooms() []string {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	return slices.Collect(maps.Keys(ns.rooms.byName))
}

// roomEvents are what those who watch the rooms of a namespace have not been told yet.
// The namespace's lock guards it.
type roomEvents struct {
	handlers []*func(RoomEvent)
	pending  []RoomEvent
	telling  bool // somebody does
	held     int  // by so many callers of holdRoomEvents
}

// note keeps an event until the namespace is unlocked.
func (e *roomEvents) note(kind RoomEventKind, room string, s *Socket) {
	if len(e.handlers) > 0 {
		e.pending = append(e.pending, RoomEvent{kind, room, s.id})
	}
}

// holdRoomEvents lets room events wait until the function is called that it returns,
// and then tells of them in another goroutine. So does the bus, which must not wait for
// handlers: what they emit may wait for the bus.
func (ns *Namespace) holdRoomEvents() (release func()) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if ns.rooms.events == nil {
		ns.rooms.events = new(roomEvents)
	}
	e := ns.rooms.events
	e.held++
	return func() {
		ns.mu.Lock()
		defer ns.mu.Unlock()
		e.held--
		if e.held == 0 && !e.telling && len(e.pending) > 0 {
			ns.server.tasks.Go(func() {
				ns.mu.Lock()
				ns.unlockRooms()
			})
		}
	}
}

// unlockRooms unlocks the namespace after rooms may have changed, and tells.
func (ns *Namespace) unlockRooms() {
	e := ns.rooms.events
	if e == nil || e.telling || e.held > 0 || len(e.pending) == 0 {
		ns.mu.Unlock()
		return
	}
	e.telling = true
	locked := true
	defer func() {
		if !locked { // a handler has ended this goroutine
			ns.mu.Lock()
		}
		e.telling = false
		ns.mu.Unlock()
	}()
	for len(e.pending) > 0 {
		events, handlers := e.pending, e.handlers
		e.pending = nil
		ns.mu.Unlock()
		locked = false
		for _, event := range events {
			for _, h := range handlers {
				ns.guard("OnRoomEvent", func() { (*h)(event) })
			}
		}
		ns.mu.Lock()
		locked = true
	}
}
