package msgpack

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os/exec"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/internal/leak"
	"github.com/go-socketio/socketio/packet/msgpack"
)

func TestMain(m *testing.M) { leak.Main(m) }

// node runs a program of this folder to its end and returns what it prints.
func node(t *testing.T, input []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", args...)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node %v: %v\n%s", args, err, stderr.Bytes())
	}
	return out
}

// upload is a payload in both directions.
type upload struct {
	Name  string    `json:"name"`
	Data  []byte    `json:"data"`
	When  time.Time `json:"when"`
	Count int       `json:"count"`
	Size  int       `json:"size,omitzero"`
}

// The official client with the official parser, and the bundle that pages get from the
// server, get along with it.
func TestClients(t *testing.T) {
	for _, client := range []string{"official", "bundle"} {
		for _, transports := range []string{"polling", "websocket", "polling,websocket"} {
			t.Run(client+"/"+transports, func(t *testing.T) {
				srv := socketio.NewServer(socketio.Options{Codec: msgpack.Codec})
				register(t, srv)
				web := httptest.NewServer(srv)
				defer web.Close()
				defer srv.Close()
				node(t, nil, "--experimental-websocket", "client.mjs", web.URL, transports, client)
			})
		}
	}
}

func register(t *testing.T, srv *socketio.Server) {
	srv.OnConnect(func(_ context.Context, s *socketio.Socket) {
		var auth any
		if err := s.Handshake().Auth(&auth); err != nil {
			t.Errorf("auth: %v", err)
		}
		if auth == nil {
			return
		}
		err := s.Emit("welcome", struct {
			Auth  any       `json:"auth"`
			At    time.Time `json:"at"`
			Large uint64    `json:"large"`
			Text  string    `json:"text"`
			None  *int      `json:"none,omitempty"`
		}{auth, time.UnixMilli(1714979289123), 1 << 32, "Grüße", nil})
		if err != nil {
			t.Errorf("welcome: %v", err)
		}
	})
	srv.On("echo", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack(args) })
	srv.On("echo decoded", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		values := make([]any, args.Len())
		for i := range values {
			if err := args.At(i, &values[i]); err != nil {
				return err
			}
		}
		return args.Ack(values...)
	})
	srv.On("upload", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		var u upload
		if err := args.Decode(&u); err != nil {
			return err
		}
		u.Size = len(u.Data)
		return args.Ack(u)
	})
	srv.On("ask me", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) error {
		answer, err := s.EmitWithAck(ctx, "question", 41, []byte{1})
		if err != nil {
			return err
		}
		var n int
		var b []byte
		var when time.Time
		if err := answer.Decode(&n, &b, &when); err != nil {
			return err
		}
		if !bytes.Equal(b, []byte{1}) || !when.Equal(time.UnixMilli(41)) {
			t.Errorf("answer: %v, %v", b, when)
		}
		return s.Emit("answered", n)
	})
	srv.On("join", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		var room string
		if err := args.Decode(&room); err != nil {
			return err
		}
		if err := s.Join(room); err != nil {
			return err
		}
		return args.Ack()
	})
	srv.On("tell", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		var room, text string
		var b []byte
		if err := args.Decode(&room, &text, &b); err != nil {
			return err
		}
		return s.To(room).Emit("heard", text, b)
	})
	srv.On("send me away", func(_ context.Context, s *socketio.Socket, _ socketio.Args) error {
		s.Disconnect()
		return nil
	})
	srv.Of("/closed").Use(func(context.Context, *socketio.Socket) error {
		return &socketio.ConnectError{Message: "members only", Data: map[string]any{"code": 7, "bytes": []byte("x")}}
	})
}
