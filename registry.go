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
	events     map[string][]*Handler
	any        []*AnyHandler
	connect    []*ConnectHandler
	disconnect []*DisconnectHandler
	middleware []Middleware
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
	r.update(func(h *handlers) {
		if h.events == nil {
			h.events = make(map[string][]*Handler)
		}
		h.events[event] = with(h.events[event], entry)
	})
	return func() {
		r.update(func(h *handlers) {
			if rest := without(h.events[event], entry); len(rest) > 0 {
				h.events[event] = rest
			} else {
				delete(h.events, event)
			}
		})
	}
}

func (r *registry) onAny(handler AnyHandler) (off func()) {
	entry := &handler
	r.update(func(h *handlers) { h.any = with(h.any, entry) })
	return func() { r.update(func(h *handlers) { h.any = without(h.any, entry) }) }
}

func (r *registry) onConnect(handler ConnectHandler) (off func()) {
	entry := &handler
	r.update(func(h *handlers) { h.connect = with(h.connect, entry) })
	return func() { r.update(func(h *handlers) { h.connect = without(h.connect, entry) }) }
}

func (r *registry) onDisconnect(handler DisconnectHandler) (off func()) {
	entry := &handler
	r.update(func(h *handlers) { h.disconnect = with(h.disconnect, entry) })
	return func() { r.update(func(h *handlers) { h.disconnect = without(h.disconnect, entry) }) }
}

func (r *registry) use(m Middleware) {
	r.update(func(h *handlers) {
		h.middleware = append(h.middleware[:len(h.middleware):len(h.middleware)], m)
	})
}

// with and without return a changed copy of list.
func with[T any](list []*T, entry *T) []*T {
	return append(list[:len(list):len(list)], entry)
}

func without[T any](list []*T, entry *T) []*T {
	i := slices.Index(list, entry)
	if i < 0 {
		return list
	}
	return append(list[:i:i], list[i+1:]...)
}
