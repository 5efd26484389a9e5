package socketio

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/go-socketio/socketio/cluster"
)

// This file keeps panics of the bus, which may be the application's, from ending the
// process or leaving a lock held: they are errors of the bus.

// joinBus joins the namespace to the bus.
func (ns *Namespace) joinBus(bus cluster.Bus) (member cluster.Member, err error) {
	defer ns.busCaught(&err)
	joined, err := bus.Join(ns.name, &busReceiver{ns})
	if err != nil {
		return nil, err
	}
	guarded := guardedMember{joined, ns}
	if store, ok := joined.(cluster.SessionStore); ok {
		return guardedStore{guarded, store}, nil
	}
	return guarded, nil
}

// busCaught is deferred around calls of the bus. A panic becomes their error.
func (ns *Namespace) busCaught(err *error) {
	if v := recover(); v != nil {
		*err = ns.busPanicked(v)
	}
}

func (ns *Namespace) busPanicked(value any) error {
	return fmt.Errorf("the bus of the cluster: %w", ns.server.panicked(value, "namespace", ns.name, "event", "Options.Bus"))
}

// busCaughtLocked is busCaught for what is called under a lock, where nothing is logged.
func (ns *Namespace) busCaughtLocked() {
	if v := recover(); v != nil {
		panicked := &PanicError{v, debug.Stack()}
		ns.server.tasks.Go(func() { ns.server.reportPanic(panicked, "namespace", ns.name, "event", "Options.Bus") })
	}
}

// guardedMember is a member of a bus without its panics.
type guardedMember struct {
	cluster.Member
	namespace *Namespace
}

func (m guardedMember) Publish(ctx context.Context, msg *cluster.Message) (offset string, err error) {
	defer m.namespace.busCaught(&err)
	return m.Member.Publish(ctx, msg)
}

func (m guardedMember) Respond(ctx context.Context, node string, msg *cluster.Message) (err error) {
	defer m.namespace.busCaught(&err)
	return m.Member.Respond(ctx, node, msg)
}

func (m guardedMember) Nodes() []string {
	defer m.namespace.busCaughtLocked()
	return m.Member.Nodes()
}

func (m guardedMember) Close() (err error) {
	defer m.namespace.busCaught(&err)
	return m.Member.Close()
}

// guardedStore is a guardedMember that keeps sessions.
type guardedStore struct {
	guardedMember
	store cluster.SessionStore
}

func (s guardedStore) Retain(r cluster.Retention) {
	defer s.namespace.busCaughtLocked()
	s.store.Retain(r)
}

func (s guardedStore) Start() string {
	defer s.namespace.busCaughtLocked()
	return s.store.Start()
}

func (s guardedStore) PublishLogged(ctx context.Context, m *cluster.Message, deliver func(offset string)) (err error) {
	delivered := false
	defer func() {
		if v := recover(); v != nil {
			if panicked := s.namespace.busPanicked(v); !delivered { // as an error says
				err = panicked
			}
		}
	}()
	return s.store.PublishLogged(ctx, m, func(offset string) {
		delivered = true
		deliver(offset)
	})
}

func (s guardedStore) Since(ctx context.Context, offset string) (messages []cluster.Logged, err error) {
	defer s.namespace.busCaught(&err)
	return s.store.Since(ctx, offset)
}

func (s guardedStore) Compare(a, b string) (order int, ok bool) {
	defer s.namespace.busCaughtLocked()
	return s.store.Compare(a, b)
}

func (s guardedStore) Save(ctx context.Context, session *cluster.Session) (err error) {
	defer s.namespace.busCaught(&err)
	return s.store.Save(ctx, session)
}

func (s guardedStore) Restore(ctx context.Context, id string) (session *cluster.Session, err error) {
	defer s.namespace.busCaught(&err)
	return s.store.Restore(ctx, id)
}
