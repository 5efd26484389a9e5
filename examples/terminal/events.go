package main

import (
	"time"

	"github.com/go-socketio/socketio/event"
)

// What the chat example and its clients say to each other; see its events.go.
var (
	Join   = event.NewCall[JoinRequest, Joined]("join")
	Say    = event.NewCall[Draft, event.None]("say")
	Said   = event.New[Message]("said")
	Online = event.New[[]string]("online")
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

// Draft is a message that has not been published. One that is sent twice with the same
// key is published once.
type Draft struct {
	Key     string `json:"key,omitempty"`
	Text    string `json:"text"`
	Picture []byte `json:"picture,omitempty"`
}

// Message is a published message.
type Message struct {
	From string    `json:"from"`
	Time time.Time `json:"time"`
	Draft
}
