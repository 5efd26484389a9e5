// Terminal is a client for the chat example, in a shell:
//
//	go run ./examples/chat
//	go run ./examples/terminal -name Ann
//
// What is typed is said; "/join gophers" changes the room, "/who" shows who is there,
// "/quit" or the end of the input ends it. It survives restarts of the server: what is
// typed meanwhile is said when it is back.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/go-socketio/socketio/client"
)

func main() {
	url := flag.String("url", "http://localhost:3000", "where the chat is")
	name := flag.String("name", "Gopher", "your name")
	room := flag.String("room", "lobby", "the room to begin in")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if err := run(ctx, *url, JoinRequest{*name, *room}, os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run chats until the input or ctx ends.
func run(ctx context.Context, url string, who JoinRequest, in io.Reader, out io.Writer) error {
	t := &terminal{out: out, who: who, joined: make(chan error, 1)}
	s, err := client.Connect(ctx, url, client.Options{
		Setup:      t.register,
		Retries:    -1, // until it is said
		AckTimeout: 5 * time.Second,
	})
	if err != nil {
		return err
	}
	defer s.Client().Shutdown(context.WithoutCancel(ctx))
	if err := <-t.joined; err != nil {
		return fmt.Errorf("join %s: %w", who.Room, err)
	}
	return t.converse(ctx, s, in)
}
