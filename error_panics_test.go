package socketio_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
)

// typedNil is an error that a function returns by mistake: a nil pointer in an interface,
// which is not nil, and whose methods panic.
type typedNil struct{ text string }

func (e *typedNil) Error() string { return e.text }
func (e *typedNil) Unwrap() error { return &typedNil{e.text} }

func mistake() error { return (*typedNil)(nil) }

// An error of the application whose methods panic is an internal error, wherever it is
// returned.
func TestErrorsThatPanic(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	srv.Of("/refuses").Use(func(context.Context, *socketio.Socket) error { return mistake() })
	srv.OfFunc(func(context.Context, string, socketio.Args) (bool, error) { return true, mistake() })
	srv.UsePacket(func(_ context.Context, _ *socketio.Socket, event string, _ socketio.Args) error {
		if event == "refused" {
			return mistake()
		}
		return nil
	})
	srv.On("fail", func(context.Context, *socketio.Socket, socketio.Args) error { return mistake() })
	echo(srv)
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send("40/refuses,")
	c.expect(`44/refuses,{"message":"internal error"}`)
	c.send("40/dynamic,")
	c.expect(`44/dynamic,{"message":"Invalid namespace"}`)
	c.send(`421["fail"]`)
	c.expect(`431[{"error":"internal error"}]`)
	c.send(`422["refused"]`)
	c.expect(`432[{"error":"internal error"}]`)
	c.send(`423["echo","still here"]`)
	c.expect(`433["still here"]`)
	if n := srv.Stats().Panics; n != 3 {
		t.Errorf("%d panics counted", n)
	}
}

func TestErrorThatPanicsAnswersAnotherServer(t *testing.T) {
	bus := cluster.NewMemory()
	a := socketio.NewServer(socketio.Options{Bus: bus, Logger: silent})
	defer a.Shutdown(t.Context())
	b := socketio.NewServer(socketio.Options{Bus: bus, Logger: silent})
	defer b.Shutdown(t.Context())
	b.OnServer("fail", func(context.Context, socketio.Args) error { return mistake() })
	answers, err := a.OtherServers().EmitWithAck(t.Context(), "fail")
	if err != nil || len(answers) != 1 || string(answers[0].Raw(0)) != `{"error":"internal error"}` {
		t.Errorf("answers %v, %v", answers, err)
	}
	if n := b.Stats().Panics; n != 1 {
		t.Errorf("%d panics counted", n)
	}
}

func TestErrorsOfRequestsThatPanic(t *testing.T) {
	for name, options := range map[string]socketio.Options{
		"AllowRequest": {AllowRequest: func(*http.Request) (any, error) { return nil, mistake() }},
		"GenerateID":   {GenerateID: func(*http.Request) (string, error) { return "", mistake() }},
	} {
		options.Logger = silent
		srv := socketio.NewServer(options)
		res, err := http.Get("http://" + serve(t, srv).addr + "/socket.io/?EIO=4&transport=polling")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if n := srv.Stats().Panics; res.StatusCode != http.StatusInternalServerError || n != 1 {
			t.Errorf("%s: %s, %d panics counted", name, res.Status, n)
		}
	}
}
