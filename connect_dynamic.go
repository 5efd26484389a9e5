package socketio

import (
	"context"

	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

// asking is a client's request to join a namespace that is being looked for.
type asking struct {
	namespace string
	cancel    context.CancelCauseFunc
}

// look finds, in a goroutine of its own, the namespace that a client asks to join: the
// application is asked, and the bus may have to be waited for.
func (c *conn) look(p packet.Packet) {
	ctx, cancel := context.WithCancelCause(context.Background())
	a := &asking{p.Namespace, cancel}
	switch c.ask(a) {
	case alreadyIn:
		cancel(nil)
		c.refuse(secondConnect(p.Namespace))
	case tooMany:
		cancel(nil)
		c.deny(p.Namespace, msgTooManyNamespaces)
	case entered:
		c.server.tasks.Go(func() { c.find(ctx, a, p) })
	}
}

// ask notes a request to join a namespace, which counts like a socket.
func (c *conn) ask(a *asking) entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.checkEntry(a.namespace, nil); e != entered {
		return e
	}
	if c.closed {
		a.cancel(nil)
	}
	if c.asked == nil {
		c.asked = make(map[*asking]struct{})
	}
	c.asked[a] = struct{}{}
	return entered
}

func (c *conn) find(ctx context.Context, a *asking, p packet.Packet) {
	defer c.caught()
	ns, refused := (*Namespace)(nil), msgInternalError // unless a function of the application ends the goroutine
	defer func() {
		if ns == nil {
			c.forget(a)
			c.deny(p.Namespace, refused)
		}
		a.cancel(nil)
	}()
	ns, refused = c.server.claimed(ctx, p.Namespace, event.NewArgs(p.Args, nil))
	if ns == nil {
		return
	}
	select {
	case <-ns.ready:
		c.join(ns, p.Args, a)
	case <-ctx.Done():
		c.server.release(ns)
	}
}

// forget takes back a request to join.
func (c *conn) forget(a *asking) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forgetLocked(a)
}

// forgetLocked leaves nothing behind: an empty map is larger than most connections'
// other fields together.
func (c *conn) forgetLocked(a *asking) {
	if delete(c.asked, a); len(c.asked) == 0 {
		c.asked = nil
	}
}
