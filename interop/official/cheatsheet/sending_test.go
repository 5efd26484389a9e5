package cheatsheet

import "testing"

func TestSending(t *testing.T) {
	p := newOurs(t)
	srv, s := p.srv, p.sockets["a"]
	anotherSocketID := p.sockets["b"].ID()
	checkTable(t, "Sending", p, "sending_test.go", "sending.mjs", []row{
		{what: "to the client", run: func() error { return s.Emit("hello", 1, "2", map[string]any{"3": "4"}) }, heard: `a 1 "2" {"3":"4"}`},
		{what: "to everybody but the client", run: func() error { return s.Broadcast().Emit("hello") }, heard: "b, c, d"},
		{what: "to a room, but not the client", run: func() error { return s.To("room1").Emit("hello") }, heard: "b, d"},
		{what: "to one of two rooms, but not the client", run: func() error { return s.To("room1").To("room2").Emit("hello") }, heard: "b, d"},
		{what: "the same with a list", run: func() error { return s.To("room1", "room3").Emit("hello") }, heard: "b, c, d"},
		{what: "to everybody but the client and a room", run: func() error { return s.Except("room2").Emit("hello") }, heard: "c, d"},
		{what: "to a room", run: func() error { return srv.In("room1").Emit("hello") }, heard: "a, b, d"},
		{what: "to two rooms, but not to a third", run: func() error { return srv.To("room1", "room2").Except("room3").Emit("hello") }, heard: "a, b, d"},
		{what: "to everybody", run: func() error { return srv.Emit("hello") }, heard: "a, b, c, d"},
		{what: "to everybody in a namespace", run: func() error { return srv.Of("/admin").Emit("hello") }, heard: "e"},
		{what: "to a room of a namespace", run: func() error { return srv.Of("/admin").To("room1").Emit("hello") }, heard: "e"},
		{what: "to one client", run: func() error { return srv.To(anotherSocketID).Emit("hello") }, heard: "b"},
		{what: "to one client, from another", run: func() error { return s.To(anotherSocketID).Emit("hello") }, heard: "b"},
		{what: "to the clients of this server", run: func() error { return srv.Local().Emit("hello") }, heard: "a, b, c"},
		{what: "the same without the client", run: func() error { return s.Local().Emit("hello") }, heard: "b, c"},
		{what: "not compressed", run: func() error { return s.Compress(false).Emit("hello") }, heard: "a"},
		{what: "not compressed, to everybody", run: func() error { return srv.Compress(false).Emit("hello") }, heard: "a, b, c, d"},
		{what: "better lost than late", run: func() error { return s.Volatile().Emit("hello") }, heard: "a"},
		{what: "better lost than late, to everybody", run: func() error { return srv.Volatile().Emit("hello") }, heard: "a, b, c, d"},
		{what: "`send`", run: func() error { return s.Emit("message", "hello") }, heard: `a message "hello"`},
	})
}
