package client

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/go-socketio/socketio/engine"
)

// grantAll is a fake that lets everybody into every namespace, and does no more.
func grantAll(_ *fake, s *engine.Session, message string) {
	if !strings.HasPrefix(message, "0") {
		return
	}
	namespace, _, _ := strings.Cut(message[1:], ",")
	if strings.HasPrefix(namespace, "/") {
		say(s, "0"+namespace+`,{"sid":"fake"}`)
		return
	}
	say(s, `0{"sid":"fake"}`)
}

// onDisconnect is a Setup that reports disconnections.
func onDisconnect(c chan<- Disconnect) func(*Socket) {
	return func(s *Socket) {
		s.OnDisconnect(func(_ context.Context, _ *Socket, d Disconnect) { c <- d })
	}
}

// blockUntil is a handler that does not answer before c is closed.
func blockUntil(c chan struct{}) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-c })
}

// stallableConn is a connection over which nothing arrives any more once deaf is set.
type stallableConn struct {
	net.Conn
	deaf *atomic.Bool
}

func (c stallableConn) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if err != nil || !c.deaf.Load() {
			return n, err
		}
	}
}
