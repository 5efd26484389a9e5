package socketio

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"slices"
)

// NamespaceFunc decides whether a client may join a namespace that nobody has created
// with [Server.Of]. The auth is what the client sent with its request to join, as one
// argument, or no argument. It runs in a goroutine of its own and may block; the
// context ends if the client leaves. An error is logged and means no.
type NamespaceFunc func(ctx context.Context, name string, auth Args) (bool, error)

// ParentNamespace makes namespaces, its children, when clients ask for them. Its
// middleware and handlers are those of all its children, whenever they are added, and
// run before what a child has of its own. What is emitted goes to all children. What
// only a Namespace has, such as OnRoomEvent and OnServer, can be registered for each
// child with [Server.OnNewNamespace].
//
// A child that was removed, see [Options.RemoveEmptyNamespaces], stays empty: clients that
// ask for its name again get a new one. Do not keep it, or ask [Server.Of] for it, which
// makes it stay.
//
// [Server.OfPattern] and [Server.OfFunc] make one. If several fit a name, the one that
// was made first counts. All methods may be called from any goroutine.
type ParentNamespace struct {
	server   *Server
	pattern  *regexp.Regexp // or
	accept   NamespaceFunc
	registry registry
}

// OfPattern makes a parent of the namespaces whose names, with their slash, match the
// pattern. Anchor it: `^/news-\d+$`.
func (s *Server) OfPattern(pattern *regexp.Regexp) *ParentNamespace {
	return s.addParent(&ParentNamespace{server: s, pattern: pattern})
}

// OfFunc makes a parent of the namespaces that accept says yes to. It is asked each
// time that a client wants to join, also if the child is there already, so it may
// decide by the client's auth.
func (s *Server) OfFunc(accept NamespaceFunc) *ParentNamespace {
	return s.addParent(&ParentNamespace{server: s, accept: accept})
}

func (s *Server) addParent(p *ParentNamespace) *ParentNamespace {
	s.namespaces.mu.Lock()
	defer s.namespaces.mu.Unlock()
	s.namespaces.parents = append(s.namespaces.parents, p)
	return p
}

// accepts reports whether the parent makes a namespace with the given name.
func (p *ParentNamespace) accepts(ctx context.Context, name string, auth Args) (ok bool) {
	if p.pattern != nil {
		return p.pattern.MatchString(name)
	}
	var err error
	defer func() {
		if v := recover(); v != nil {
			p.server.panicked(v, "namespace", name, "event", "OfFunc")
			ok = false
		}
	}()
	ok, err = p.accept(ctx, name, auth)
	if err != nil {
		level := slog.LevelError
		if errors.Is(err, context.Cause(ctx)) {
			level = slog.LevelDebug // the client has left
		}
		p.server.report(level, "handler failed", "namespace", name, "event", "OfFunc", "error", err)
	}
	return ok && err == nil
}

// Children returns the namespaces that the parent has made and that are ready for
// clients, in no particular order.
func (p *ParentNamespace) Children() []*Namespace {
	return slices.DeleteFunc(p.server.Namespaces(), func(ns *Namespace) bool { return ns.parent != p })
}

// Use adds middleware: see [Namespace.Use].
func (p *ParentNamespace) Use(m Middleware) { p.registry.use(m) }

// UsePacket adds middleware for events: see [Namespace.UsePacket].
func (p *ParentNamespace) UsePacket(m PacketMiddleware) { p.registry.usePacket(m) }

// OnConnect registers a handler for new sockets: see [Namespace.OnConnect].
func (p *ParentNamespace) OnConnect(h ConnectHandler) (off func()) { return p.registry.onConnect(h) }

// OnDisconnect registers a handler for the end of sockets: see [Namespace.OnDisconnect].
func (p *ParentNamespace) OnDisconnect(h DisconnectHandler) (off func()) {
	return p.registry.onDisconnect(h)
}

// On registers a handler for an event: see [Namespace.On].
func (p *ParentNamespace) On(name string, h Handler) (off func()) {
	p.server.warnReserved("", name)
	return p.registry.on(name, h)
}

// Once is [ParentNamespace.On] for the first such event in any of the children only.
func (p *ParentNamespace) Once(name string, h Handler) (off func()) {
	p.server.warnReserved("", name)
	return p.registry.once(name, h)
}

// OnAny registers a handler for every event: see [Namespace.OnAny].
func (p *ParentNamespace) OnAny(h AnyHandler) (off func()) { return p.registry.onAny(h) }

// OnAnyOutgoing registers a handler for every event that is sent: see
// [Namespace.OnAnyOutgoing].
func (p *ParentNamespace) OnAnyOutgoing(h OutgoingHandler) (off func()) {
	p.server.watched.Store(true)
	return p.registry.onOutgoing(h)
}

// OnError registers a handler for what handlers return: see [Namespace.OnError].
func (p *ParentNamespace) OnError(h ErrorHandler) (off func()) { return p.registry.onError(h) }
