package scenario

import (
	"fmt"
	"time"

	"github.com/go-socketio/socketio/bench/internal/client"
	"github.com/go-socketio/socketio/bench/internal/wire"
)

// echo is a load in which every client gets an answer to every message it sends.
type echo struct {
	clients int
	flight  int // messages of each client under way
	// A message is one or more frames, and so is its answer.
	frames []*template
}

func same(op wire.Opcode, payload string) *template { return newTemplate(op, payload, payload) }

func event(name, argument string) []*template {
	return []*template{same(wire.Text, `42["`+name+`",`+argument+`]`)}
}

func ackEvent(payload string) []*template {
	return []*template{newTemplate(wire.Text, `42`+idMark+`["ack","`+payload+`"]`, `43`+idMark+`["`+payload+`"]`)}
}

func binaryEvent(payload string) []*template {
	return []*template{
		same(wire.Text, `451-["binary",{"_placeholder":true,"num":0}]`),
		same(wire.Binary, payload),
	}
}

// pending are the messages of one client that are not answered.
type pending struct {
	sent, received int // messages
	frame          int // frames of the next answer that have arrived
	times          []time.Duration
}

// echoRun is a run of an echo.
type echoRun struct {
	echo
	session *session
	state   []pending
	flying  int
	conns   []*client.WebSocket
}

func (e echo) run(s *session) error {
	r, err := e.connect(s)
	if err != nil {
		return err
	}
	return s.load(r.start, func() bool { return r.flying > 0 })
}

func (e echo) connect(s *session) (*echoRun, error) {
	n := s.config.scaled(e.clients)
	r := &echoRun{echo: e, session: s, state: make([]pending, n)}
	for i := range r.state {
		r.state[i].times = make([]time.Duration, e.flight)
	}
	conns, err := s.webSockets(n, client.Events{Message: r.receive})
	r.conns = conns
	return r, err
}

func (r *echoRun) start() error {
	for _, c := range r.conns {
		for range r.flight {
			if err := r.send(c, r.session.loop.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// send sends the next message of a client. at is when it should have been sent.
func (r *echoRun) send(c *client.WebSocket, at time.Duration) error {
	p := &r.state[c.Index]
	p.times[p.sent%len(p.times)] = at
	for _, t := range r.frames {
		if err := c.Send(t.message(p.sent, c.Index)); err != nil {
			return err
		}
	}
	p.sent++
	r.flying++
	return nil
}

func (r *echoRun) receive(c *client.WebSocket, op wire.Opcode, payload []byte) error {
	p := &r.state[c.Index]
	if p.received == p.sent {
		return fmt.Errorf("an answer too many: %q", around(payload, 0))
	}
	if err := r.frames[p.frame].check(op, payload, p.received, c.Index); err != nil {
		return err
	}
	if p.frame++; p.frame < len(r.frames) {
		return nil
	}
	p.frame = 0
	began := p.times[p.received%len(p.times)]
	p.received++
	r.flying--
	r.session.done(began)
	if !r.session.sending {
		return nil
	}
	return r.send(c, r.session.loop.Now())
}
