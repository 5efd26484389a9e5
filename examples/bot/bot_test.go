package main

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// TestBot plays the chat's part.
func TestBot(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	srv := socketio.NewServer(socketio.Options{})
	refusals := 1
	heard := make(chan string, 10)
	socketio.Handle(srv, join, func(ctx context.Context, s *socketio.Socket, r joinRequest) (struct{}, error) {
		if refusals--; refusals >= 0 {
			return struct{}{}, &event.Error{Message: "Somebody of that name is there already."}
		}
		for _, m := range []message{{"Ann", "hello"}, {"Bot", "!help"}, {"Ann", "!help"}, {"Ann", "!echo  two words"}, {"Ann", "!time"}} {
			if err := said.Emit(ctx, s, m); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	socketio.Handle(srv, say, func(_ context.Context, _ *socketio.Socket, d draft) (struct{}, error) {
		heard <- d.Text
		return struct{}{}, nil
	})
	ts := httptest.NewServer(srv)
	defer ts.Close()
	defer srv.Shutdown(context.Background())
	stop, quit := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- run(stop, ts.URL, joinRequest{"Bot", "lobby"}) }()
	for _, want := range []string{"I know !time, !roll, and !echo.", " two words"} {
		select {
		case got := <-heard:
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
		case <-ctx.Done():
			t.Fatal("the bot says nothing")
		}
	}
	quit()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestRoll(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		seen[answer(message{"Ann", "!roll"})] = true
	}
	if len(seen) != 6 || !seen["Ann rolls a 1."] || !seen["Ann rolls a 6."] {
		t.Errorf("%v", seen)
	}
}
