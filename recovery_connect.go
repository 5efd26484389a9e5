package socketio

import (
	"errors"
	"slices"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/eventlog"
	"github.com/go-socketio/socketio/packet"
)

// recoveryRequest is what the auth of a CONNECT packet holds if a client wants to
// recover.
type recoveryRequest struct {
	PID    string `json:"pid"`
	Offset string `json:"offset"`
}

// recoveryRequest returns what a client wants to recover; without a PID it is nothing.
func (ns *Namespace) recoveryRequest(auth packet.Args) (wanted recoveryRequest) {
	if ns.recovery == nil || auth.Len() == 0 || auth.Decode(0, &wanted) != nil {
		return recoveryRequest{}
	}
	return wanted
}

// Recovered reports whether the client has recovered its connection: the socket has
// the id, the rooms and the data of one that was disconnected, and the client has been
// sent what it has missed. See [Recovery].
func (s *Socket) Recovered() bool { return s.recovered }

// recover gives a pending socket the session that its client wants, if that is
// possible.
func (r *recovery) recover(s *Socket, wanted recoveryRequest) {
	ns := r.namespace
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if s.isGone() {
		return // and whoever has ended it waits for the lock
	}
	k := r.take(wanted.PID, time.Now())
	if k == nil {
		ns.server.recovery.unknown.Add(1)
		return
	}
	if r.log.IsForeign(wanted.Offset) {
		wanted.Offset = "" // the latest that an official client has got is of a server before this one
	}
	start, ok := k.resumeFrom(wanted.Offset, r.compare)
	if ok {
		k.start = start
		var missed []missedEvent
		missed, ok = r.missed(k, k.rooms, k.leftOwn)
		ok = ok && r.fits(missed)
	}
	if !ok {
		r.lose(LostEvents, k)
		return
	}
	s.adopt(k)
}

// adopt makes a pending socket the one in whose place it comes. The namespace is locked.
func (s *Socket) adopt(k *recoverySession) {
	k.phase = sessionHeld
	s.id = k.sid
	s.joined, s.leftOwn = k.rooms, k.leftOwn
	k.rooms = nil // of which there must not be two
	s.recovery = k
	k.holder = s
	s.recovered = true
}

// missed returns the events that a client in the given rooms has missed. ok is false
// if they are not all in the log. The namespace is locked.
func (r *recovery) missed(k *recoverySession, joined []string, leftOwn bool) (missed []missedEvent, ok bool) {
	var events []eventlog.Entry[logged]
	if r.store != nil {
		events, ok = r.upToPosition(k)
	} else {
		events, ok = r.log.Since(k.start)
	}
	if !ok {
		return nil, false
	}
	missed = k.missed(events, joined, leftOwn)
	missed = slices.DeleteFunc(missed, func(e missedEvent) bool {
		return e.message == nil && !r.encodeSource(e)
	})
	return missed, true
}

// What the queue of a client has to have room for besides the events that it has
// missed, about: for each of them, and in all.
const (
	missedCost = 128
	replyCost  = 1024
)

// fits reports whether the events can be queued for one client.
func (r *recovery) fits(missed []missedEvent) bool {
	room := r.namespace.server.engine.Options().MaxQueue - replyCost
	for _, e := range missed {
		room -= e.message.Size() + missedCost
	}
	return room >= 0
}

var errMissed = errors.New("what the client has missed cannot be sent to it")

// replay queues what the client of a socket has missed. The namespace and the socket
// are locked.
func (r *recovery) replay(s *Socket) error {
	k, now := s.recovery, time.Now()
	if !s.recovered {
		k.admitted(r.position, now)
		return nil
	}
	missed, ok := r.missed(k, s.joined, s.leftOwn)
	ok = ok && r.fits(missed)
	for i := 0; ok && i < len(missed); i++ {
		e := missed[i]
		err := s.conn.session.Enqueue(e.message, engine.SendOptions{NoCompress: e.options.NoCompress})
		if errors.Is(err, engine.ErrClosed) {
			return errLeft // the session will wait for the client to try again
		}
		ok = err == nil
	}
	if !ok {
		k.phase, k.rooms, k.leftOwn = sessionOver, s.joined, s.leftOwn
		r.ended(k)
		r.lose(LostEvents, k)
		return errMissed
	}
	for _, e := range missed {
		if order, ok := r.compare(e.offset, k.last); k.last == "" || ok && order > 0 {
			k.sent(e.offset, e.previous, now, r.quantum)
		}
	}
	if k.since == "" {
		k.since = k.start
	}
	r.ended(k)
	r.namespace.server.recovery.recovered.Add(1)
	return nil
}

// detach takes the session away from a socket that has ended, and waits for the client
// to come back if that makes sense. It reports whether it does. The namespace is locked.
func (r *recovery) detach(s *Socket, reason Reason) (waits bool) {
	k := s.recovery
	k.rooms, k.leftOwn, k.holder = s.joined, s.leftOwn, nil
	if s.present {
		k.end = r.position
	}
	if r.store != nil {
		r.ended(k)
	}
	switch {
	case k.phase == sessionOver:
	case !s.hadSession(), s.conn.version2:
		k.phase = sessionOver // it never had anything, or its client cannot come back
	case r.isOver():
		k.phase = sessionOver
		if !s.present {
			r.lose(LostShutdown, k)
		}
	case reason.recoverable():
		r.keep(k, time.Now())
		return true
	case !s.present:
		k.phase = sessionOver
		r.lose(LostRefused, k)
	default:
		k.phase = sessionOver
	}
	return false
}

// hadSession reports whether there is something for the client of a socket to recover:
// it has been admitted, now or when it was there before. The namespace is locked.
func (s *Socket) hadSession() bool { return s.present || s.recovered }

// noteRoom notes that a client has joined or left a room. The namespace is locked. r may
// be nil.
func (r *recovery) noteRoom(k *recoverySession, room string, joined bool) {
	if r != nil {
		k.changed(r.position, room, joined, time.Now(), r.options.MaxDisconnection+quietIntervals*r.quantum)
	}
}

// encodeSource encodes an event of the bus's log. One for which that fails was not
// delivered to anybody here either.
func (r *recovery) encodeSource(e missedEvent) (ok bool) {
	m, err := r.namespace.encodeEvent(packet.Header{Event: e.source.Event}, []any{e.source.Args, e.offset})
	e.message = m
	return err == nil
}
