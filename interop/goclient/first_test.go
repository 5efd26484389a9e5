package goclient

import (
	"context"
	"testing"
	"time"

	"github.com/go-socketio/socketio/client"
)

func TestFirst(t *testing.T) {
	n := start(t, "server.mjs", nil)
	for _, tr := range [][]string{{"websocket"}, {"polling"}, {"polling", "websocket"}} {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		got := make(chan string, 10)
		s, err := client.Connect(ctx, n.URL, client.Options{Transports: tr, Auth: map[string]any{"a": 1}, Setup: func(s *client.Socket) {
			s.OnAny(func(ctx context.Context, s *client.Socket, name string, a client.Args) {
				got <- name + string(a.Raw(0))
			})
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Log(<-got)
		a, err := s.EmitWithAck(ctx, "echo", "hi", []byte{1, 2, 3}, map[string]any{"x": []byte("deep")})
		if err != nil {
			t.Fatal(err)
		}
		var b []byte
		var str string
		if err := a.Decode(&str, &b); err != nil || str != "hi" || len(b) != 3 {
			t.Fatal(err, str, b)
		}
		if err := s.Emit("echo", "1"); err != nil {
			t.Fatal(err)
		}
		t.Log(<-got, s.Client().Transport(), s.ID())
		start := time.Now()
		s.Close()
		t.Log(time.Since(start), s.Client().Status())
	}
}
