package socketio_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
)

// faultyBus is a bus of the application that panics in one of its methods.
type faultyBus struct {
	*cluster.Memory
	where string
}

func (b *faultyBus) check(where string) {
	if b.where == where {
		panic("in " + where)
	}
}

func (b *faultyBus) Join(namespace string, r cluster.Receiver) (cluster.Member, error) {
	b.check("Join")
	m, err := b.Memory.Join(namespace, r)
	return &faultyMember{Member: m, SessionStore: m.(cluster.SessionStore), bus: b}, err
}

type faultyMember struct {
	cluster.Member
	cluster.SessionStore
	bus    *faultyBus
	closed atomic.Bool
}

func (m *faultyMember) Publish(ctx context.Context, msg *cluster.Message) (string, error) {
	m.bus.check("Publish")
	return m.Member.Publish(ctx, msg)
}

func (m *faultyMember) Respond(ctx context.Context, node string, msg *cluster.Message) error {
	m.bus.check("Respond")
	return m.Member.Respond(ctx, node, msg)
}

func (m *faultyMember) Nodes() []string {
	m.bus.check("Nodes")
	return m.Member.Nodes()
}

func (m *faultyMember) Close() error {
	if !m.closed.Swap(true) {
		defer m.bus.check("Close")
	}
	return m.Member.Close()
}

func (m *faultyMember) Retain(r cluster.Retention) {
	m.SessionStore.Retain(r)
	m.bus.check("Retain")
}

func (m *faultyMember) Start() string {
	m.bus.check("Start")
	return m.SessionStore.Start()
}

func (m *faultyMember) PublishLogged(ctx context.Context, msg *cluster.Message, deliver func(string)) error {
	m.bus.check("PublishLogged")
	defer m.bus.check("PublishLogged, having delivered")
	return m.SessionStore.PublishLogged(ctx, msg, deliver)
}

func (m *faultyMember) Since(ctx context.Context, offset string) ([]cluster.Logged, error) {
	m.bus.check("Since")
	return m.SessionStore.Since(ctx, offset)
}

func (m *faultyMember) Compare(a, b string) (int, bool) {
	m.bus.check("Compare")
	return m.SessionStore.Compare(a, b)
}

func (m *faultyMember) Save(ctx context.Context, s *cluster.Session) error {
	m.bus.check("Save")
	return m.SessionStore.Save(ctx, s)
}

func (m *faultyMember) Restore(ctx context.Context, id string) (*cluster.Session, error) {
	m.bus.check("Restore")
	return m.SessionStore.Restore(ctx, id)
}

// A bus of the application that panics is a bus that fails, in whatever goroutine it is
// called: the clients of the server are served.
func TestBusThatPanics(t *testing.T) {
	for _, where := range []string{
		"Join", "Publish", "Respond", "Nodes", "Close",
		"Retain", "Start", "PublishLogged", "PublishLogged, having delivered", "Since", "Compare", "Save", "Restore",
	} {
		t.Run(where, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				memory, log := cluster.NewMemory(), newLogged()
				start := func(bus cluster.Bus, logger *slog.Logger) *socketio.Server {
					srv := socketio.NewServer(socketio.Options{Bus: bus, Logger: logger, Recovery: &socketio.Recovery{}, PingInterval: time.Hour})
					echo(srv)
					srv.OnServer("question", func(_ context.Context, args socketio.Args) error { return args.Ack() })
					srv.OfFunc(func(context.Context, string, socketio.Args) (bool, error) { return true, nil })
					return srv
				}
				faulty, other := start(&faultyBus{memory, where}, log.logger()), start(memory, silent)
				h, stop := serveInMemory(t, faulty, 0)
				c := h.connectListening()
				c.send("40")
				granted := c.heard()
				useBus(t, c, faulty, other)
				c.send("40/dynamic,")
				if heard := c.heard(); len(heard) != 1 || !strings.HasPrefix(heard[0], `40/dynamic,{"sid":`) {
					t.Errorf("joining: %q", heard)
				}
				c.conn.Close()
				synctest.Wait()

				back := h.connectListening()
				back.send("40" + strings.TrimSuffix(strings.TrimPrefix(granted[0], "40"), "}") + `,"offset":"` + c.offset + `"}`)
				if heard := back.heard(); len(heard) == 0 || !strings.HasPrefix(heard[len(heard)-1], `40{"sid":`) {
					t.Errorf("coming back: %q", heard)
				}
				back.send(`421["echo","still here"]`)
				if heard := back.heard(); !slices.Equal(heard, []string{`431["still here"]`}) {
					t.Errorf("echo: %q", heard)
				}
				back.conn.Close()
				if err := other.Shutdown(t.Context()); err != nil {
					t.Errorf("Shutdown = %v", err)
				}
				if err := faulty.Close(); errors.As(err, new(*socketio.PanicError)) != (where == "Close") {
					t.Errorf("Close = %v", err)
				}
				stop()
				if faulty.Stats().Panics == 0 {
					t.Error("no panic counted")
				}
				if !slices.ContainsFunc(log.take(), func(r slog.Record) bool { return attrs(r)["event"] == "Options.Bus" }) {
					t.Error("no panic logged")
				}
			})
		})
	}
}

// useBus has both servers do what takes the bus. It may fail, but it returns, and the client
// of the first gets each event once.
func useBus(t *testing.T, c *listeningClient, faulty, other *socketio.Server) {
	t.Helper()
	mayFail := func(what string, err error) {
		t.Helper()
		if err != nil && !errors.As(err, new(*socketio.PanicError)) && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s = %v", what, err)
		}
	}
	mayFail("Emit", faulty.Emit("hello"))
	if heard := c.heard(); len(heard) != 1 || !strings.HasPrefix(heard[0], `42["hello"`) {
		t.Errorf("the client heard %q", heard)
	}
	mayFail("Join", faulty.All().Join("room"))
	for _, srv := range []*socketio.Server{faulty, other} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := srv.FetchSockets(ctx)
		mayFail("FetchSockets", err)
		mayFail("OtherServers.Emit", srv.OtherServers().Emit("question"))
		_, err = srv.OtherServers().EmitWithAck(ctx, "question")
		mayFail("OtherServers.EmitWithAck", err)
		_, err = srv.EmitWithAck(ctx, "answer me")
		mayFail("EmitWithAck", err)
		cancel()
	}
	c.heard()
}

// listeningClient is a client that reads all the time, and answers.
type listeningClient struct {
	*client
	messages chan string
	offset   string // of the last event
}

func (h *host) connectListening() *listeningClient {
	c := &listeningClient{client: h.connect(), messages: make(chan string, 100)}
	go func() {
		for {
			data, _, err := c.read()
			if err != nil {
				return
			}
			if id, ok := strings.CutSuffix(strings.TrimPrefix(string(data), "42"), `["answer me"]`); ok {
				c.send("43" + id + "[]")
				continue
			}
			c.messages <- string(data)
		}
	}()
	return c
}

// heard returns what has come since the last call.
func (c *listeningClient) heard() (heard []string) {
	time.Sleep(10 * time.Millisecond) // what is held for a moment is sent
	synctest.Wait()
	for len(c.messages) > 0 {
		m := <-c.messages
		if i := strings.LastIndex(m, `,"`); i >= 0 && strings.HasPrefix(m, "42[") {
			c.offset = strings.TrimSuffix(m[i+2:], `"]`)
		}
		heard = append(heard, m)
	}
	return heard
}
