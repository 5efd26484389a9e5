package cheatsheet

import (
	"context"
	"testing"

	"github.com/go-socketio/socketio"
)

func TestServers(t *testing.T) {
	p := newOurs(t)
	srv, other, ctx := p.srv, p.other, p.ctx
	// The other server tells its client, d, what it has received.
	told := func(a *audience) { a.await("told", 1) }
	checkTable(t, "Between servers", p, "servers_test.go", "servers.mjs", []row{
		{what: "receiving", run: func() error {
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
			return nil
		}},
		{what: "to the other servers", then: told, heard: `d told "world"`, run: func() error {
			return srv.OtherServers().Emit("hello", "world")
		}},
		{what: "asking them", then: told, heard: `d told "world"`, told: "hi world", run: func() error {
			answers, err := srv.OtherServers().EmitWithAck(ctx, "hello", "world")
			for _, answer := range answers {
				var text string
				p.check(answer.Decode(&text))
				p.tell(text)
			}
			return err
		}},
	})
}
