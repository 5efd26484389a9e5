package socketio

import "context"

// socketContext is the context of a socket. It is made when somebody asks for it.
type socketContext struct {
	context.Context
	cancel  context.CancelCauseFunc
	handler handlerContext
}

// handlerContext is what handlers get: the context of the socket, from which calls
// that wait can tell that a handler of this socket is waiting.
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

// Context returns a context that ends when the socket is disconnected; its cause is
// a [*DisconnectError]. Use it for what is done for the client outside of its handlers.
func (s *Socket) Context() context.Context { return s.needContext().Context }

func (s *Socket) needContext() *socketContext {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.context == nil {
		c := new(socketContext)
		c.Context, c.cancel = context.WithCancelCause(context.Background())
		c.handler = handlerContext{c.Context, s}
		if s.gone != nil {
			c.cancel(s.gone)
		}
		s.context = c
	}
	return s.context
}
