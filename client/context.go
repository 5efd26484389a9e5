package client

import "context"

// handlerContext is what the handlers of one item of the inbox get: the context of a stay
// in a namespace, from which calls that wait can tell that a handler is waiting. It
// outlives the handlers if they have given it to a goroutine.
type handlerContext struct {
	context.Context
	socket *Socket

	// The socket's lock guards these.
	waiting  int // calls that wait with this context
	returned bool
}

type handlerKey struct{}

func (c *handlerContext) Value(key any) any {
	if key == (handlerKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// handlerOf returns the handler that ctx was given to, or nil.
func handlerOf(ctx context.Context) *handlerContext {
	c, _ := ctx.Value(handlerKey{}).(*handlerContext)
	return c
}

// addWaiting counts calls that wait for an acknowledgement. Once the handler has
// returned they are no business of the inbox any more.
func (c *handlerContext) addWaiting(n int) {
	c.socket.mu.Lock()
	defer c.socket.mu.Unlock()
	if !c.returned {
		c.waiting += n
		c.socket.waiting += n
	}
}

// end is called when the handlers have returned.
func (c *handlerContext) end() {
	c.socket.mu.Lock()
	defer c.socket.mu.Unlock()
	c.socket.waiting -= c.waiting
	c.returned = true
}
