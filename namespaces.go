package socketio

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/internal/deadline"
)

// namespaces are the namespaces of a server. Those that a [ParentNamespace] makes are
// called dynamic; they go again when nothing keeps them.
type namespaces struct {
	mu      sync.RWMutex
	byName  map[string]*Namespace
	parents []*ParentNamespace // in the order of their registration
	dynamic int                // how many there are that clients have asked for
	idle    map[*Namespace]struct{}
	created []*func(*Namespace) // handlers of OnNewNamespace
}

// Of returns the namespace with the given name, and creates it if there is none. A
// leading slash may be left out, and "" means "/". If there is a bus it is waited for.
//
// Clients can only join namespaces that exist, or that a [ParentNamespace] makes for
// them. A namespace that Of has returned stays until the server is closed. If it is
// created and the pattern of a parent fits, the parent's handlers are its handlers.
func (s *Server) Of(name string) *Namespace {
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	all := &s.namespaces
	all.mu.Lock()
	ns := all.byName[name]
	exists := ns != nil
	if !exists {
		ns = newNamespace(s, name, all.patternFor(name))
		all.byName[name] = ns
	}
	all.keep(ns)
	all.mu.Unlock()
	if exists {
		<-ns.inCluster
	} else {
		ns.open()
	}
	return ns
}

// Namespaces returns the namespaces that clients can join now, in no particular order.
func (s *Server) Namespaces() []*Namespace {
	return slices.DeleteFunc(s.all(), func(ns *Namespace) bool { return !ns.isReady() })
}

// all returns the namespaces, including those that are not ready.
func (s *Server) all() []*Namespace {
	s.namespaces.mu.RLock()
	defer s.namespaces.mu.RUnlock()
	return slices.Collect(maps.Values(s.namespaces.byName))
}

// OnNewNamespace registers a function that is called for each namespace that is
// created from then on, before any client joins it, and returns the function that
// removes it again. It runs inside of the call of [Server.Of], or for a dynamic
// namespace while the first client waits to join it.
func (s *Server) OnNewNamespace(h func(ns *Namespace)) (off func()) {
	entry := &h
	all := &s.namespaces
	all.mu.Lock()
	defer all.mu.Unlock()
	all.created = with(all.created, entry)
	return func() {
		all.mu.Lock()
		defer all.mu.Unlock()
		all.created = without(all.created, entry)
	}
}

// namespace returns the namespace with the given name, or nil.
func (s *Server) namespace(name string) *Namespace {
	s.namespaces.mu.RLock()
	defer s.namespaces.mu.RUnlock()
	return s.namespaces.byName[name]
}

func (s *Server) hasParents() bool {
	s.namespaces.mu.RLock()
	defer s.namespaces.mu.RUnlock()
	return len(s.namespaces.parents) > 0
}

// keep makes a namespace stay, although it may be dynamic.
func (all *namespaces) keep(ns *Namespace) {
	if ns.kept {
		return
	}
	ns.kept = true
	delete(all.idle, ns)
	if ns.counted {
		ns.counted = false
		all.dynamic--
	}
}

func (all *namespaces) patternFor(name string) *ParentNamespace {
	for _, p := range all.parents {
		if p.pattern != nil && p.pattern.MatchString(name) {
			return p
		}
	}
	return nil
}

// claim returns the child of a parent for a client that asks to join it, and creates
// it if there is none. Until it is released it stays. It is nil if there are too many.
func (s *Server) claim(name string, parent *ParentNamespace) *Namespace {
	all := &s.namespaces
	all.mu.Lock()
	ns := all.byName[name]
	exists := ns != nil
	if !exists {
		if !all.makeRoom(s.options.MaxDynamicNamespaces) {
			all.mu.Unlock()
			s.report(slog.LevelWarn, "too many dynamic namespaces", "namespace", name, "limit", s.options.MaxDynamicNamespaces)
			return nil
		}
		ns = newNamespace(s, name, parent)
		ns.counted = true
		all.dynamic++
		all.byName[name] = ns
	}
	ns.claims++
	delete(all.idle, ns)
	all.mu.Unlock()
	if exists {
		return ns
	}
	opened := false
	defer func() {
		if !opened { // a handler has ended this goroutine with runtime.Goexit
			s.release(ns)
		}
	}()
	ns.open()
	opened = true
	return ns
}

// claimExisting claims a namespace if it is there.
func (s *Server) claimExisting(ns *Namespace) bool {
	all := &s.namespaces
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.byName[ns.name] != ns {
		return false
	}
	ns.claims++
	delete(all.idle, ns)
	return true
}

// makeRoom reports whether there may be one more dynamic namespace. If need be one
// goes that is empty.
func (all *namespaces) makeRoom(limit int) bool {
	if limit < 0 || all.dynamic < limit {
		return true
	}
	for ns := range all.idle {
		all.remove(ns)
		return true
	}
	return false
}

func (all *namespaces) remove(ns *Namespace) {
	delete(all.byName, ns.name)
	delete(all.idle, ns)
	all.dynamic--
	ns.server.tasks.Go(ns.end)
}

// release gives up a claim. A dynamic namespace that nobody claims any more is
// removed, unless clients have been in it and the application wants it to stay.
func (s *Server) release(ns *Namespace) {
	if ns.parent == nil {
		return
	}
	all := &s.namespaces
	all.mu.Lock()
	defer all.mu.Unlock()
	if ns.claims--; ns.claims > 0 || ns.kept {
		return
	}
	if !ns.used.Load() || s.options.RemoveEmptyNamespaces && !s.awaits(ns) {
		all.remove(ns)
		return
	}
	if all.idle == nil {
		all.idle = make(map[*Namespace]struct{})
	}
	all.idle[ns] = struct{}{}
}

// awaits reports whether clients of an empty namespace may come back and recover. Then
// it looks again when they may not any more.
func (s *Server) awaits(ns *Namespace) bool {
	if !ns.recovery.awaitsClients() {
		return false
	}
	r := &ns.removal
	r.namespace = ns
	s.deadlines.Set(&r.entry, r, time.Now().Add(ns.recovery.options.MaxDisconnection))
	return true
}

// removal removes a namespace when no client can come back to it any more.
type removal struct {
	namespace *Namespace
	entry     deadline.Entry
}

// Expire removes the namespace, if it is still empty.
func (r *removal) Expire(time.Time) {
	s := r.namespace.server
	all := &s.namespaces
	all.mu.Lock()
	defer all.mu.Unlock()
	if _, idle := all.idle[r.namespace]; idle && !s.awaits(r.namespace) {
		all.remove(r.namespace)
	}
}

// open makes a new namespace ready for clients.
func (ns *Namespace) open() {
	ns.joinCluster()
	ns.recovery = newRecovery(ns)
	close(ns.inCluster)
	defer close(ns.ready)
	ns.server.namespaces.mu.RLock()
	handlers := ns.server.namespaces.created
	ns.server.namespaces.mu.RUnlock()
	for _, h := range handlers {
		ns.guard("OnNewNamespace", func() { (*h)(ns) })
	}
}

// guard calls a function of the application. If that panics it says so in the log.
func (ns *Namespace) guard(what string, call func()) {
	defer func() {
		if v := recover(); v != nil {
			ns.server.panicked(v, "namespace", ns.name, "event", what)
		}
	}()
	call()
}

func (ns *Namespace) joinCluster() {
	bus := ns.server.options.Bus
	if bus == nil || ns.server.closing.Err() != nil {
		return
	}
	var member cluster.Member
	if member, ns.joining = bus.Join(ns.name, &busReceiver{ns}); ns.joining != nil {
		ns.joining = fmt.Errorf("socketio: namespace %s is not part of the cluster: %w", ns.name, ns.joining)
		ns.server.report(slog.LevelError, "joining the cluster failed", "namespace", ns.name, "error", ns.joining)
		return
	}
	ns.member = member
}

// end is the last of a namespace that is removed: nobody can come back to it, and it
// leaves the cluster.
func (ns *Namespace) end() {
	ns.recovery.loseAll(LostEvicted)
	if err := ns.closeMember(); err != nil {
		ns.server.report(slog.LevelWarn, "leaving the cluster failed", "namespace", ns.name, "error", err)
	}
}

func (ns *Namespace) closeMember() error {
	<-ns.inCluster
	if ns.member == nil {
		return nil
	}
	ns.requests.giveUp()
	return ns.member.Close()
}

// claimed returns the namespace that a client may join, claimed for it. If there is
// none, refused says what to tell the client. It calls functions of the application,
// and may wait for the bus.
func (s *Server) claimed(ctx context.Context, name string, auth Args) (ns *Namespace, refused string) {
	existing := s.namespace(name)
	if existing != nil && existing.parent == nil {
		return existing, ""
	}
	s.namespaces.mu.RLock()
	parents := slices.Clip(s.namespaces.parents)
	s.namespaces.mu.RUnlock()
	for _, p := range parents {
		if existing != nil && existing.parent != p || !p.accepts(ctx, name, auth) {
			continue
		}
		ns = s.claim(name, p)
		switch {
		case ns == nil:
			return nil, msgTooManyNamespaces
		case ns.parent != p: // somebody else has made it in the meantime
			s.release(ns)
			return s.claimed(ctx, name, auth)
		}
		return ns, ""
	}
	return nil, msgInvalidNamespace
}
