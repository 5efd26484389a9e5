package memconn

import (
	"context"
	"net"
	"sync"
)

// Addr is the address of an end of a connection.
type Addr string

// Network returns "mem".
func (Addr) Network() string { return "mem" }

func (a Addr) String() string { return string(a) }

// Listener accepts connections that [Listener.Dial] makes. It is a net.Listener.
type Listener struct {
	size    int
	backlog chan *Conn
	once    sync.Once
	closed  chan struct{}
}

// Listen returns a listener whose connections buffer size bytes each way; zero
// means [DefaultBuffer].
func Listen(size int) *Listener {
	return &Listener{size: size, backlog: make(chan *Conn), closed: make(chan struct{})}
}

// Accept waits for the next Dial.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.backlog:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close makes Accept and Dial fail. Connections that were made stay open.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr returns the address that every connection comes from and goes to.
func (l *Listener) Addr() net.Addr { return Addr("memory") }

// Dial makes a connection, waiting until it is accepted.
func (l *Listener) Dial(ctx context.Context) (*Conn, error) {
	client, server := Pipe(l.size)
	server.remote, client.remote = Addr("192.0.2.1:1"), l.Addr()
	select {
	case l.backlog <- server:
		return client, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "mem", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: "mem", Err: ctx.Err()}
	}
}

// DialContext is Dial in the form that http.Transport wants; it ignores the address.
func (l *Listener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return l.Dial(ctx)
}
