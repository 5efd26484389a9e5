package socketio

import "testing"

// A client of Socket.IO 2 has the same id when it comes back, perhaps before its old
// socket is out of everything.
func TestSocketWithTheIDOfAnother(t *testing.T) {
	var r rooms
	first, second := &Socket{id: "x"}, &Socket{id: "x"}
	r.add(first)
	r.add(second)
	r.remove(first)
	if r.byID["x"] != second || len(r.all.list) != 1 {
		t.Errorf("found %p of %d, want %p", r.byID["x"], len(r.all.list), second)
	}
	r.remove(second)
	if len(r.byID) != 0 || len(r.all.list) != 0 {
		t.Error("something is left")
	}
}
