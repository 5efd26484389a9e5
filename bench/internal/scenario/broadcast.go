package scenario

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/go-socketio/socketio/bench/internal/client"
	"github.com/go-socketio/socketio/bench/internal/loop"
	"github.com/go-socketio/socketio/bench/internal/stats"
	"github.com/go-socketio/socketio/bench/internal/wire"
)

// broadcast is one client that sends to everybody, again as soon as everybody has it.
// An operation is a delivery.
type broadcast struct {
	clients int
	payload string
	// bystander adds a client that asks for an echo every few milliseconds, over a
	// connection and a thread of its own: is it held up?
	bystander bool
}

// fanout is the state of a load in which one message comes back to many.
type fanout struct {
	session  *session
	template *template
	clients  []*client.WebSocket
	received []int // messages, by client
	sent     int
	missing  int // deliveries of the message under way
	began    time.Duration
}

func (b broadcast) run(s *session) error {
	n := s.config.scaled(b.clients)
	f := &fanout{
		session:  s,
		template: same(wire.Text, `42["broadcast","`+b.payload+`"]`),
		received: make([]int, n),
	}
	var err error
	f.clients, err = s.webSockets(n, client.Events{Message: f.receive})
	if err != nil {
		return err
	}
	if !b.bystander {
		return s.load(f.send, func() bool { return f.missing > 0 })
	}
	var by bystander
	stop := by.start(s)
	err = s.load(f.send, func() bool { return f.missing > 0 })
	if byErr := stop(); err == nil && byErr != nil {
		return fmt.Errorf("the bystander: %w", byErr)
	}
	s.note("bystander p50", by.latency.Quantile(0.5).Seconds())
	s.note("bystander p99", by.latency.Quantile(0.99).Seconds())
	return err
}

// send sends the next message to everybody.
func (f *fanout) send() error {
	f.missing = len(f.clients)
	f.began = f.session.loop.Now()
	f.sent++
	return f.clients[0].Send(f.template.message(f.sent-1, 0))
}

func (f *fanout) receive(c *client.WebSocket, op wire.Opcode, payload []byte) error {
	if err := f.deliver(c, op, payload); err != nil || f.missing > 0 || !f.session.sending {
		return err
	}
	return f.send()
}

// deliver checks what a client has received: each message once, and in order.
func (f *fanout) deliver(c *client.WebSocket, op wire.Opcode, payload []byte) error {
	if err := f.template.check(op, payload, f.received[c.Index], 0); err != nil {
		return err
	}
	f.received[c.Index]++
	f.missing--
	f.session.done(f.began)
	return nil
}

// bystander has an ordinary conversation with a server that is busy with others. It
// has its own loop, so that it does not wait for the generator.
type bystander struct{ latency stats.Histogram }

// bystanderPause is the time between its messages.
const bystanderPause = 5 * time.Millisecond

// start begins the conversation. stop ends it, and returns what went wrong.
func (b *bystander) start(s *session) (stop func() error) {
	ctx, cancel := context.WithCancel(s.ctx)
	var wg sync.WaitGroup
	var err error
	wg.Go(func() { err = b.run(ctx, s) })
	return func() error {
		cancel()
		wg.Wait()
		return err
	}
}

func (b *bystander) run(ctx context.Context, s *session) error {
	l, err := loop.New(s.target.Address)
	if err != nil {
		return err
	}
	defer l.Close()
	t := same(wire.Text, `42["echo","`+text(64)+`"]`)
	var c *client.WebSocket
	var seq int
	var began, next time.Duration
	waiting := true
	events := client.Events{
		Ready: func(*client.WebSocket) error { waiting = false; return nil },
		Message: func(_ *client.WebSocket, op wire.Opcode, payload []byte) error {
			if op == wire.Text && len(payload) > 6 && string(payload[:6]) != `42["ec` {
				return nil // the broadcast
			}
			waiting = false
			b.latency.Record(l.Now() - began)
			seq++
			return t.check(op, payload, seq-1, 0)
		},
	}
	c, err = client.NewDialer(l, net.JoinHostPort(s.target.Address.Addr().String(), "0")).WebSocket(0, &events, loop.Options{})
	if err != nil {
		return err
	}
	return l.Run(time.Millisecond, func(now time.Duration) (bool, error) {
		if ctx.Err() != nil {
			return true, nil
		}
		if waiting || now < next {
			return false, nil
		}
		waiting, began, next = true, l.Now(), now+bystanderPause
		return false, c.Send(t.message(seq, 0))
	})
}
