package main

import (
	"context"
	"log"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/event"
)

const (
	maxName    = 30      // characters
	maxText    = 2000    // characters
	maxPicture = 300_000 // bytes
	maxKey     = 100     // bytes
	maxHistory = 50      // messages of each room
)

// roomNames are the rooms there are.
var roomNames = []string{"lobby", "gophers", "random"}

// chat keeps what the rooms remember. Who is to receive something is the business of
// the server's rooms, which have the same names.
type chat struct {
	mu    sync.Mutex
	rooms map[string]*room
}

type room struct {
	online  []string // in alphabetical order
	history []Message
}

// member is who a socket is. It is kept as the socket's data.
type member struct{ name, room string }

func newChat() *chat {
	c := &chat{rooms: make(map[string]*room)}
	for _, name := range roomNames {
		c.rooms[name] = new(room)
	}
	return c
}

// register makes the chat handle the server's events.
func (c *chat) register(srv *socketio.Server) {
	socketio.Handle(srv, Join, c.join)
	socketio.Handle(srv, Say, c.say)
	socketio.On(srv, Typing, c.typing)
	srv.OnDisconnect(func(ctx context.Context, s *socketio.Socket, _ socketio.Disconnect) { c.leave(ctx, s) })
}

func (c *chat) join(ctx context.Context, s *socketio.Socket, r JoinRequest) (Joined, error) {
	name := strings.TrimSpace(r.Name)
	if name == "" || utf8.RuneCountInString(name) > maxName {
		return Joined{}, &event.Error{Message: "That is no name."}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	room := c.rooms[r.Room]
	switch current, _ := socketio.DataOf[member](s); {
	case room == nil:
		return Joined{}, &event.Error{Message: "There is no such room."}
	case current == member{name, r.Room}: // it is in already
	case slices.Contains(room.online, name):
		return Joined{}, &event.Error{Message: "Somebody of that name is there already."}
	default:
		c.leaveLocked(ctx, s)
		if err := s.Join(r.Room); err != nil {
			return Joined{}, err
		}
		s.SetData(member{name, r.Room})
		room.online = append(room.online, name)
		slices.Sort(room.online)
		c.announceLocked(ctx, s, r.Room)
	}
	return Joined{roomNames, slices.Clone(room.online), slices.Clone(room.history)}, nil
}

func (c *chat) say(ctx context.Context, s *socketio.Socket, d Draft) (event.None, error) {
	who, ok := socketio.DataOf[member](s)
	switch {
	case !ok:
		return event.None{}, &event.Error{Message: "Join a room first."}
	case strings.TrimSpace(d.Text) == "" && len(d.Picture) == 0:
		return event.None{}, &event.Error{Message: "There is nothing to say."}
	case utf8.RuneCountInString(d.Text) > maxText || len(d.Picture) > maxPicture || len(d.Key) > maxKey:
		return event.None{}, &event.Error{Message: "That is too long."}
	}
	m := Message{From: who.name, Time: time.Now().UTC(), Draft: d}

	// Emit does not wait, so it may be done under the lock: then who joins gets
	// every message once, either in the history or as it is said.
	c.mu.Lock()
	defer c.mu.Unlock()
	room := c.rooms[who.room]
	if d.Key != "" && slices.ContainsFunc(room.history, func(old Message) bool { return old.From == who.name && old.Key == d.Key }) {
		return event.None{}, nil
	}
	room.history = append(room.history, m)
	if len(room.history) > maxHistory {
		room.history = slices.Delete(room.history, 0, len(room.history)-maxHistory)
	}
	return event.None{}, Said.Emit(ctx, s.Namespace().To(who.room), m)
}

func (c *chat) typing(ctx context.Context, s *socketio.Socket, typing bool) error {
	who, ok := socketio.DataOf[member](s)
	if !ok {
		return nil
	}
	// Nobody misses it if it does not arrive in time.
	return TypingNow.Emit(ctx, s.To(who.room).Volatile(), event.Tuple2[string, bool]{A: who.name, B: typing})
}

func (c *chat) leave(ctx context.Context, s *socketio.Socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaveLocked(ctx, s)
}

func (c *chat) leaveLocked(ctx context.Context, s *socketio.Socket) {
	who, ok := socketio.DataOf[member](s)
	if !ok {
		return
	}
	s.SetData(nil)
	s.Leave(who.room)
	room := c.rooms[who.room]
	room.online = slices.DeleteFunc(room.online, func(name string) bool { return name == who.name })
	c.announceLocked(ctx, s, who.room)
}

// announceLocked tells the others in a room who is there.
func (c *chat) announceLocked(ctx context.Context, s *socketio.Socket, room string) {
	if err := Online.Emit(ctx, s.To(room), c.rooms[room].online); err != nil {
		log.Printf("announcing who is in %s: %v", room, err)
	}
}
