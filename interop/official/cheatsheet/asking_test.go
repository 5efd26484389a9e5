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
	p := newOurs(t)
	srv, s, ctx := p.srv, p.sockets["a"], p.ctx
	// tellAll tells who has answered: each client does with its letter.
	tellAll := func(answers []socketio.Args, err error) error {
		var letters []string
		for _, answer := range answers {
			letters = append(letters, strings.Trim(string(answer.Raw(0)), `"`))
		}
		slices.Sort(letters)
		p.tell(letters...)
		return err
	}
	checkTable(t, "Asking for an answer", p, "asking_test.go", "asking.mjs", []row{
		{what: "one client", heard: "a", told: "a", run: func() (err error) {
			var answer socketio.Args
			answer, err = s.EmitWithAck(ctx, "hello")
			return tellAll([]socketio.Args{answer}, err)
		}},
		{what: "everybody", heard: "a, b, c, d", told: "a, b, c, d", run: func() (err error) {
			var answers []socketio.Args
			answers, err = srv.EmitWithAck(ctx, "hello")
			return tellAll(answers, err)
		}},
		{what: "a room", heard: "a, b, d", told: "a, b, d", run: func() (err error) {
			var answers []socketio.Args
			answers, err = srv.To("room1").EmitWithAck(ctx, "hello")
			return tellAll(answers, err)
		}},
		{what: "everybody but the client", heard: "b, c, d", told: "b, c, d", run: func() (err error) {
			var answers []socketio.Args
			answers, err = s.Broadcast().EmitWithAck(ctx, "hello")
			return tellAll(answers, err)
		}},
		{what: "a time-out", heard: "a unanswered", told: "timed out", run: func() error {
			ctx, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
			defer cancel()
			_, err := s.EmitWithAck(ctx, "unanswered")
			if errors.Is(err, context.DeadlineExceeded) {
				p.tell("timed out")
				err = nil
			}
			return err
		}},
		{what: "answering", heard: `a answer "got it"`, run: func() error {
			srv.On("question", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
				return args.Ack("got it")
			})
			return nil
		}, then: func(a *audience) { a.ask("question") }},
		{what: "saying only that it is done", heard: "a answer", told: "did hard", run: func() error {
			work := event.New[string]("work")
			handler := func(_ context.Context, _ *socketio.Socket, what string) error {
				p.tell("did " + what)
				return nil
			}
			socketio.On(srv, work, handler)
			return nil
		}, then: func(a *audience) { a.ask("work", "hard") }},
	})
}
