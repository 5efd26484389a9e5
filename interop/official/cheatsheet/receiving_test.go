package cheatsheet

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/event"
)

func TestReceiving(t *testing.T) {
	a := newAudience(t, "Receiving", "receiving_test.go")
	srv, s := a.srv, a.sockets["a"]
	var log []string
	handler := func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		var n int
		err := args.Decode(&n)
		log = append(log, fmt.Sprint("handler ", n))
		return err
	}
	anyHandler := func(_ context.Context, _ *socketio.Socket, name string, _ socketio.Args) {
		log = append(log, "any "+name)
	}
	outgoing := func(_ *socketio.Socket, name string, _ socketio.Args) {
		log = append(log, "outgoing "+name)
	}
	packetMiddleware := func(_ context.Context, _ *socketio.Socket, name string, _ socketio.Args) error {
		if name == "forbidden" {
			return &event.Error{Message: "forbidden"}
		}
		return nil
	}
	errorHandler := func(_ context.Context, _ *socketio.Socket, name string, err error) {
		log = append(log, "error "+err.Error())
	}
	s.On("sync", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack() })

	// handled has client a emit some events, and compares what was logged until all of
	// them have been handled.
	handled := func(want ...string) {
		t.Helper()
		a.tell("a", "emit", "hello", 1)
		a.tell("a", "emit", "hello", 2)
		a.tell("a", "emit", "forbidden", 3)
		a.tell("a", "ask", "sync")
		for a.read().Event != "answer" {
		}
		log = slices.DeleteFunc(log, func(s string) bool { return s == "any sync" })
		if !slices.Equal(log, want) {
			t.Errorf("%s: %q, want %q", a.Row(), log, want)
		}
		log = nil
	}

	a.Try("an event")
	off := s.On("hello", handler)
	handled("handler 1", "handler 2")
	a.Try("that event no more")
	off()
	handled()
	a.Try("the next one only")
	s.Once("hello", handler)
	handled("handler 1")
	a.Try("an event of any client")
	offAll := srv.On("hello", handler)
	handled("handler 1", "handler 2")
	offAll()

	a.Try("every event")
	offAny := s.OnAny(anyHandler)
	handled("any hello", "any hello", "any forbidden")
	a.Try("not every event any more")
	offAny()
	handled()
	a.Try("every event that is sent")
	offOutgoing := s.OnAnyOutgoing(outgoing)
	s.Emit("one")
	srv.Emit("all")
	handled("outgoing one", "outgoing all")
	a.Try("not those any more")
	offOutgoing()
	s.Emit("one")
	srv.Emit("all")
	handled()

	a.Try("middleware for events")
	srv.On("hello", handler)
	srv.On("forbidden", handler)
	s.UsePacket(packetMiddleware)
	handled("handler 1", "handler 2")
	a.Try("errors")
	srv.OnError(errorHandler)
	handled("handler 1", "handler 2", "error forbidden")
}
