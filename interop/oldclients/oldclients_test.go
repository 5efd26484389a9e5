// Package oldclients runs the official clients of versions 1, 2 and 3 against our server.
// Those before 3 speak Engine.IO 3, which the server has to allow.
package oldclients

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"os/exec"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/internal/leak"
	"github.com/go-socketio/socketio/packet/msgpack"
)

func TestMain(m *testing.M) { leak.Main(m) }

// Old clients get along with the server, over each transport, with compression and
// without.
func TestOldClients(t *testing.T) {
	for _, version := range []string{"1", "2", "3"} {
		t.Run("version "+version, func(t *testing.T) {
			options := socketio.Options{AllowEIO3: version < "3"}
			for _, mode := range []string{"polling", "websocket", "polling,websocket", "polling,websocket,base64"} {
				t.Run(mode, func(t *testing.T) { run(t, version, mode, options) })
			}
			t.Run("compressed", func(t *testing.T) {
				options := options
				options.PerMessageDeflate = &socketio.PerMessageDeflate{}
				run(t, version, "websocket", options)
			})
			t.Run("with recovery for others", func(t *testing.T) {
				options := options
				options.Recovery = &socketio.Recovery{}
				run(t, version, "polling,websocket,recovery", options)
			})
		})
	}
}

// TestMessagePack is about version 3 only. Of the parser for version 2, whose CONNECT is
// JSON and whose binary events have a type of their own, official servers since 3
// understand no more than ours.
func TestMessagePack(t *testing.T) {
	for _, mode := range []string{"polling,msgpack", "polling,websocket,msgpack", "polling,websocket,base64,msgpack"} {
		t.Run(mode, func(t *testing.T) { run(t, "3", mode, socketio.Options{Codec: msgpack.Codec}) })
	}
}

// Clients before version 3 are refused unless they are allowed.
func TestRefusal(t *testing.T) {
	for _, version := range []string{"1", "2"} {
		srv := socketio.NewServer(socketio.Options{})
		web := httptest.NewServer(srv)
		defer web.Close()
		defer srv.Close()
		node(t, version, web.URL, "refused")
	}
}

func run(t *testing.T, version, mode string, options socketio.Options) {
	options.PingInterval, options.PingTimeout = 300*time.Millisecond, 5*time.Second
	srv := socketio.NewServer(options)
	register(srv)
	web := httptest.NewServer(srv)
	defer web.Close()
	defer srv.Close()
	node(t, version, web.URL, mode)
}

func register(srv *socketio.Server) {
	srv.OnConnect(func(_ context.Context, s *socketio.Socket) {
		s.Emit("greeting", "hello", s.ID())
	})
	srv.On("echo", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		if args.HasAck() {
			return args.Ack(args)
		}
		return s.Emit("echo", args)
	})
	srv.On("ask me", func(ctx context.Context, s *socketio.Socket, args socketio.Args) error {
		answers, err := s.EmitWithAck(ctx, "question", args)
		if err != nil {
			return err
		}
		return s.Emit("you said", answers)
	})
	srv.On("transport", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		return args.Ack(s.Transport())
	})
	srv.On("is it the euro", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		var text string
		if err := args.Decode(&text); err != nil {
			return err
		}
		return args.Ack(text == "€")
	})
	srv.On("the euro", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack("€ 😀") })
	srv.On("to my room", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		return srv.To(s.ID()).Emit("echo", args)
	})
	srv.On("kick me", func(_ context.Context, s *socketio.Socket, _ socketio.Args) error {
		s.Disconnect()
		return nil
	})
	admin := srv.Of("/admin")
	admin.Use(func(_ context.Context, s *socketio.Socket) error {
		var auth struct {
			Token string `json:"token"`
		}
		s.Handshake().Auth(&auth)
		switch auth.Token {
		case "a token, with €":
			return nil
		case "":
			return errors.New("no token")
		}
		return &socketio.ConnectError{Message: "wrong", Data: map[string]string{"token": auth.Token}}
	})
	admin.OnConnect(func(_ context.Context, s *socketio.Socket) { s.Emit("welcome", s.ID()) })
	admin.On("echo", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack(args) })
}

// node runs the client to its end.
func node(t *testing.T, version, url, mode string) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "client.cjs", version, url, mode)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
}
