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
	lists, except := b.snapshots()
	b.namespace.mu.Unlock()
	return newSelection(lists, except)
}

// snapshots returns the members of the rooms that are selected, and of those that are
// excepted. The namespace is locked.
func (b Broadcast) snapshots() (lists, except [][]*Socket) {
	rooms := &b.namespace.rooms
	if b.targeted {
		lists = rooms.snapshots(b.rooms)
	} else {
		lists = [][]*Socket{rooms.all.snapshot()}
	}
	return lists, rooms.snapshots(b.except)
}

// newSelection returns the sockets in any of lists but none of except.
func newSelection(lists, except [][]*Socket) selection {
	sel := selection{list: union(lists)}
	if len(except) > 0 {
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
	switch len(lists) {
	case 0:
		return nil
	case 1:
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
