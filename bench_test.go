package socketio

import (
	"context"
	"fmt"
	"testing"

	"github.com/go-socketio/socketio/packet"
)

// BenchmarkRooms does to rooms of different sizes what should not depend on the size,
// except for leaving after a broadcast, which copies the list of members.
func BenchmarkRooms(b *testing.B) {
	for _, n := range []int{10, 1000, 10_000} {
		var r rooms
		members := make([]*Socket, n)
		for i := range members {
			members[i] = &Socket{id: fmt.Sprint("socket ", i), joined: []string{"room"}}
			r.add(members[i])
		}
		late := &Socket{id: "late"}
		names := []string{"room"}
		b.Run(fmt.Sprintf("join and leave/members=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.join(late, "room")
				r.leave(late, "room")
			}
		})
		b.Run(fmt.Sprintf("snapshot/members=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.snapshots(names)
			}
		})
		b.Run(fmt.Sprintf("join, snapshot and leave/members=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.join(late, "room")
				r.snapshots(names)
				r.leave(late, "room")
			}
		})
	}
}

// BenchmarkInbox gives events to the handlers of a socket, and waits until all have run.
func BenchmarkInbox(b *testing.B) {
	for _, n := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			srv := NewServer(Options{})
			defer srv.Close()
			handled, done := 0, make(chan struct{})
			srv.On("event", func(context.Context, *Socket, Args) error {
				if handled++; handled == n {
					handled = 0
					done <- struct{}{}
				}
				return nil
			})
			s := &Socket{namespace: srv.main, conn: &conn{server: srv}, state: stateConnected}
			it := item{kind: eventItem, packet: decodeEvent(b, `["event","argument"]`)}
			b.ReportAllocs()
			for b.Loop() {
				for range n {
					if !s.push(it) {
						b.Fatal("the socket takes no events")
					}
				}
				<-done
			}
		})
	}
}

func decodeEvent(b *testing.B, args string) packet.Packet {
	p, complete, err := packet.JSON.NewDecoder(packet.Limits{}).Text([]byte("2" + args))
	if !complete || err != nil {
		b.Fatal(complete, err)
	}
	return p
}
