package cheatsheet

import (
	"context"
	"testing"

	"github.com/go-socketio/socketio"
)

func TestServers(t *testing.T) {
	a := newAudience(t, "Between servers", "servers_test.go")
	srv, other, ctx := a.srv, a.other, a.ctx
	// The other server tells its client, d, what it has received.
	reported := func(want string) {
		t.Helper()
		if got := a.next("told").String(); got != want {
			t.Errorf("%s: %q, want %q", a.Row(), got, want)
		}
	}

	a.Try("receiving")
	other.OnServer("hello", func(_ context.Context, args socketio.Args) error {
		var who string
		if err := args.Decode(&who); err != nil {
			return err
		}
		if err := other.Local().Emit("told", who); err != nil {
			return err
		}
		if args.HasAck() {
			return args.Ack("hi " + who)
		}
		return nil
	})
	a.Try("to the other servers")
	if err := srv.OtherServers().Emit("hello", "world"); err != nil {
		t.Error(err)
	}
	reported(`d told "world"`)
	a.Try("asking them")
	answers, err := srv.OtherServers().EmitWithAck(ctx, "hello", "world")
	if err != nil || len(answers) != 1 || string(answers[0].Raw(0)) != `"hi world"` {
		t.Errorf("answers %v, %v", answers, err)
	}
	reported(`d told "world"`)
}
