package socketio

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Rooms returns the rooms that the socket is in, its own one first, the others in
// the order of joining. After the disconnect there are none.
func (s *Socket) Rooms() []string {
	s.namespace.mu.Lock()
	defer s.namespace.mu.Unlock()
	if s.isGone() {
		return nil
	}
	return s.roomsLocked()
}

func (s *Socket) roomsLocked() []string {
	return ownFirst(s.id, s.joined, s.leftOwn)
}

// ownFirst returns the rooms of a socket: its own one, unless it has left it, and those
// it has joined.
func ownFirst(id string, joined []string, leftOwn bool) []string {
	if leftOwn {
		return slices.Clone(joined)
	}
	return append([]string{id}, joined...)
}

// place is where the rooms of a client are.
type place struct {
	joined  *[]string        // see Socket.joined
	leftOwn *bool            // see Socket.leftOwn
	member  *Socket          // the socket that is in them; nil while none is
	session *recoverySession // notes the changes; nil if recovery is off
}

// place returns which rooms a socket changes: its own, or, when it is gone, those
// that its client has when it recovers. The namespace is locked.
func (s *Socket) place() (place, error) {
	gone, k := s.whyGone(), s.recovery
	if gone != nil {
		if k == nil || s.conn.version2 || s.settled {
			return place{}, gone
		}
		if k.phase == sessionWaiting && !k.saved && k.expires.After(time.Now()) {
			return place{&k.rooms, &k.leftOwn, nil, k}, nil
		}
		if s = s.successor(); s == nil {
			return place{}, gone
		}
	}
	p := place{joined: &s.joined, leftOwn: &s.leftOwn, session: s.recovery}
	if s.present {
		p.member = s
	}
	return p, nil
}

// settle is called when all handlers of a socket that is gone have returned but those
// for its end, which tidy up after it and must not undo what its client gets back.
func (s *Socket) settle() {
	s.namespace.mu.Lock()
	defer s.namespace.mu.Unlock()
	s.settled = true
}

// successor returns the socket that has the place of one that is gone. That may be the
// same one, if it has not left its rooms yet and its client will be waited for. The
// namespace is locked.
func (s *Socket) successor() *Socket {
	next := s.namespace.rooms.byID[s.id]
	if next == nil && s.recovery.phase == sessionHeld {
		next = s.recovery.holder
	}
	if next == nil {
		return nil
	}
	var gone *DisconnectError
	if errors.As(next.whyGone(), &gone) && !(gone.Reason.recoverable() && next.hadSession()) {
		return nil
	}
	return next
}

// Join puts the socket into rooms. A room exists while a socket is in it. Rooms that
// are joined in middleware get nothing before the client is admitted. If that were
// more than [Options.MaxRooms], none is joined and the error is [ErrTooManyRooms].
//
// After the disconnect it is a [*DisconnectError], unless the client may recover its
// connection, or has: then, until the disconnect handlers begin, these are rooms of the
// socket that takes the place of this one. See [Recovery].
func (s *Socket) Join(rooms ...string) error {
	ns := s.namespace
	ns.mu.Lock()
	defer ns.unlockRooms()
	p, err := s.place()
	if err != nil {
		return err
	}
	joined := slices.Clip(*p.joined)
	own := false
	for _, room := range rooms {
		switch {
		case room == s.id:
			own = true
		case !slices.Contains(joined, room):
			joined = append(joined, room)
		}
	}
	if limit := s.server().options.MaxRooms; limit > 0 && len(joined) > limit && len(joined) > len(*p.joined) {
		return fmt.Errorf("%w: %d, and MaxRooms is %d", ErrTooManyRooms, len(joined), limit)
	}
	for _, room := range joined[len(*p.joined):] {
		if p.member != nil {
			ns.rooms.join(p.member, room)
		}
		ns.recovery.noteRoom(p.session, room, true)
	}
	*p.joined = joined
	if *p.leftOwn && own {
		if p.member != nil {
			ns.rooms.noteJoin(s.id, p.member)
		}
		*p.leftOwn = false
		ns.recovery.noteRoom(p.session, s.id, true)
	}
	return nil
}

// Leave takes the socket out of rooms. It does nothing for those it is not in, and after
// the disconnect nothing at all, unless Join would.
func (s *Socket) Leave(rooms ...string) {
	ns := s.namespace
	ns.mu.Lock()
	defer ns.unlockRooms()
	p, err := s.place()
	if err != nil {
		return
	}
	for _, room := range rooms {
		if room == s.id {
			s.leaveOwn(p)
			continue
		}
		i := slices.Index(*p.joined, room)
		if i < 0 {
			continue
		}
		*p.joined = slices.Delete(*p.joined, i, i+1)
		if p.member != nil {
			ns.rooms.leave(p.member, room)
		}
		ns.recovery.noteRoom(p.session, room, false)
	}
}

// leaveOwn is Leave for the room of the socket's own. The namespace is locked.
func (s *Socket) leaveOwn(p place) {
	if *p.leftOwn {
		return
	}
	*p.leftOwn = true
	s.namespace.recovery.noteRoom(p.session, s.id, false)
	if p.member != nil {
		s.namespace.rooms.noteLeave(s.id, p.member)
	}
}

// leaveAll takes a socket that is gone out of everything. It returns the rooms it was
// in, and whether the client may recover the connection.
func (s *Socket) leaveAll(reason Reason) (rooms []string, recoverable bool) {
	s.namespace.mu.Lock()
	defer s.namespace.unlockRooms()
	rooms = s.roomsLocked()
	if r := s.namespace.recovery; r != nil {
		recoverable = r.detach(s, reason)
	}
	if s.present {
		s.namespace.rooms.remove(s)
		s.present = false
	}
	s.joined = nil
	return rooms, recoverable
}
