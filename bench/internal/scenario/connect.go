package scenario

import (
	"errors"
	"time"

	"github.com/go-socketio/socketio/bench/internal/client"
	"github.com/go-socketio/socketio/bench/internal/loop"
	"github.com/go-socketio/socketio/bench/internal/wire"
)

// connects is a load of clients that come and go: each connects, joins the main
// namespace, and leaves. An operation is all of that; its latency ends with the answer
// to CONNECT.
type connects struct{ flight int }

func (l connects) run(s *session) error {
	n := s.config.scaled(l.flight)
	s.sample.Connections = n
	began := make([]time.Duration, n)
	joined := make([]bool, n)
	flying := 0
	var events client.Events
	dial := func(i int) error {
		began[i], joined[i] = s.loop.Now(), false
		flying++
		_, err := s.dialer.WebSocket(i, &events, loop.Options{})
		return err
	}
	events = client.Events{
		Ready: func(c *client.WebSocket) error {
			s.done(began[c.Index])
			joined[c.Index] = true
			return c.Leave()
		},
		Message: func(_ *client.WebSocket, _ wire.Opcode, payload []byte) error {
			return errors.New("a message that nobody has sent: " + string(payload))
		},
		Closed: func(c *client.WebSocket) error {
			if !joined[c.Index] {
				return errors.New("the server closed a connection before it had joined")
			}
			flying--
			if !s.sending {
				return nil
			}
			return dial(c.Index)
		},
	}
	return s.load(func() error {
		for i := range n {
			if err := dial(i); err != nil {
				return err
			}
		}
		return nil
	}, func() bool { return flying > 0 })
}
