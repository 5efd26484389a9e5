package socketio

import (
	"fmt"
	"slices"
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

// Join puts the socket into rooms. A room exists while a socket is in it. Rooms that
// are joined in middleware get nothing before the client is admitted. If that were
// more than [Options.MaxRooms], none is joined and the error is [ErrTooManyRooms];
// after the disconnect it is a [*DisconnectError].
func (s *Socket) Join(rooms ...string) error {
	ns := s.namespace
	ns.mu.Lock()
	defer ns.unlockRooms()
	if err := s.whyGone(); err != nil {
		return err
	}
	joined := slices.Clip(s.joined)
	own := false
	for _, room := range rooms {
		switch {
		case room == s.id:
			own = true
		case !slices.Contains(joined, room):
			joined = append(joined, room)
		}
	}
	if limit := s.server().options.MaxRooms; limit > 0 && len(joined) > limit && len(joined) > len(s.joined) {
		return fmt.Errorf("%w: %d, and MaxRooms is %d", ErrTooManyRooms, len(joined), limit)
	}
	for _, room := range joined[len(s.joined):] {
		if s.present {
			ns.rooms.join(s, room)
		}
		s.noteRoom(room, true)
	}
	s.joined = joined
	if s.leftOwn && own {
		if s.present {
			ns.rooms.noteJoin(s.id, s)
		}
		s.leftOwn = false
		s.noteRoom(s.id, true)
	}
	return nil
}

// Leave takes the socket out of rooms. It does nothing for those it is not in.
func (s *Socket) Leave(rooms ...string) {
	ns := s.namespace
	ns.mu.Lock()
	defer ns.unlockRooms()
	for _, room := range rooms {
		if room == s.id {
			if !s.leftOwn {
				s.leftOwn = true
				s.noteRoom(room, false)
				if s.present {
					ns.rooms.noteLeave(room, s)
				}
			}
			continue
		}
		i := slices.Index(s.joined, room)
		if i < 0 {
			continue
		}
		s.joined = slices.Delete(s.joined, i, i+1)
		if s.present {
			ns.rooms.leave(s, room)
		}
		s.noteRoom(room, false)
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
