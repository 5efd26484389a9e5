package event_test

import (
	"context"
	"fmt"

	"github.com/go-socketio/socketio/event"
)

type chatMessage struct {
	Author string `json:"author"`
	Text   string `json:"text"`
}

// console is a target that prints what is emitted to it.
type console struct{}

func (console) EmitContext(_ context.Context, name string, args ...any) error {
	fmt.Printf("%s %+v\n", name, args)
	return nil
}

func Example() {
	posted := event.New[chatMessage]("chat message")
	typing := event.New[event.None]("typing")

	ctx, room := context.Background(), console{}
	_ = typing.Emit(ctx, room, event.None{})
	_ = posted.Emit(ctx, room, chatMessage{"ada", "hello"})

	// The compiler refuses posted.Emit(ctx, room, "hello").

	// Output:
	// typing []
	// chat message [{Author:ada Text:hello}]
}
