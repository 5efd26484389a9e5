// Command kitchensink is the server that the browser client's tests run against.
// web/test/server/kitchen-sink.mjs says what it has to do; this is the same in Go.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
)

func main() {
	options := socketio.Options{
		PingInterval: 300 * time.Millisecond,
		PingTimeout:  10 * time.Second,
		CORS: &socketio.CORS{
			AllowOrigin: func(string, *http.Request) bool { return true },
			Credentials: true,
		},
	}
	if os.Getenv("RECOVERY") == "1" {
		options.Recovery = new(socketio.Recovery)
	}
	srv := socketio.NewServer(options)
	registerMain(srv)
	srv.Of("/chat").On("echo", echo)
	registerVault(srv.Of("/vault"))

	port := os.Getenv("PORT")
	if port == "" {
		port = "0"
	}
	listener, err := net.Listen("tcp", "localhost:"+port)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", listener.Addr().(*net.TCPAddr).Port)
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	go func() {
		<-stop.Done()
		srv.Close()
		os.Exit(0)
	}()
	http.Handle("/socket.io/", srv)
	log.Fatal(http.Serve(listener, nil))
}

// greeting is what "hello" carries.
type greeting struct {
	Auth      any  `json:"auth"`
	Who       any  `json:"who"`
	Recovered bool `json:"recovered"`
}

func hello(_ context.Context, s *socketio.Socket) {
	g := greeting{Auth: map[string]any{}, Recovered: s.Recovered()}
	if s.Handshake().RawAuth() != nil {
		s.Handshake().Auth(&g.Auth)
	}
	if who := s.Handshake().Query()["who"]; len(who) > 0 {
		g.Who = who[0]
	}
	s.Emit("hello", g)
}

func echo(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
	return args.Ack(args)
}

func registerMain(srv *socketio.Server) {
	srv.OnConnect(hello)
	srv.On("echo", echo)
	srv.On("say", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		return s.Emit("said", args)
	})
	srv.On("message", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		return s.Emit("message", args)
	})
	srv.On("count", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		var n int
		if err := args.Decode(&n); err != nil {
			return err
		}
		for i := range n {
			s.Emit("number", i)
		}
		return nil
	})
	srv.On("ask", func(ctx context.Context, s *socketio.Socket, args socketio.Args) error {
		answer, err := s.EmitWithAck(ctx, "question", args)
		if err != nil {
			return err
		}
		return s.Emit("answered", answer)
	})
	srv.On("stubborn", stubborn())
	srv.On("leave", func(_ context.Context, s *socketio.Socket, _ socketio.Args) error {
		s.Disconnect()
		return nil
	})
	srv.On("leave all", func(_ context.Context, s *socketio.Socket, _ socketio.Args) error {
		s.DisconnectConn()
		return nil
	})
	srv.On("cut", func(_ context.Context, s *socketio.Socket, _ socketio.Args) error {
		s.Session().Close(engine.ReasonForcedClose)
		return nil
	})
	srv.On("cut and miss", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		var n int
		if err := args.Decode(&n); err != nil {
			return err
		}
		s.OnDisconnect(func(context.Context, *socketio.Socket, socketio.Disconnect) {
			for i := range n {
				srv.To(s.ID()).Emit("missed", i)
			}
		})
		s.Session().Close(engine.ReasonForcedClose)
		return nil
	})
}

// stubborn acknowledges an event with the same key only from the n-th time on.
func stubborn() socketio.Handler {
	var mu sync.Mutex
	seen := make(map[string]int)
	return func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		var key string
		var n int
		if err := args.Decode(&key, &n); err != nil {
			return err
		}
		mu.Lock()
		seen[key]++
		count := seen[key]
		mu.Unlock()
		if count < n {
			return nil
		}
		return args.Ack(count)
	}
}

func registerVault(vault *socketio.Namespace) {
	vault.Use(func(_ context.Context, s *socketio.Socket) error {
		var auth struct {
			Token string `json:"token"`
		}
		if err := s.Handshake().Auth(&auth); err != nil || auth.Token != "secret" {
			return &socketio.ConnectError{Message: "not authorized", Data: map[string]int{"code": 401}}
		}
		return nil
	})
	vault.OnConnect(hello)
}
