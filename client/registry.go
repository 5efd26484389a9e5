package client

import (
	"context"
	"slices"
	"sync"
)

// registry holds the handlers of a socket. The lists in it are replaced and never
// changed, so that one that was looked up can be walked without the lock.
type registry struct {
	mu           sync.Mutex
	events       map[string][]*Handler
	any          []*AnyHandler
	outgoing     []*OutgoingHandler
	connect      []*ConnectHandler
	disconnect   []*DisconnectHandler
	connectError []*ConnectErrorHandler
}

// register adds an entry to the list, and returns the function that removes it.
func register[H any](r *registry, list *[]*H, h H) (off func()) {
	entry := &h
	r.mu.Lock()
	defer r.mu.Unlock()
	*list = with(*list, entry)
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		*list = without(*list, entry)
	}
}

// lookup returns the present list.
func lookup[H any](r *registry, list *[]*H) []*H {
	r.mu.Lock()
	defer r.mu.Unlock()
	return *list
}

func (r *registry) on(event string, h Handler) (off func()) {
	entry := &h
	r.addEvent(event, entry)
	return func() { r.removeEvent(event, entry) }
}

// once registers a handler that is taken away when it is about to run. There is no
// second event meanwhile: the handlers of a socket run one at a time.
func (r *registry) once(event string, h Handler) (off func()) {
	entry := new(Handler)
	*entry = func(ctx context.Context, s *Socket, args Args) error {
		r.removeEvent(event, entry)
		return h(ctx, s, args)
	}
	r.addEvent(event, entry)
	return func() { r.removeEvent(event, entry) }
}

func (r *registry) addEvent(event string, entry *Handler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.events == nil {
		r.events = make(map[string][]*Handler)
	}
	r.events[event] = with(r.events[event], entry)
}

func (r *registry) removeEvent(event string, entry *Handler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if rest := without(r.events[event], entry); len(rest) > 0 {
		r.events[event] = rest
	} else {
		delete(r.events, event)
	}
}

// handlersOf returns who is to be told of an event.
func (r *registry) handlersOf(event string) ([]*AnyHandler, []*Handler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.any, r.events[event]
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
