package v2clients

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
)

func TestMain(m *testing.M) { leak.Main(m) }

// The client of Socket.IO 2.5 gets along with the server, over each transport, with
// compression and without.
func TestOfficialClientOfVersion2(t *testing.T) {
	for _, transports := range []string{"polling", "websocket", "polling,websocket"} {
		t.Run(transports, func(t *testing.T) { run(t, transports, socketio.Options{}) })
	}
	t.Run("compressed", func(t *testing.T) {
		run(t, "websocket", socketio.Options{PerMessageDeflate: &socketio.PerMessageDeflate{}})
	})
	t.Run("base64", func(t *testing.T) { run(t, "polling,websocket,base64", socketio.Options{}) })
	t.Run("with recovery for others", func(t *testing.T) {
		run(t, "polling,websocket,recovery", socketio.Options{Recovery: &socketio.Recovery{}})
	})
	t.Run("refused", func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{})
		web := httptest.NewServer(srv)
		defer web.Close()
		defer srv.Close()
		node(t, web.URL, "refused")
	})
}

func run(t *testing.T, mode string, options socketio.Options) {
	options.AllowEIO3 = true
	options.PingInterval, options.PingTimeout = 300*time.Millisecond, 5*time.Second
	srv := socketio.NewServer(options)
	register(srv)
	web := httptest.NewServer(srv)
	defer web.Close()
	defer srv.Close()
	node(t, web.URL, mode)
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
func node(t *testing.T, url, mode string) {
	cmd := exec.CommandContext(t.Context(), "node", "client.cjs", url, mode)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
}
