package socketio

// selection is sockets of one server, as they were at one moment.
type selection struct {
	list []*Socket
	skip map[*Socket]struct{} // those of list that are not meant; nil if there are none
}

// each calls yield for every socket, once.
func (sel selection) each(yield func(*Socket) bool) {
	for _, s := range sel.list {
		if sel.skip != nil {
			if _, skipped := sel.skip[s]; skipped {
				continue
			}
		}
		if !yield(s) {
			return
		}
	}
}

// localSockets returns what is selected of this server. The lock is held only to pick
// up the members of the rooms, which are ready slices.
func (b Broadcast) localSockets() selection {
	b.namespace.mu.Lock()
	picked := b.snapshots()
	b.namespace.mu.Unlock()
	return picked.selection()
}

// snapshots are the members of rooms, as they were at one moment.
type snapshots struct {
	all    []*Socket   // everybody, if no rooms are selected
	rooms  [][]*Socket // or those of the selected rooms
	except [][]*Socket
}

// snapshots picks up the members of the rooms. The namespace is locked.
func (b Broadcast) snapshots() snapshots {
	rooms := &b.namespace.rooms
	if !b.targeted {
		return snapshots{all: rooms.all.snapshot(), except: rooms.snapshots(b.except)}
	}
	return snapshots{rooms: rooms.snapshots(b.rooms), except: rooms.snapshots(b.except)}
}

// selection returns the sockets that are in any of the rooms and in none of except.
func (picked snapshots) selection() selection {
	sel := selection{list: picked.all}
	if len(picked.rooms) > 0 {
		sel.list = union(picked.rooms)
	}
	if except := picked.except; len(except) > 0 {
		sel.skip = make(map[*Socket]struct{})
		for _, list := range except {
			for _, s := range list {
				sel.skip[s] = struct{}{}
			}
		}
	}
	return sel
}

// union returns the sockets that are in any of the lists. A single list is returned
// as it is.
func union(lists [][]*Socket) []*Socket {
	if len(lists) == 1 {
		return lists[0]
	}
	var all []*Socket
	seen := make(map[*Socket]struct{})
	for _, list := range lists {
		for _, s := range list {
			if _, ok := seen[s]; !ok {
				seen[s] = struct{}{}
				all = append(all, s)
			}
		}
	}
	return all
}
