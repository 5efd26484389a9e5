package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-socketio/socketio/internal/deadline"
	"github.com/go-socketio/socketio/internal/tasks"
)

// Client is a connection to a server, which it opens when the first namespace is to
// be joined, opens again when it is lost, and closes when the last one is left.
//
// All methods may be called from any goroutine.
type Client struct {
	options   Options
	url       *url.URL
	http      *http.Client
	transport *http.Transport // of http, if it is ours; nil otherwise
	deadlines *deadline.Queue
	work      sync.WaitGroup // the loop, and the goroutines of sessions
	handlers  tasks.Group    // goroutines that run functions of the application
	statuses  statusFeed

	mu       sync.Mutex
	sockets  []*Socket
	running  bool // the loop, see run
	stop     context.CancelCauseFunc
	conn     *conn  // open; nil while there is none
	attempts uint64 // that are over: the number of the present one, or of the next
	closed   bool
	upgraded bool // the last connection worked over WebSocket
	full     int  // sockets whose inbox is full

	counts counts
}

// New returns a client for the server at the given URL, whose path is ignored:
// [Client.Of] names the namespaces. It does not connect. The error is a
// [*ConnectError].
func New(url string, options Options) (*Client, error) {
	c, _, err := newClient(url, options)
	return c, err
}

// Connect joins the namespace that is the path of the URL, "/" if there is none,
// and returns when it is joined. For example "https://example.com/chat" is the
// namespace "/chat"; where the server is mounted is [Options.Path].
//
// The error is a [*ConnectError], after which nothing is left to close. It is that of
// the first attempt, unless [Options.KeepTrying] is set. Once Connect has returned
// nil, the context does not matter any more: a connection that is lost is opened
// again until [Socket.Close].
func Connect(ctx context.Context, url string, options Options) (*Socket, error) {
	c, namespace, err := newClient(url, options)
	if err != nil {
		return nil, err
	}
	s := c.Of(namespace)
	if options.Setup != nil {
		options.Setup(s)
	}
	if err := s.Connect(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return s, nil
}

func newClient(url string, options Options) (*Client, string, error) {
	o := options.completed()
	for _, transport := range o.Transports {
		if transport != Polling && transport != WebSocket {
			err := fmt.Errorf("unknown transport %q", transport)
			return nil, "", &ConnectError{Step: StepOptions, Fault: FaultCaller, Err: err}
		}
	}
	u, namespace, err := parseURL(url, &o)
	if err != nil {
		return nil, "", &ConnectError{Step: StepOptions, Fault: FaultCaller, Err: err}
	}
	c := &Client{options: o, url: u, http: o.HTTPClient, deadlines: deadline.NewQueue()}
	c.statuses.client = c
	if c.http == nil {
		c.transport = ownTransport()
		c.http = &http.Client{Transport: c.transport}
	}
	return c, namespace, nil
}

func ownTransport() *http.Transport {
	if t, ok := http.DefaultTransport.(*http.Transport); ok {
		return t.Clone()
	}
	return &http.Transport{Proxy: http.ProxyFromEnvironment}
}

// Of returns the socket of a namespace, and makes it if there is none. It does not
// join it: [Socket.Connect] does. A leading slash may be left out, and "" means "/".
func (c *Client) Of(namespace string) *Socket {
	namespace = normalNamespace(namespace)
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.find(namespace); s != nil {
		return s
	}
	s := newSocket(c, namespace)
	c.sockets = append(c.sockets, s)
	return s
}

// find returns the socket of a namespace, or nil. The caller holds the lock.
func (c *Client) find(namespace string) *Socket {
	for _, s := range c.sockets {
		if s.namespace == namespace {
			return s
		}
	}
	return nil
}

func (c *Client) socket(namespace string) *Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.find(namespace)
}

func (c *Client) allSockets() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sockets)
}

// Close leaves all namespaces and closes the connection. It returns when what is
// queued has been sent, at most after [Options.CloseTimeout], and nothing of the client is
// left but handlers that are still running. A handler may call it. The error is always nil.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closed = true
	sockets := slices.Clone(c.sockets)
	c.mu.Unlock()
	for _, s := range sockets {
		s.leave(&DisconnectError{Reason: ReasonClientDisconnect, Err: ErrClosed})
	}
	c.work.Wait()
	c.deadlines.Close()
	c.closeIdleConnections()
	return nil
}

// closeIdleConnections closes what nobody polls over any more, if it is ours: each is a
// socket, two goroutines and their buffers.
func (c *Client) closeIdleConnections() {
	if c.transport != nil {
		c.transport.CloseIdleConnections()
	}
}

// Shutdown does what Close does, and returns when every handler has returned, or,
// with an error, when ctx ends before that. A handler must not call it.
func (c *Client) Shutdown(ctx context.Context) error {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		c.Close()
	}()
	select {
	case <-closed:
	case <-ctx.Done():
		c.abort()
		<-closed
	}
	if err := c.handlers.Wait(ctx); err != nil {
		return fmt.Errorf("socketio: handlers are still running: %w", err)
	}
	return nil
}

// Transport returns what carries the connection now, [Polling] or [WebSocket]; ""
// if there is none.
func (c *Client) Transport() string {
	if conn := c.present(); conn != nil {
		return conn.session.Transport()
	}
	return ""
}

func (c *Client) present() *conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn
}

// counts are what [Stats] reports.
type counts struct {
	connections atomic.Uint64
	dropped     atomic.Uint64
	lost        atomic.Uint64
	panics      atomic.Uint64
}

// Stats are counts for an operator, since the client was made.
type Stats struct {
	// Connections counts connections that were opened.
	Connections uint64
	// Dropped counts volatile events that were not sent.
	Dropped uint64
	// Lost counts events that were queued and then given up, without anybody who waited
	// for an answer: the namespace was left for good while they were queued, or they were
	// retried in vain.
	Lost uint64
	// Panics counts panics of the application's functions.
	Panics uint64
}

// Stats returns the counts.
func (c *Client) Stats() Stats {
	return Stats{
		Connections: c.counts.connections.Load(),
		Dropped:     c.counts.dropped.Load(),
		Lost:        c.counts.lost.Load(),
		Panics:      c.counts.panics.Load(),
	}
}
