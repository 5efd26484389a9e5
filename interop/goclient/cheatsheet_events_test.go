package goclient

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-socketio/socketio/client"
)

func TestClientEvents(t *testing.T) {
	checkSheet(t, "Client: events", "cheatsheet_events.mjs", "cheatsheet_events_test.go", []sheetRow{
		{"to the server", `[1,"2",{"3":"4"}]`, func(e *sheet) any {
			s := e.connect("/", client.Options{})
			e.check(s.Emit("echo", 1, "2", map[string]any{"3": "4"}))
			return s.next("echo")
		}},
		{"binary", `["bytes:0102"]`, func(e *sheet) any {
			s := e.connect("/", client.Options{})
			e.check(s.Emit("echo", []byte{1, 2}))
			return s.next("echo")
		}},
		{"`send`", `["hello"]`, func(e *sheet) any {
			s := e.connect("/", client.Options{})
			e.check(s.Emit("message", "hello"))
			return s.next("message")
		}},
		{"better lost than late", `[1]`, func(e *sheet) any {
			s := e.connect("/", client.Options{})
			e.check(whenNotBusy(func() error { return s.Volatile().Emit("echo", 1) }))
			return s.next("echo")
		}},
		{"not compressed", `[1]`, func(e *sheet) any {
			s := e.connect("/", client.Options{})
			e.check(s.Compress(false).Emit("echo", 1))
			return s.next("echo")
		}},
		{"asking", `1`, func(e *sheet) any {
			s, ctx := e.connect("/", client.Options{}), e.ctx
			answer, err := s.EmitWithAck(ctx, "echo", 1)
			e.check(err)
			return values(e.t, answer)[0]
		}},
		{"a time-out", `"timed out"`, func(e *sheet) any {
			s, ctx := e.connect("/", client.Options{}), e.ctx
			ctx, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
			defer cancel()
			return timedOut(s.EmitWithAck(ctx, "swallow"))
		}},
		{"one for all questions", `"timed out"`, func(e *sheet) any {
			s := e.connect("/", client.Options{AckTimeout: 5 * time.Millisecond})
			return timedOut(s.EmitWithAck(e.ctx, "swallow"))
		}},
		{"until it is acknowledged", `"lucky"`, func(e *sheet) any {
			s := e.connect("/", client.Options{Retries: 3, AckTimeout: 500 * time.Millisecond})
			answer, err := s.EmitWithAck(e.ctx, "third time", "lucky")
			e.check(err)
			return values(e.t, answer)[0]
		}},
		{"an event", `[0,1]`, func(e *sheet) any {
			l := e.listen()
			s, handler := l.s, l.handler
			off := s.On("number", handler)
			defer off()
			return l.told()
		}},
		{"that event no more", `[]`, func(e *sheet) any {
			l := e.listen()
			off := l.s.On("number", l.handler)
			off()
			return l.told()
		}},
		{"the next one only", `[0]`, func(e *sheet) any {
			l := e.listen()
			s, handler := l.s, l.handler
			s.Once("number", handler)
			return l.told()
		}},
		{"answering", `[null,"y","x"]`, func(e *sheet) any {
			s := e.connect("/", client.Options{})
			s.On("question", func(_ context.Context, _ *client.Socket, args client.Args) error {
				var a, b string
				if err := args.Decode(&a, &b); err != nil {
					return err
				}
				return args.Ack(b, a)
			})
			s.emit("question me", "x", "y")
			return s.next("answered")
		}},
		{"every event", `["number","number"]`, func(e *sheet) any {
			l := e.listen()
			s, anyHandler := l.s, l.anyHandler
			offAny := s.OnAny(anyHandler)
			defer offAny()
			return l.told()
		}},
		{"not every event any more", `[]`, func(e *sheet) any {
			l := e.listen()
			offAny := l.s.OnAny(l.anyHandler)
			offAny()
			return l.told()
		}},
		{"every event that is sent", `["burst"]`, func(e *sheet) any {
			l := e.listen()
			s, outgoing := l.s, l.outgoing
			offOutgoing := s.OnAnyOutgoing(outgoing)
			defer offOutgoing()
			return l.told()
		}},
		{"not those any more", `[]`, func(e *sheet) any {
			l := e.listen()
			offOutgoing := l.s.OnAnyOutgoing(l.outgoing)
			offOutgoing()
			return l.told()
		}},
	})
}

// timedOut describes the outcome of a question that nobody answers.
func timedOut(_ client.Args, err error) any {
	if errors.Is(err, context.DeadlineExceeded) {
		return "timed out"
	}
	return err
}

// listener has handlers that note what they are told.
type listener struct {
	s    *socket
	note []any
}

func (e *sheet) listen() *listener {
	s := e.connect("/", client.Options{})
	s.next("welcome")
	return &listener{s: s, note: []any{}}
}

func (l *listener) handler(_ context.Context, _ *client.Socket, args client.Args) error {
	var n int
	err := args.Decode(&n)
	l.note = append(l.note, n)
	return err
}

func (l *listener) anyHandler(_ context.Context, _ *client.Socket, name string, _ client.Args) {
	l.noteEvent(name)
}

func (l *listener) outgoing(_ *client.Socket, name string, _ []any) { l.noteEvent(name) }

// noteEvent leaves out the event by which told knows that all others have come.
func (l *listener) noteEvent(name string) {
	if name != "echo" {
		l.note = append(l.note, name)
	}
}

// told asks for a burst of two numbers, and returns what the handlers were told until
// it was over.
func (l *listener) told() any {
	l.s.emit("burst", 2)
	l.s.emit("echo", "end")
	l.s.next("echo")
	return l.note
}
