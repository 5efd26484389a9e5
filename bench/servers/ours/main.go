// Command ours is the server of this repository as an application uses it, with the
// events of ../../CONTRACT.md.
package main

import (
	"context"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/bench/internal/serve"
	"github.com/go-socketio/socketio/event"
)

// Message is the object of the event json.
type Message struct {
	Seq    int64    `json:"seq"`
	Client int64    `json:"client"`
	User   string   `json:"user"`
	Text   string   `json:"text"`
	Tags   []string `json:"tags"`
	Read   bool     `json:"read"`
}

var (
	text   = event.New[string]("string")
	object = event.New[Message]("json")
	binary = event.New[[]byte]("binary")
	ack    = event.NewCall[string, string]("ack")
)

func main() {
	srv := socketio.NewServer(socketio.Options{PingInterval: serve.PingInterval()})
	srv.On("echo", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		return s.Emit("echo", args)
	})
	socketio.On(srv, text, func(ctx context.Context, s *socketio.Socket, v string) error {
		return text.Emit(ctx, s, v)
	})
	socketio.On(srv, object, func(ctx context.Context, s *socketio.Socket, v Message) error {
		return object.Emit(ctx, s, v)
	})
	socketio.On(srv, binary, func(ctx context.Context, s *socketio.Socket, v []byte) error {
		return binary.Emit(ctx, s, v)
	})
	socketio.Handle(srv, ack, func(_ context.Context, _ *socketio.Socket, v string) (string, error) {
		return v, nil
	})
	srv.On("join", join)
	srv.On("room", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		var room string
		if err := args.At(0, &room); err != nil {
			return err
		}
		return srv.To(room).Emit("room", args)
	})
	srv.On("broadcast", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		return srv.Emit("broadcast", args)
	})
	serve.Run(srv)
}

func join(_ context.Context, s *socketio.Socket, args socketio.Args) error {
	rooms := make([]string, args.Len())
	for i := range rooms {
		if err := args.At(i, &rooms[i]); err != nil {
			return err
		}
	}
	if err := s.Join(rooms...); err != nil {
		return err
	}
	return args.Ack()
}
