package client

import "context"

// handlerContext is what handlers get: the context of a stay in a namespace, from
// which calls that wait can tell that a handler is waiting.
type handlerContext struct {
	context.Context
	socket *Socket
}

type handlerKey struct{}

func (c *handlerContext) Value(key any) any {
	if key == (handlerKey{}) {
		return c.socket
	}
	return c.Context.Value(key)
}

// waitingHandler returns the socket whose handler ctx was given to, or nil.
func waitingHandler(ctx context.Context) *Socket {
	s, _ := ctx.Value(handlerKey{}).(*Socket)
	return s
}
