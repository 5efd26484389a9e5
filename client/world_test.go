package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	socketio "github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/leak"
	"github.com/go-socketio/socketio/internal/memconn"
)

func TestMain(m *testing.M) { leak.Main(m) }

// world is a network in memory with one address, at which a server may listen.
type world struct {
	t    testing.TB
	http *http.Transport
	deaf atomic.Bool // the client's connections are half open: nothing arrives

	mu       sync.Mutex
	listener *memconn.Listener
	dialled  []time.Time
	serving  []func()
}

var errNobody = errors.New("nobody listens")

func newWorld(t testing.TB) *world {
	w := &world{t: t}
	w.http = &http.Transport{DialContext: w.dial}
	t.Cleanup(w.stop)
	return w
}

func (w *world) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	w.mu.Lock()
	l := w.listener
	w.dialled = append(w.dialled, time.Now())
	w.mu.Unlock()
	if l == nil {
		return nil, errNobody
	}
	c, err := l.Dial(ctx)
	if err != nil {
		return nil, err
	}
	return stallableConn{c, &w.deaf}, nil
}

// serve lets h answer at the address.
func (w *world) serve(h http.Handler) {
	l := memconn.Listen(0)
	srv := &http.Server{Handler: h}
	done := make(chan struct{})
	go func() { defer close(done); srv.Serve(l) }()
	w.mu.Lock()
	w.listener = l
	w.serving = append(w.serving, func() { srv.Close(); <-done })
	w.mu.Unlock()
}

// stop ends the server at the address.
func (w *world) stop() {
	w.mu.Lock()
	serving := w.serving
	w.serving, w.listener = nil, nil
	w.mu.Unlock()
	for _, stop := range serving {
		stop()
	}
	w.http.CloseIdleConnections()
}

// options are o with the way into this world.
func (w *world) options(o Options) Options {
	o.HTTPClient = &http.Client{Transport: w.http}
	return o
}

// connect connects a client that is closed when the test ends.
func (w *world) connect(o Options) *Socket {
	w.t.Helper()
	s, err := Connect(w.t.Context(), "http://memory/", w.options(o))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { s.Client().Shutdown(context.Background()) })
	return s
}

// server starts one of ours.
func (w *world) server(o socketio.Options) *socketio.Server {
	s := socketio.NewServer(o)
	w.serve(s)
	w.t.Cleanup(func() { s.Shutdown(context.Background()) })
	return s
}

// fake is a server that speaks Engine.IO, and above it only what a test says.
type fake struct {
	engine *engine.Server

	mu       sync.Mutex
	sessions []*engine.Session
	received []string
}

// fake starts a server that calls text for each text message of each session.
func (w *world) fake(o engine.Options, text func(f *fake, s *engine.Session, message string)) *fake {
	f := &fake{}
	o.Path = "/socket.io/"
	f.engine = engine.NewServer(o, func(s *engine.Session) engine.Receiver {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.sessions = append(f.sessions, s)
		return &fakeReceiver{f, s, text}
	})
	w.serve(f.engine)
	w.t.Cleanup(func() { f.engine.Shutdown(context.Background()) })
	return f
}

type fakeReceiver struct {
	f    *fake
	s    *engine.Session
	text func(f *fake, s *engine.Session, message string)
}

func (r *fakeReceiver) ReceiveText(data []byte) {
	r.f.mu.Lock()
	r.f.received = append(r.f.received, string(data))
	r.f.mu.Unlock()
	r.text(r.f, r.s, string(data))
}

func (r *fakeReceiver) ReceiveBinary([]byte)        {}
func (r *fakeReceiver) EndBatch()                   {}
func (r *fakeReceiver) Closed(engine.Reason, error) {}

// say sends a text message.
func say(s *engine.Session, text string) {
	s.Send(frame.Control(frame.Data, text), engine.SendOptions{})
}

// heard returns the text messages that have arrived.
func (f *fake) heard() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.received...)
}

// session returns the i-th session.
func (f *fake) session(i int) *engine.Session {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sessions[i]
}
