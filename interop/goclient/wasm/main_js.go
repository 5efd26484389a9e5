// The client as WebAssembly, for TestWebAssembly: it connects, asks, and says what came
// back.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-socketio/socketio/client"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := run(ctx, os.Args[1]); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string) error {
	s, err := client.Connect(ctx, url, client.Options{Transports: []string{client.WebSocket}})
	if err != nil {
		return err
	}
	defer s.Close()
	answer, err := s.EmitWithAck(ctx, "echo", strings.Repeat("żółć", 100_000), []byte{1, 2, 3})
	if err != nil {
		return err
	}
	var text string
	var bytes []byte
	if err := answer.Decode(&text, &bytes); err != nil {
		return err
	}
	fmt.Println(len(text), bytes, s.Client().Transport())
	return nil
}
