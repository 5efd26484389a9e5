package cheatsheet

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/event"
)

func TestAsking(t *testing.T) {
	a := newAudience(t, "Asking for an answer", "asking_test.go")
	srv, s, ctx := a.srv, a.sockets["a"], a.ctx
	var err error
	var answer socketio.Args
	var answers []socketio.Args

	// asked compares who was asked, and whose answers arrived: each client answers with its
	// letter.
	asked := func(want string, ask func()) {
		t.Helper()
		a.expect(want, func() error { ask(); return err })
		var letters []string
		for _, answer := range answers {
			letters = append(letters, strings.Trim(string(answer.Raw(0)), `"`))
		}
		slices.Sort(letters)
		if got := strings.Join(letters, ", "); got != want {
			t.Errorf("%s: answers of %s, want %s", a.Row(), got, want)
		}
	}
	a.Try("one client")
	asked("a", func() {
		answer, err = s.EmitWithAck(ctx, "hello")
		answers = []socketio.Args{answer}
	})
	a.Try("everybody")
	asked("a, b, c, d", func() { answers, err = srv.EmitWithAck(ctx, "hello") })
	a.Try("a room")
	asked("a, b, d", func() { answers, err = srv.To("room1").EmitWithAck(ctx, "hello") })
	a.Try("everybody but the client")
	asked("b, c, d", func() { answers, err = s.Broadcast().EmitWithAck(ctx, "hello") })

	a.Try("a time-out")
	a.expect("a unanswered", func() error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		defer cancel()
		if _, err := s.EmitWithAck(ctx, "unanswered"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		return nil
	})

	a.Try("answering")
	srv.On("question", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		return args.Ack("got it")
	})
	a.tell("a", "ask", "question")
	if got, want := a.next("answer").String(), `a answer "got it"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}

	a.Try("saying only that it is done")
	work := event.New[string]("work")
	done := false
	handler := func(_ context.Context, _ *socketio.Socket, what string) error {
		done = what == "hard"
		return nil
	}
	socketio.On(srv, work, handler)
	a.tell("a", "ask", "work", "hard")
	if got, want := a.next("answer").String(), "a answer"; got != want || !done {
		t.Errorf("%s, want %s; done: %v", got, want, done)
	}
}
