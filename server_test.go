package socketio_test

import (
	"context"
	"testing"

	"github.com/go-socketio/socketio"
)

func TestConnectEventAndAck(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	echo(srv)
	h := serve(t, srv)
	c := h.connect()
	if sid := c.join("/", ""); len(sid) != 20 {
		t.Errorf("id %q, want 20 characters", sid)
	}
	c.send(`42["echo",1,"two",{"3":[null]}]`)
	c.expect(`42["echo",1,"two",{"3":[null]}]`)
	c.send(`427["echo","x"]`)
	c.expect(`437["x"]`)
	c.send(`420["echo"]`)
	c.expect(`430[]`)
}

func TestServerAsksClient(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	asked := make(chan string, 1)
	srv.On("ask me", func(ctx context.Context, s *socketio.Socket, _ socketio.Args) error {
		answer, err := s.EmitWithAck(ctx, "question", 42)
		if err != nil {
			return err
		}
		var v string
		err = answer.Decode(&v)
		asked <- v
		return err
	})
	c := serve(t, srv).connect()
	c.join("/", "")
	c.send(`42["ask me"]`)
	c.expect(`420["question",42]`)
	c.send(`430["answer"]`)
	if v := await(t, asked, "the answer"); v != "answer" {
		t.Errorf("answer %q", v)
	}
}
