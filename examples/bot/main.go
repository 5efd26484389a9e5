// Bot is a guest of the chat example that answers questions:
//
//	go run ./examples/chat
//	go run ./examples/bot
//
// Say "!help" in the lobby. It starts before the server if it has to, stays through
// restarts, and needs no more than this file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/event"
)

// The part of the chat's events that a bot needs; see examples/chat/events.go.
var (
	join = event.NewCall[joinRequest, struct{}]("join") // the answer does not matter
	say  = event.NewCall[draft, event.None]("say")
	said = event.New[message]("said")
)

type joinRequest struct {
	Name string `json:"name"`
	Room string `json:"room"`
}

type draft struct {
	Text string `json:"text"`
}

type message struct {
	From string `json:"from"`
	Text string `json:"text"`
}

func main() {
	url := flag.String("url", "http://localhost:3000", "where the chat is")
	name := flag.String("name", "Bot", "the name of the bot")
	room := flag.String("room", "lobby", "the room it serves")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(ctx, *url, joinRequest{*name, *room}); err != nil && !errors.Is(err, context.Canceled) {
		log.Fatal(err)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, url string, who joinRequest) error {
	s, err := client.Connect(ctx, url, client.Options{
		Transports: []string{client.WebSocket}, // a program has no firewall to get around
		KeepTrying: true,
		Setup: func(s *client.Socket) {
			s.OnConnect(func(ctx context.Context, s *client.Socket) { enter(ctx, s, who) })
			client.On(s, said, func(ctx context.Context, s *client.Socket, m message) error {
				return reply(ctx, s, who.Name, m)
			})
		},
	})
	if err != nil {
		return err
	}
	off := s.Client().OnStatus(func(st client.Status) {
		log.Printf("connection %s (attempt %d): %v", st.State, st.Attempt, st.Err)
	})
	defer off()
	<-ctx.Done()
	return s.Client().Shutdown(context.WithoutCancel(ctx))
}

// enter joins the room. The old connection of a bot that comes back may not have ended
// yet at the server, which then says that the name is taken; so it tries again.
func enter(ctx context.Context, s *client.Socket, who joinRequest) {
	for {
		_, err := join.Ask(ctx, s, who)
		if err == nil {
			log.Printf("in %s as %s", who.Room, who.Name)
			return
		}
		log.Printf("join %s: %v", who.Room, err)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return
		}
	}
}

func reply(ctx context.Context, s *client.Socket, own string, m message) error {
	if m.From == own {
		return nil
	}
	text := answer(m)
	if text == "" {
		return nil
	}
	_, err := say.Ask(ctx, s, draft{text})
	return err
}

// answer returns what there is to say about a message, or "".
func answer(m message) string {
	command, rest, _ := strings.Cut(strings.TrimSpace(m.Text), " ")
	switch command {
	case "!help":
		return "I know !time, !roll, and !echo."
	case "!time":
		return time.Now().UTC().Format("It is 15:04:05 UTC.")
	case "!roll":
		return fmt.Sprintf("%s rolls a %d.", m.From, 1+rand.IntN(6))
	case "!echo":
		return rest
	}
	return ""
}
