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
	for _, transports := range []string{"websocket", "polling", "polling websocket"} {
		if err := run(ctx, os.Args[1], strings.Fields(transports)); err != nil {
			fmt.Println("error:", transports, err)
			os.Exit(1)
		}
	}
}

func run(ctx context.Context, url string, transports []string) error {
	s, err := client.Connect(ctx, url, client.Options{Transports: transports})
	if err != nil {
		return err
	}
	defer s.Close()
	last := transports[len(transports)-1]
	for {
		answer, err := s.EmitWithAck(ctx, "echo", strings.Repeat("żółć", 100_000), []byte{1, 2, 3})
		if err != nil {
			return err
		}
		var text string
		var bytes []byte
		if err := answer.Decode(&text, &bytes); err != nil {
			return err
		}
		if s.Client().Transport() == last { // otherwise the upgrade is under way
			fmt.Println(len(text), bytes, last)
			return nil
		}
	}
}
