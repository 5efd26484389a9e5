package cheatsheet

import (
	"slices"
	"testing"

	"github.com/go-socketio/socketio"
)

func TestRooms(t *testing.T) {
	p := newOurs(t)
	srv, s, ctx := p.srv, p.sockets["a"], p.ctx
	d := p.sockets["d"] // which is connected to the other server
	d.SetData("of d")
	var remote *socketio.RemoteSocket

	// tellWhose tells whose sockets they are.
	tellWhose := func(sockets []*socketio.RemoteSocket, err error) error {
		var letters []string
		for who, s := range p.sockets {
			if slices.ContainsFunc(sockets, func(r *socketio.RemoteSocket) bool { return r.ID() == s.ID() }) {
				letters = append(letters, who)
			}
		}
		slices.Sort(letters)
		p.tell(letters...)
		return err
	}
	// inRooms has those who are in the rooms hear it.
	inRooms := func(rooms ...string) func(*audience) {
		return func(a *audience) {
			for _, room := range rooms {
				a.stage.hello(room)
			}
		}
	}
	// leave awaits that clients are disconnected.
	leave := func(clients int) func(*audience) {
		return func(a *audience) { a.await("disconnect", clients) }
	}
	const gone = ` disconnect "io server disconnect"`
	checkTable(t, "Rooms and clients", p, "rooms_test.go", "rooms.mjs", []row{
		{what: "join", then: inRooms("room4"), heard: "a", run: func() error { return s.Join("room4") }},
		{what: "join several", then: inRooms("room5", "room6"), heard: "a, a", run: func() error { return s.Join("room5", "room6") }},
		{what: "leave", then: inRooms("room4"), run: func() error {
			s.Leave("room4")
			return nil
		}},
		{what: "the rooms of a client", told: "room1, room5, room6", run: func() error {
			p.tell(slices.DeleteFunc(s.Rooms(), func(room string) bool { return room == s.ID() })...)
			return nil
		}},
		{what: "let clients join", then: inRooms("room7"), heard: "a, b, d", run: func() error { return srv.In("room1").Join("room7") }},
		{what: "let clients leave", then: inRooms("room7"), run: func() error { return srv.In("room1").Leave("room7", "room8") }},

		{what: "all clients of the cluster", told: "a, b, c, d", run: func() error {
			sockets, err := srv.FetchSockets(ctx)
			return tellWhose(sockets, err)
		}},
		{what: "those in a room", told: "a, b, d", run: func() (err error) {
			var sockets []*socketio.RemoteSocket
			sockets, err = srv.In("room1").FetchSockets(ctx)
			for _, found := range sockets {
				if found.ID() == d.ID() {
					remote = found
				}
			}
			return tellWhose(sockets, err)
		}},
		{what: "what the application keeps with one", told: "of d", run: func() error {
			var data string
			err := remote.Data(&data)
			p.tell(data)
			return err
		}},
		{what: "to one of them", heard: "d", run: func() error { return remote.Emit("hello") }},
		{what: "let one of them join", then: inRooms("room9"), heard: "d", run: func() error { return remote.Join("room9") }},
		{what: "let one of them leave", then: inRooms("room1"), heard: "a, b", run: func() error { return remote.Leave("room1") }},
		{what: "disconnect one of them", then: leave(1), heard: "d" + gone, run: func() error { return remote.Disconnect() }},

		// Without the connection closed, e would stay in its namespace.
		{what: "close the connections of a room", then: leave(2), heard: "c" + gone + ", e" + gone, run: func() error {
			return srv.In("room3").DisconnectConn()
		}},
		{what: "disconnect a client", heard: "a" + gone, run: func() error {
			s.Disconnect()
			return nil
		}, then: func(a *audience) {
			a.await("disconnect", 1)
			a.rejoin()
		}},
		{what: "disconnect everybody", then: leave(2), heard: "a" + gone + ", b" + gone, run: func() error { return srv.All().Disconnect() }},
	})
}
