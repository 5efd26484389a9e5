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
	r.byID[s.id] = s
	r.all.add(s)
	if !s.leftOwn {
		r.events.noteJoin(true, s.id, s)
	}
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
		r.events.noteLeave(true, s.id, s)
	}
	for _, room := range s.joined {
		r.leave(s, room)
	}
}

func (r *rooms) join(s *Socket, room string) {
	m := r.byName[room]
	r.events.noteJoin(m == nil, room, s)
	if m == nil {
		m = new(members)
		r.byName[room] = m
	}
	m.add(s)
}

func (r *rooms) leave(s *Socket, room string) {
	m := r.byName[room]
	m.remove(s)
	r.events.noteLeave(len(m.list) == 0, room, s)
	if len(m.list) == 0 {
		delete(r.byName, room)
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
