package socketio

import "slices"

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
	if s.leftOwn {
		return slices.Clone(s.joined)
	}
	return append([]string{s.id}, s.joined...)
}

// Join puts the socket into rooms. A room exists while a socket is in it. Rooms that
// are joined in middleware get nothing before the client is admitted. If that were
// more than [Options.MaxRooms], none is joined and the error is [ErrTooManyRooms];
// after the disconnect it is a [*DisconnectError].
func (s *Socket) Join(rooms ...string) error {
	ns := s.namespace
	ns.mu.Lock()
	defer ns.mu.Unlock()
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
		return ErrTooManyRooms
	}
	if s.present {
		for _, room := range joined[len(s.joined):] {
			ns.rooms.join(s, room)
		}
	}
	s.joined = joined
	s.leftOwn = s.leftOwn && !own
	return nil
}

// Leave takes the socket out of rooms. It does nothing for those it is not in.
func (s *Socket) Leave(rooms ...string) {
	ns := s.namespace
	ns.mu.Lock()
	defer ns.mu.Unlock()
	for _, room := range rooms {
		if room == s.id {
			s.leftOwn = true
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
	}
}

// leaveAll takes a socket that is gone out of everything, and returns the rooms it
// was in.
func (s *Socket) leaveAll() []string {
	s.namespace.mu.Lock()
	defer s.namespace.mu.Unlock()
	rooms := s.roomsLocked()
	if s.present {
		s.namespace.rooms.remove(s)
		s.present = false
	}
	s.joined = nil
	return rooms
}
