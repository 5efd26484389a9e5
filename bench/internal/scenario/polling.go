package scenario

import (
	"errors"
	"time"

	"github.com/go-socketio/socketio/bench/internal/client"
	"github.com/go-socketio/socketio/bench/internal/wire"
)

// pollingEcho is an echo over long-polling with one message of each client under way:
// an operation is a POST and a GET.
type pollingEcho struct {
	clients int
	payload string
}

type pollingState struct {
	seq      int
	began    time.Duration
	received bool // the echo has arrived
	posted   bool // the POST has been answered
}

func (e pollingEcho) run(s *session) error {
	n := s.config.scaled(e.clients)
	clients := make([]*client.Polling, n)
	state := make([]pollingState, n)
	t := same(wire.Text, `42["echo","`+e.payload+`"]`)
	flying := 0

	send := func(c *client.Polling) error {
		p := &state[c.Index]
		p.began, p.received, p.posted = s.loop.Now(), false, false
		flying++
		return c.Send(t.want(p.seq, c.Index))
	}
	finish := func(c *client.Polling) error {
		p := &state[c.Index]
		if !p.received || !p.posted {
			return nil
		}
		s.done(p.began)
		flying--
		p.seq++
		if !s.sending {
			return nil
		}
		return send(c)
	}
	events := client.PollingEvents{
		Ready: func(*client.Polling) error { s.joined++; return nil },
		Message: func(c *client.Polling, payload []byte) error {
			p := &state[c.Index]
			if p.received {
				return errors.New("the same answer twice")
			}
			p.received = true
			if err := t.check(wire.Text, payload, p.seq, c.Index); err != nil {
				return err
			}
			return finish(c)
		},
		Posted: func(c *client.Polling) error {
			state[c.Index].posted = true
			return finish(c)
		},
	}
	err := s.connect(n, func(i int) (err error) {
		clients[i], err = s.dialer.Polling(i, &events)
		return err
	})
	if err != nil {
		return err
	}
	return s.load(func() error {
		for _, c := range clients {
			if err := send(c); err != nil {
				return err
			}
		}
		return nil
	}, func() bool { return flying > 0 })
}
