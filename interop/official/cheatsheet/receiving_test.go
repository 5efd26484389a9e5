package cheatsheet

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/event"
)

func TestReceiving(t *testing.T) {
	p := newOurs(t)
	srv, s := p.srv, p.sockets["a"]
	handler := func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		var n int
		err := args.Decode(&n)
		p.tell(fmt.Sprint("handler ", n))
		return err
	}
	anyHandler := func(_ context.Context, _ *socketio.Socket, name string, _ socketio.Args) {
		if name != "sync" {
			p.tell("any " + name)
		}
	}
	outgoing := func(_ *socketio.Socket, name string, _ socketio.Args) {
		if name != "end" {
			p.tell("outgoing " + name)
		}
	}
	packetMiddleware := func(_ context.Context, _ *socketio.Socket, name string, _ socketio.Args) error {
		if name == "forbidden" {
			return &event.Error{Message: "forbidden"}
		}
		return nil
	}
	errorHandler := func(_ context.Context, _ *socketio.Socket, _ string, err error) {
		p.tell("error " + err.Error())
	}
	emitBoth := func() error { return errors.Join(s.Emit("one"), srv.Emit("all")) }
	var undo func() // what the row before has registered

	// emits has client a emit some events, and waits until all have been handled.
	emits := func(a *audience) {
		a.tell("a", "emit", "hello", 1)
		a.tell("a", "emit", "hello", 2)
		a.tell("a", "emit", "forbidden", 3)
		a.ask("sync")
	}
	const heard = "a answer"
	const emitted = "a all, a answer, a one, b all, c all, d all"
	const rejoined = `, a disconnect "io client disconnect"`
	checkTable(t, "Receiving", p, "receiving_test.go", "receiving.mjs", []row{
		{what: "an event", then: emits, heard: heard, told: "handler 1, handler 2", run: func() error {
			off := s.On("hello", handler)
			undo = off
			return nil
		}},
		{what: "that event no more", then: emits, heard: heard, run: func() error {
			off := undo
			off()
			return nil
		}},
		{what: "the next one only", then: emits, heard: heard, told: "handler 1", run: func() error {
			s.Once("hello", handler)
			return nil
		}},
		{what: "an event of any client", heard: heard + rejoined, told: "handler 1, handler 2", run: func() error {
			offAll := srv.On("hello", handler)
			undo = offAll
			return nil
		}, then: func(a *audience) {
			a.rejoin() // officially it is for those who come later
			emits(a)
		}},

		{what: "every event", then: emits, heard: heard, told: "any hello, any hello, any forbidden", run: func() error {
			undo()
			s = p.sockets["a"]
			offAny := s.OnAny(anyHandler)
			undo = offAny
			return nil
		}},
		{what: "not every event any more", then: emits, heard: heard, run: func() error {
			offAny := undo
			offAny()
			return nil
		}},
		{what: "every event that is sent", then: emits, heard: emitted, told: "outgoing one, outgoing all", run: func() error {
			offOutgoing := s.OnAnyOutgoing(outgoing)
			undo = offOutgoing
			return emitBoth()
		}},
		{what: "not those any more", then: emits, heard: emitted, run: func() error {
			offOutgoing := undo
			offOutgoing()
			return emitBoth()
		}},

		{what: "middleware for events", then: emits, heard: heard, told: "handler 1, handler 2", run: func() error {
			srv.On("hello", handler)
			srv.On("forbidden", handler)
			s.UsePacket(packetMiddleware)
			return nil
		}},
		{what: "errors", then: emits, heard: heard, told: "handler 1, handler 2, error forbidden", run: func() error {
			srv.OnError(errorHandler)
			return nil
		}},
	})
}
