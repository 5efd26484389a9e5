package main

import (
	"time"

	"github.com/go-socketio/socketio/event"
)

// What clients and the server say to each other.
var (
	// Join puts the client into a room, and takes it out of the one it was in.
	Join = event.NewCall[JoinRequest, Joined]("join")
	// Say publishes a message in the client's room. The answer says that it arrived.
	Say = event.NewCall[Draft, event.None]("say")
	// Typing comes from a client that begins or stops to type.
	Typing = event.New[bool]("typing")

	// Said goes to everybody in a room, with each message.
	Said = event.New[Message]("said")
	// Online goes to everybody in a room when somebody comes or goes: their names.
	Online = event.New[[]string]("online")
	// TypingNow goes to everybody in a room but the one who types.
	TypingNow = event.New[event.Tuple2[string, bool]]("typing now")
)

// JoinRequest says who wants to be where.
type JoinRequest struct {
	Name string `json:"name"`
	Room string `json:"room"`
}

// Joined is what one has to know to begin.
type Joined struct {
	Rooms   []string  `json:"rooms"`
	Online  []string  `json:"online"`
	History []Message `json:"history"`
}

// Draft is a message that has not been published.
type Draft struct {
	// Key is the client's own mark. Who does not know whether a message has arrived
	// says it again with the same key, and it is published once.
	Key     string `json:"key,omitempty"`
	Text    string `json:"text"`
	Picture []byte `json:"picture,omitempty"` // travels as binary, not as base64
}

// Message is a published message.
type Message struct {
	From string    `json:"from"`
	Time time.Time `json:"time"`
	Draft
}
