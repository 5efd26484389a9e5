package socketio

import (
	"maps"
	"slices"
	"sync/atomic"
)

// registry holds the handlers of a namespace or of a socket. Looking one up takes
// no lock: whoever registers a handler replaces the whole. The zero value is empty
// and costs one word, which is all that a socket without handlers of its own has.
type registry struct {
	current atomic.Pointer[handlers]
}

// handlers is never changed once it is in a registry. Each entry is a pointer, so
// that it can be found again to take it out.
type handlers struct {
	events           map[string][]*Handler
	any              []*AnyHandler
	outgoing         []*OutgoingHandler
	failure          []*ErrorHandler
	connect          []*ConnectHandler
	disconnect       []*DisconnectHandler
	middleware       []Middleware
	packetMiddleware []PacketMiddleware
}

var noHandlers handlers

// load returns the present handlers; none is not nil.
func (r *registry) load() *handlers {
	if h := r.current.Load(); h != nil {
		return h
	}
	return &noHandlers
}

// update replaces the handlers by a copy that change has changed. It may call
// change several times.
func (r *registry) update(change func(*handlers)) {
	for {
		old := r.current.Load()
		next := new(handlers)
		if old != nil {
			*next = *old
			next.events = maps.Clone(old.events)
		}
		change(next)
		if r.current.CompareAndSwap(old, next) {
			return
		}
	}
}

func (r *registry) on(event string, handler Handler) (off func()) {
	entry := &handler
	r.addEvent(event, entry)
	return func() { r.removeEvent(event, entry) }
}

// once registers a handler that is taken away when it is about to run.
func (r *registry) once(event string, handler Handler) (off func()) {
	entry := new(Handler)
	*entry = first(handler, func() { r.removeEvent(event, entry) })
	r.addEvent(event, entry)
	return func() { r.removeEvent(event, entry) }
}

func (r *registry) addEvent(event string, entry *Handler) {
	r.update(func(h *handlers) {
		if h.events == nil {
			h.events = make(map[string][]*Handler)
		}
		h.events[event] = with(h.events[event], entry)
	})
}

func (r *registry) removeEvent(event string, entry *Handler) {
	r.update(func(h *handlers) {
		if rest := without(h.events[event], entry); len(rest) > 0 {
			h.events[event] = rest
		} else {
			delete(h.events, event)
		}
	})
}

func (r *registry) onAny(handler AnyHandler) (off func()) {
	return register(r, handler, func(h *handlers) *[]*AnyHandler { return &h.any })
}

func (r *registry) onOutgoing(handler OutgoingHandler) (off func()) {
	return register(r, handler, func(h *handlers) *[]*OutgoingHandler { return &h.outgoing })
}

func (r *registry) onError(handler ErrorHandler) (off func()) {
	return register(r, handler, func(h *handlers) *[]*ErrorHandler { return &h.failure })
}

func (r *registry) onConnect(handler ConnectHandler) (off func()) {
	return register(r, handler, func(h *handlers) *[]*ConnectHandler { return &h.connect })
}

func (r *registry) onDisconnect(handler DisconnectHandler) (off func()) {
	return register(r, handler, func(h *handlers) *[]*DisconnectHandler { return &h.disconnect })
}

func (r *registry) use(m Middleware) {
	r.update(func(h *handlers) { h.middleware = append(slices.Clip(h.middleware), m) })
}

func (r *registry) usePacket(m PacketMiddleware) {
	r.update(func(h *handlers) { h.packetMiddleware = append(slices.Clip(h.packetMiddleware), m) })
}

// register adds a handler to the list that pick picks, and returns the function that
// takes it out again.
func register[T any](r *registry, handler T, pick func(*handlers) *[]*T) (off func()) {
	entry := &handler
	r.update(func(h *handlers) {
		list := pick(h)
		*list = with(*list, entry)
	})
	return func() {
		r.update(func(h *handlers) {
			list := pick(h)
			*list = without(*list, entry)
		})
	}
}

// with and without return a changed copy of list.
func with[T any](list []*T, entry *T) []*T {
	return append(slices.Clip(list), entry)
}

func without[T any](list []*T, entry *T) []*T {
	i := slices.Index(list, entry)
	if i < 0 {
		return list
	}
	return append(list[:i:i], list[i+1:]...)
}
