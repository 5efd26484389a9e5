package scenario

import (
	"bytes"
	"fmt"
	"time"

	"github.com/go-socketio/socketio/bench/internal/client"
	"github.com/go-socketio/socketio/bench/internal/wire"
)

// rooms is a load of conversations: in each of the rooms that are active, a member
// sends, and the next message follows when every member has it. An operation is a
// delivery.
type rooms struct {
	rooms   int
	members int // of each room, at most 64
	clients int // at most this many; each is in as many rooms as it takes
	payload string
}

// activeRooms is in how many rooms a message is under way at a time.
const activeRooms = 100

// joinAtOnce is how many rooms a client asks for in one message.
const joinAtOnce = 100

type room struct {
	sent    int
	missing int
	got     uint64 // a bit for each member that has the message under way
	began   time.Duration
}

type roomsRun struct {
	rooms
	session  *session
	template *template
	prefix   []byte // of a delivery; the number of the room follows
	clients  []*client.WebSocket
	state    []room
	flying   int   // rooms
	resting  []int // rooms without a message under way, the next one first
	joins    int   // unanswered
}

func (l rooms) run(s *session) error {
	l.rooms = s.config.scaled(l.rooms)
	n := min(s.config.scaled(l.clients), l.rooms*l.members)
	l.members = min(l.members, n)
	r := &roomsRun{rooms: l, session: s, state: make([]room, l.rooms), prefix: []byte(`42["room","`)}
	r.template = same(wire.Text, string(r.prefix)+ownerMark+`","`+seqMark+l.payload+`"]`)
	var err error
	r.clients, err = s.webSockets(n, client.Events{Message: r.receive})
	if err != nil {
		return err
	}
	if err := r.join(); err != nil {
		return fmt.Errorf("joining the rooms: %w", err)
	}
	return s.load(r.start, func() bool { return r.flying > 0 })
}

// member returns the client that is member k of a room.
func (r *roomsRun) member(room, k int) int { return (room*r.members + k) % len(r.clients) }

func (r *roomsRun) join() error {
	wanted := make([][]int, len(r.clients))
	for room := range r.state {
		for k := range r.members {
			c := r.member(room, k)
			wanted[c] = append(wanted[c], room)
		}
	}
	for c, rooms := range wanted {
		for len(rooms) > 0 {
			n := min(len(rooms), joinAtOnce)
			if err := r.clients[c].Send(wire.NewFrame(wire.Text, joinMessage(rooms[:n]))); err != nil {
				return err
			}
			rooms = rooms[n:]
			r.joins++
		}
		if err := r.session.until(func(time.Duration) bool { return r.joins < activeRooms }); err != nil {
			return err
		}
	}
	return r.session.until(func(time.Duration) bool { return r.joins == 0 })
}

func joinMessage(rooms []int) []byte {
	m := []byte(`420["join"`)
	for _, room := range rooms {
		m = fmt.Appendf(m, `,"%d"`, firstNumber+room)
	}
	return append(m, ']')
}

func (r *roomsRun) start() error {
	for number := range r.state {
		r.resting = append(r.resting, number)
	}
	for range min(activeRooms, len(r.state)) {
		if err := r.activate(); err != nil {
			return err
		}
	}
	return nil
}

// activate sends a message to the room that has rested longest.
func (r *roomsRun) activate() error {
	number := r.resting[0]
	r.resting = r.resting[1:]
	room := &r.state[number]
	room.missing, room.got = r.members, 0
	room.began = r.session.loop.Now()
	room.sent++
	r.flying++
	return r.clients[r.member(number, 0)].Send(r.template.message(room.sent, number))
}

func (r *roomsRun) receive(c *client.WebSocket, op wire.Opcode, payload []byte) error {
	if r.joins > 0 {
		r.joins--
		if string(payload) != "430[]" {
			return fmt.Errorf("%q instead of the answer to join", around(payload, 0))
		}
		return nil
	}
	number, err := r.number(payload)
	if err != nil {
		return err
	}
	room := &r.state[number]
	k := (c.Index - number*r.members%len(r.clients) + len(r.clients)) % len(r.clients)
	if k >= r.members || room.missing == 0 || room.got&(1<<k) != 0 {
		return fmt.Errorf("client %d got a message of room %d that is not for it, or that it had already", c.Index, number)
	}
	if err := r.template.check(op, payload, room.sent, number); err != nil {
		return err
	}
	room.got |= 1 << k
	room.missing--
	r.session.done(room.began)
	if room.missing > 0 {
		return nil
	}
	r.flying--
	r.resting = append(r.resting, number)
	if !r.session.sending {
		return nil
	}
	return r.activate()
}

// number returns the room that a delivery says it belongs to.
func (r *roomsRun) number(payload []byte) (int, error) {
	digits, ok := bytes.CutPrefix(payload, r.prefix)
	if !ok || len(digits) < len(ownerMark) {
		return 0, fmt.Errorf("%q instead of a message to a room", around(payload, 0))
	}
	n := 0
	for _, d := range digits[:len(ownerMark)] {
		n = n*10 + int(d-'0')
	}
	n -= firstNumber
	if n < 0 || n >= len(r.state) {
		return 0, fmt.Errorf("%q names a room that is not there", around(payload, 0))
	}
	return n, nil
}
