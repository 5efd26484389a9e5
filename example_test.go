package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/event"
)

func Example() {
	srv := socketio.NewServer(socketio.Options{})
	srv.OnConnect(func(_ context.Context, s *socketio.Socket) {
		s.Join("lobby")
		s.Emit("welcome", s.ID())
	})
	srv.On("chat message", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		return s.To("lobby").Emit("chat message", args) // passed on without being decoded
	})
	http.Handle("/socket.io/", srv)
	// http.ListenAndServe(":3000", nil)
}

func Example_typed() {
	type Message struct {
		From string `json:"from"`
		Text string `json:"text"`
	}
	type Room struct {
		Name string `json:"name"`
	}
	var (
		chatMessage = event.New[Message]("chat message")
		history     = event.NewCall[Room, []Message]("history")
	)

	srv := socketio.NewServer(socketio.Options{})
	socketio.On(srv, chatMessage, func(ctx context.Context, s *socketio.Socket, m Message) error {
		if m.Text == "" {
			return &event.Error{Message: "say something"}
		}
		return chatMessage.Emit(ctx, s.To("lobby"), m)
	})
	socketio.Handle(srv, history, func(_ context.Context, _ *socketio.Socket, r Room) ([]Message, error) {
		return []Message{{From: "Ann", Text: "first in " + r.Name}}, nil
	})
}

func ExampleServer_Use() {
	type User struct{ Name string }
	users := map[string]User{"secret": {"Ann"}}

	srv := socketio.NewServer(socketio.Options{})
	srv.Use(func(_ context.Context, s *socketio.Socket) error {
		var auth struct{ Token string }
		if err := s.Handshake().Auth(&auth); err != nil {
			return err
		}
		user, ok := users[auth.Token]
		if !ok {
			return &socketio.ConnectError{Message: "unknown token", Data: map[string]int{"code": 401}}
		}
		s.SetData(user)
		return nil
	})
	srv.OnConnect(func(_ context.Context, s *socketio.Socket) {
		user, _ := socketio.DataOf[User](s)
		fmt.Println(user.Name, "is here")
	})
}

func ExampleSocket_EmitWithAck() {
	srv := socketio.NewServer(socketio.Options{})
	srv.On("start", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		answer, err := s.EmitWithAck(ctx, "ready?")
		if err != nil {
			return err // the client left, or did not answer in time
		}
		var ready bool
		if err := answer.Decode(&ready); err != nil {
			return err
		}
		fmt.Println("ready:", ready)
		return nil
	})
}

func ExampleBroadcast_EmitWithAck() {
	srv := socketio.NewServer(socketio.Options{})
	defer srv.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	answers, err := srv.To("room").EmitWithAck(ctx, "how are you?")
	if errors.Is(err, context.DeadlineExceeded) {
		fmt.Println("some did not answer")
	}
	fmt.Println(len(answers), "answers")
	// Output: 0 answers
}

func ExampleBroadcast() {
	srv := socketio.NewServer(socketio.Options{})
	defer srv.Close()
	srv.Emit("to everybody")
	srv.To("room 1", "room 2").Except("room 3").Emit("to some", 1, "2", map[string]any{"3": []byte{4}})
	srv.Of("/admin").Volatile().Emit("better lost than late")
	srv.To("room 1").Join("room 4")
	srv.To("room 4").DisconnectConn()
	fmt.Println(len(srv.Sockets()), "sockets")
	// Output: 0 sockets
}

func ExampleNamespace_OnDisconnect() {
	srv := socketio.NewServer(socketio.Options{})
	srv.OnDisconnect(func(ctx context.Context, s *socketio.Socket, d socketio.Disconnect) {
		if d.Reason == socketio.ReasonPingTimeout {
			fmt.Println(s.ID(), "is lost")
		}
		for _, room := range d.Rooms {
			srv.To(room).EmitContext(ctx, "left", s.ID())
		}
	})
}

func ExampleServer_Shutdown() {
	srv := socketio.NewServer(socketio.Options{})
	web := &http.Server{Addr: ":3000", Handler: srv}
	// … web.ListenAndServe …

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := errors.Join(srv.Shutdown(ctx), web.Shutdown(ctx)); err != nil {
		fmt.Println(err)
	}
	// Output:
}

func ExampleOptions_bus() {
	bus := cluster.NewMemory()
	first := socketio.NewServer(socketio.Options{Bus: bus})
	second := socketio.NewServer(socketio.Options{Bus: bus})
	defer first.Close()
	defer second.Close()
	first.Emit("reaches the clients of both")
}
