package socketio

import "slices"

// rooms is who is where in a namespace. A broadcast takes ready slices out of it
// under the namespace's lock, and walks them without.
//
// Every socket has a room of its own, named by its id. It costs nothing: byID
// stands for all of those.
type rooms struct {
	byID   map[string]*Socket
	all    members
	byName map[string]*members
	events *roomEvents // nil while nobody needs them
}

// add makes s visible: to its own room, to all, and to the rooms it has joined.
func (r *rooms) add(s *Socket) {
	if r.byID == nil {
		r.byID = make(map[string]*Socket)
		r.byName = make(map[string]*members)
	}
	if !s.leftOwn {
		r.noteJoin(s.id, s)
	}
	r.byID[s.id] = s
	r.all.add(s)
	for _, room := range s.joined {
		r.join(s, room)
	}
}

// remove undoes add.
func (r *rooms) remove(s *Socket) {
	if r.byID[s.id] == s { // a client of Socket.IO 2 that comes back has the same id
		delete(r.byID, s.id)
	}
	r.all.remove(s)
	if !s.leftOwn {
		r.noteLeave(s.id, s)
	}
	for _, room := range s.joined {
		r.leave(s, room)
	}
}

func (r *rooms) join(s *Socket, room string) {
	r.noteJoin(room, s)
	m := r.byName[room]
	if m == nil {
		m = new(members)
		r.byName[room] = m
	}
	m.add(s)
}

func (r *rooms) leave(s *Socket, room string) {
	m := r.byName[room]
	m.remove(s)
	if len(m.list) == 0 {
		delete(r.byName, room)
	}
	r.noteLeave(room, s)
}

// exists reports whether a socket is in the room, be it its own or not.
func (r *rooms) exists(room string) bool {
	s := r.byID[room]
	return s != nil && !s.leftOwn || r.byName[room] != nil
}

// noteJoin is called before s joins the room.
func (r *rooms) noteJoin(room string, s *Socket) {
	if r.events == nil {
		return
	}
	if !r.exists(room) {
		r.events.note(RoomCreated, room, s)
	}
	r.events.note(RoomJoined, room, s)
}

// noteLeave is called after s has left the room.
func (r *rooms) noteLeave(room string, s *Socket) {
	if r.events == nil {
		return
	}
	r.events.note(RoomLeft, room, s)
	if !r.exists(room) {
		r.events.note(RoomDeleted, room, s)
	}
}

// snapshots returns the members of each of the rooms that exist.
func (r *rooms) snapshots(names []string) [][]*Socket {
	var found [][]*Socket
	for _, name := range names {
		if s := r.byID[name]; s != nil && !s.leftOwn {
			found = append(found, []*Socket{s})
		}
		if m := r.byName[name]; m != nil {
			found = append(found, m.snapshot())
		}
	}
	return found
}

// members is a set of sockets that hands out its list without copying it.
type members struct {
	list   []*Socket
	places map[*Socket]int // where a socket stands in list; nil while list is short
	shared bool            // the list has been handed out: elements must not be moved
}

// shortList is up to where searching the list is cheaper than a map.
const shortList = 8

func (m *members) add(s *Socket) {
	// Whoever holds a snapshot does not see what is appended.
	m.list = append(m.list, s)
	switch {
	case m.places != nil:
		m.places[s] = len(m.list) - 1
	case len(m.list) > shortList:
		m.places = make(map[*Socket]int, 2*shortList)
		for i, s := range m.list {
			m.places[s] = i
		}
	}
}

// remove takes s out, if it is in, and puts the last member in its place.
func (m *members) remove(s *Socket) {
	i := m.place(s)
	if i < 0 {
		return
	}
	if m.shared {
		m.list = slices.Clone(m.list)
		m.shared = false
	}
	last := len(m.list) - 1
	m.list[i] = m.list[last]
	m.list[last] = nil
	m.list = m.list[:last]
	if m.places != nil {
		if i < last {
			m.places[m.list[i]] = i
		}
		delete(m.places, s)
	}
}

func (m *members) place(s *Socket) int {
	if m.places == nil {
		return slices.Index(m.list, s)
	}
	if i, ok := m.places[s]; ok {
		return i
	}
	return -1
}

// snapshot returns the members. The slice does not change any more.
func (m *members) snapshot() []*Socket {
	m.shared = true
	return m.list
}
