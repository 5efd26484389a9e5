package socketio

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"time"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/internal/eventlog"
	"github.com/go-socketio/socketio/packet"
)

// This file is about a cluster whose bus keeps the log and the sessions.

// storeTimeout is how long the bus may take to save or to restore a session.
const storeTimeout = 5 * time.Second

// sessionState is the part of a session that only our servers understand.
type sessionState struct {
	Since, Last, End, Exact string
	Quiet                   []quiet
	Changes                 []roomChange
}

// recoverStored does for a session of the bus what recover does for one of this
// server. It waits for the bus.
func (r *recovery) recoverStored(s *Socket, wanted recoveryRequest) {
	ns := r.namespace
	if ns.parent != nil {
		if !ns.server.claimExisting(ns) {
			return // the client has left
		}
		defer ns.server.release(ns) // not before a session that nobody gets is saved again
	}
	k := r.restore(wanted.PID)
	if k == nil {
		ns.server.recovery.unknown.Add(1)
		return
	}
	ctx, cancel := context.WithTimeout(s.Context(), storeTimeout)
	defer cancel()
	start, ok := k.resumeFrom(wanted.Offset, r.compare)
	if ok {
		k.start = start
		ok = r.fetch(ctx, k)
	}
	ns.mu.Lock()
	switch {
	case s.isGone(): // which may be why not everything was fetched
		r.ended(k)
		r.keep(k, time.Now())
	case !ok:
		r.ended(k)
		r.lose(LostEvents, k)
	default:
		s.adopt(k)
	}
	ns.mu.Unlock()
	r.save(k)
}

// restore takes a session from the bus; nil if there is none. It goes on when the client
// leaves, because the bus may have forgotten the session by then.
func (r *recovery) restore(pid string) *recoverySession {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	saved, err := r.store.Restore(ctx, pid)
	if err != nil {
		r.namespace.server.report(slog.LevelWarn, "a session cannot be restored", "namespace", r.namespace.name, "error", err)
	}
	if err != nil || saved == nil {
		return nil
	}
	return restoredSession(saved)
}

// fetch gets what was logged after k.start. What is delivered from now on is noted.
func (r *recovery) fetch(ctx context.Context, k *recoverySession) (ok bool) {
	ns := r.namespace
	ns.mu.Lock()
	r.recovering[k] = struct{}{}
	ns.mu.Unlock()
	messages, err := r.store.Since(ctx, k.start)
	if err != nil {
		ns.server.report(slog.LevelDebug, "what a client has missed cannot be fetched", "namespace", ns.name, "error", err)
		return false
	}
	for _, m := range messages {
		k.fetched = append(k.fetched, eventlog.Entry[logged]{Offset: m.Offset, Event: logged{
			source: m.Message,
			rooms:  m.Message.Selection.Rooms,
			all:    len(m.Message.Selection.Rooms) == 0,
			except: m.Message.Selection.Except,
		}})
	}
	return r.catchUp(ctx, k)
}

// catchUp waits until this server has come as far in the log as the one that saved the
// session had. Where it stands is where the client's rooms are as they were saved, and
// the client may have been sent what comes before.
func (r *recovery) catchUp(ctx context.Context, k *recoverySession) bool {
	ns := r.namespace
	until := k.end
	if until == "" { // a server of another kind has saved it
		until = k.start
	}
	if n := len(k.changes); n > 0 && r.after(k.changes[n-1].Position, until) {
		until = k.changes[n-1].Position // by a handler, when the client was gone already
	}
	for {
		ns.mu.Lock()
		order, ok := r.compare(r.position, until)
		if r.moved == nil {
			r.moved = make(chan struct{})
		}
		moved := r.moved
		ns.mu.Unlock()
		if !ok || order >= 0 {
			return ok
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return false
		}
	}
}

// note gives an event that is delivered to those who are recovering. The namespace is
// locked.
func (r *recovery) note(offset string, e logged) {
	for k := range r.recovering {
		if k.recentBytes <= r.options.MaxBytes {
			k.recent = append(k.recent, eventlog.Entry[logged]{Offset: offset, Event: e})
			k.recentBytes += e.size()
		}
	}
}

// ended is called when a session is recovered, or will not be. The namespace is locked.
func (r *recovery) ended(k *recoverySession) {
	delete(r.recovering, k)
	k.start, k.fetched, k.recent, k.recentBytes = "", nil, nil, 0
}

// upToPosition returns the events after k.start that have been delivered here. Those
// that were fetched and have not been delivered yet are about to be. The namespace is
// locked.
func (r *recovery) upToPosition(k *recoverySession) (events []eventlog.Entry[logged], ok bool) {
	fetched := k.fetched
	for len(fetched) > 0 && r.after(fetched[len(fetched)-1].Offset, r.position) {
		fetched = fetched[:len(fetched)-1]
	}
	end := k.start
	if len(fetched) > 0 {
		end = fetched[len(fetched)-1].Offset
	}
	recent := k.recent
	for len(recent) > 0 && !r.after(recent[0].Offset, end) {
		recent = recent[1:]
	}
	return slices.Concat(fetched, recent), k.recentBytes <= r.options.MaxBytes
}

func (r *recovery) after(a, b string) bool {
	order, _ := r.compare(a, b)
	return order > 0
}

func restoredSession(saved *cluster.Session) *recoverySession {
	k := &recoverySession{pid: saved.ID, sid: saved.SocketID, leftOwn: true}
	for _, room := range saved.Rooms {
		if room == k.sid {
			k.leftOwn = false
		} else {
			k.rooms = append(k.rooms, room)
		}
	}
	if len(saved.Data) > 0 {
		k.data = packet.Raw{JSON: saved.Data}
	}
	var state sessionState
	if json.Unmarshal(saved.State, &state) == nil { // it fails for a server of another kind
		k.since, k.last, k.end, k.exact = state.Since, state.Last, state.End, state.Exact
		k.quiet, k.changes = state.Quiet, state.Changes
		for i := range k.changes {
			k.changes[i].at = time.Now()
		}
	}
	return k
}

// save gives a session that waits for its client to the bus, if that keeps sessions.
func (r *recovery) save(k *recoverySession) {
	if r.store == nil {
		return
	}
	ns := r.namespace
	ns.mu.Lock()
	if k.phase != sessionWaiting {
		ns.mu.Unlock()
		return
	}
	saved := &cluster.Session{ID: k.pid, SocketID: k.sid, Rooms: ownFirst(k.sid, k.rooms, k.leftOwn), Expires: k.expires}
	k.saved = true
	state := sessionState{k.since, k.last, k.end, k.exact, slices.Clone(k.quiet), slices.Clone(k.changes)}
	ns.mu.Unlock()
	err := r.encodeSession(k, saved, state)
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
		defer cancel()
		err = r.store.Save(ctx, saved)
	}
	if err != nil {
		ns.server.report(slog.LevelWarn, "a session cannot be saved", "namespace", ns.name, "socket", k.sid, "error", err)
		ns.mu.Lock()
		defer ns.mu.Unlock()
		k.phase = sessionOver
		r.lose(LostUnsaved, k)
	}
}

// encodeSession encodes what is kept as bytes. It calls the application's methods.
func (r *recovery) encodeSession(k *recoverySession, saved *cluster.Session, state sessionState) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = r.namespace.server.panicked(v, "namespace", r.namespace.name, "socket", k.sid, "event", "SetData")
		}
	}()
	if saved.State, err = json.Marshal(state); err != nil {
		return err
	}
	if data := k.load(); data != nil {
		saved.Data, err = json.Marshal(data)
	}
	return err
}
