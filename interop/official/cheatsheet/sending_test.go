package cheatsheet

import "testing"

func TestSending(t *testing.T) {
	a := newAudience(t, "Sending", "sending_test.go")
	srv, s := a.srv, a.sockets["a"]
	anotherSocketID := a.sockets["b"].ID()
	for _, row := range []struct {
		what string
		emit func() error
		want string
	}{
		{"to the client", func() error { return s.Emit("hello", 1, "2", map[string]any{"3": "4"}) }, `a 1 "2" {"3":"4"}`},
		{"to everybody but the client", func() error { return s.Broadcast().Emit("hello") }, "b, c, d"},
		{"to a room, but not the client", func() error { return s.To("room1").Emit("hello") }, "b, d"},
		{"to one of two rooms, but not the client", func() error { return s.To("room1").To("room2").Emit("hello") }, "b, d"},
		{"the same with a list", func() error { return s.To("room1", "room3").Emit("hello") }, "b, c, d"},
		{"to everybody but the client and a room", func() error { return s.Except("room2").Emit("hello") }, "c, d"},
		{"to a room", func() error { return srv.In("room1").Emit("hello") }, "a, b, d"},
		{"to two rooms, but not to a third", func() error { return srv.To("room1", "room2").Except("room3").Emit("hello") }, "a, b, d"},
		{"to everybody", func() error { return srv.Emit("hello") }, "a, b, c, d"},
		{"to everybody in a namespace", func() error { return srv.Of("/admin").Emit("hello") }, "e"},
		{"to a room of a namespace", func() error { return srv.Of("/admin").To("room1").Emit("hello") }, "e"},
		{"to one client", func() error { return srv.To(anotherSocketID).Emit("hello") }, "b"},
		{"to one client, from another", func() error { return s.To(anotherSocketID).Emit("hello") }, "b"},
		{"to the clients of this server", func() error { return srv.Local().Emit("hello") }, "a, b, c"},
		{"the same without the client", func() error { return s.Local().Emit("hello") }, "b, c"},
		{"not compressed", func() error { return s.Compress(false).Emit("hello") }, "a"},
		{"not compressed, to everybody", func() error { return srv.Compress(false).Emit("hello") }, "a, b, c, d"},
		{"better lost than late", func() error { return s.Volatile().Emit("hello") }, "a"},
		{"better lost than late, to everybody", func() error { return srv.Volatile().Emit("hello") }, "a, b, c, d"},
		{"`send`", func() error { return s.Emit("message", "hello") }, `a message "hello"`},
	} {
		a.Try(row.what)
		a.expect(row.want, row.emit)
	}
}
