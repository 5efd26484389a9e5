package socketio_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// A value whose encoding panics is an error to whoever emits it.
func TestEmittingWhatPanics(t *testing.T) {
	for name, options := range map[string]socketio.Options{
		"alone":    {},
		"msgpack":  {Codec: msgpack.Codec},
		"recovery": {Recovery: &socketio.Recovery{}},
		"bus":      {Bus: cluster.NewMemory()},
	} {
		t.Run(name, func(t *testing.T) {
			options.Logger = silent
			srv := socketio.NewServer(options)
			defer srv.Shutdown(t.Context())
			calls := map[string]func() error{
				"Emit":        func() error { return srv.Emit("e", panicking{}) },
				"EmitWithAck": func() error { _, err := srv.EmitWithAck(t.Context(), "e", panicking{}); return err },
			}
			if options.Bus != nil {
				calls["OtherServers"] = func() error { return srv.OtherServers().Emit("e", panicking{}) }
			}
			for call, emit := range calls {
				err := emit()
				if !errors.As(err, new(*packet.EncodeError)) || !errors.As(err, new(*socketio.PanicError)) {
					t.Errorf("%s = %v", call, err)
				}
			}
			if n := srv.Stats().Panics; n != uint64(len(calls)) {
				t.Errorf("%d panics counted", n)
			}
		})
	}
}

// Nobody else would know that a client does not get what the handler has returned.
func TestErrorDataThatCannotBeEncodedIsLogged(t *testing.T) {
	log := newLogged()
	srv := socketio.NewServer(socketio.Options{Logger: log.logger()})
	srv.On("fail", func(context.Context, *socketio.Socket, socketio.Args) error {
		return &event.Error{Message: "failed", Data: func() {}}
	})
	c := serve(t, srv).connect()
	sid := c.join("/", "")
	c.send(`421["fail"]`)
	c.expect(`431[{"error":"internal error"}]`)
	if err := srv.Shutdown(t.Context()); err != nil { // by now it is logged
		t.Fatal(err)
	}
	records := log.take()
	if len(records) != 1 || records[0].Level != slog.LevelError || attrs(records[0])["socket"] != sid || attrs(records[0])["event"] != "fail" {
		t.Errorf("logged %v", records)
	}
}

// What a handler answers, and why middleware refuses, is encoded when they have
// returned: a panic then must not end the process.
func TestAnsweringWhatPanics(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	refused := &socketio.ConnectError{Message: "no", Data: panicking{}}
	srv.Of("/closed").Use(func(context.Context, *socketio.Socket) error { return refused })
	srv.On("fail", func(context.Context, *socketio.Socket, socketio.Args) error {
		return &event.Error{Message: "failed", Data: panicking{}}
	})
	var acknowledged error
	srv.On("ack", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		acknowledged = args.Ack(panicking{})
		return nil
	})
	echo(srv)
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send("40/closed,")
	c.expect(`44/closed,{"message":"no"}`)
	c.send(`421["fail"]`)
	c.expect(`431[{"error":"internal error"}]`)
	c.send(`422["ack"]`)
	c.expect(`432[{"error":"internal error"}]`)
	c.send(`423["echo","still there"]`)
	c.expect(`433["still there"]`)
	if !errors.As(acknowledged, new(*socketio.PanicError)) {
		t.Errorf("Ack = %v", acknowledged)
	}
	if n := srv.Stats().Panics; n != 3 {
		t.Errorf("%d panics counted", n)
	}
}

func TestAnsweringAnotherServerWithWhatPanics(t *testing.T) {
	bus := cluster.NewMemory()
	a := socketio.NewServer(socketio.Options{Bus: bus, Logger: silent})
	defer a.Shutdown(t.Context())
	b := socketio.NewServer(socketio.Options{Bus: bus, Logger: silent})
	defer b.Shutdown(t.Context())
	b.OnServer("fail", func(context.Context, socketio.Args) error {
		return &event.Error{Message: "failed", Data: panicking{}}
	})
	answers, err := a.OtherServers().EmitWithAck(t.Context(), "fail")
	if err != nil || len(answers) != 1 || string(answers[0].Raw(0)) != `{"error":"internal error"}` {
		t.Errorf("answers %v, %v", answers, err)
	}
}
