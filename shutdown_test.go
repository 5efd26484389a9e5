package socketio_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/memconn"
)

// An http.Server does not know of WebSockets; registered with it, Shutdown ends them
// as well as waiting polls.
func TestShutdownWithAnHTTPServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{Bus: cluster.NewMemory()})
		left := disconnects(srv.Of("/"))
		l := memconn.Listen(0)
		web := &http.Server{Handler: srv}
		ended := make(chan error, 1)
		web.RegisterOnShutdown(func() { ended <- srv.Shutdown(context.Background()) })
		served := make(chan error, 1)
		go func() { served <- web.Serve(l) }()
		h := &host{t, l.DialContext, "memory"}
		c := h.connect()
		c.join("/", "")
		p := h.poll()
		p.send("40")
		p.receive()
		polled := make(chan []string, 1)
		go func() { polled <- p.receive() }()
		synctest.Wait()

		if err := web.Shutdown(t.Context()); err != nil {
			t.Errorf("http.Server.Shutdown: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		c.expectClosed()
		<-polled
		for range 2 {
			if d := <-left; d.Reason != socketio.ReasonServerShutdown {
				t.Errorf("reason %q", d.Reason)
			}
		}
		if err := <-served; err != http.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
		// A second time does nothing, and a namespace can still be named.
		if err := srv.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if err := srv.Of("/late").Emit("nobody"); err != nil {
			t.Error(err)
		}
		p.http.CloseIdleConnections()
	})
}

// stuckBus is a bus that answers nothing any more.
type stuckBus struct {
	*cluster.Memory
	free chan struct{} // closed when nodes can leave
}

func newStuckBus() stuckBus { return stuckBus{cluster.NewMemory(), make(chan struct{})} }

func (b stuckBus) Join(namespace string, r cluster.Receiver) (cluster.Member, error) {
	m, err := b.Memory.Join(namespace, r)
	return stuckMember{m, b.free}, err
}

type stuckMember struct {
	cluster.Member
	free chan struct{}
}

func (m stuckMember) Close() error {
	<-m.free
	return m.Member.Close()
}

func (m stuckMember) Publish(ctx context.Context, _ *cluster.Message) (string, error) {
	<-ctx.Done()
	return "", context.Cause(ctx)
}

func (m stuckMember) Respond(ctx context.Context, _ string, _ *cluster.Message) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

func TestShutdownDoesNotWaitForTheBusForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := newStuckBus()
		srv := socketio.NewServer(socketio.Options{Bus: bus})
		emitted := make(chan error, 1)
		go func() { emitted <- srv.Emit("stuck") }()
		synctest.Wait()
		ctx, cancel := context.WithTimeoutCause(t.Context(), patience, errBus)
		defer cancel()
		if err := srv.Shutdown(ctx); !errors.Is(err, errBus) {
			t.Errorf("Shutdown = %v", err)
		}
		if err := <-emitted; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Emit = %v", err)
		}
		close(bus.free)
	})
}

// telling emits when a connection ends, in the goroutine of the connection.
type telling struct{ srv *socketio.Server }

func (t *telling) ConnectionOpened(*engine.Session) {}

func (t *telling) ConnectionClosed(*engine.Session, socketio.Reason, error) { t.srv.Emit("closed") }

// Close has no context, but it waits for the bus no longer than it says.
func TestCloseDoesNotWaitForTheBusForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := newStuckBus()
		hooks := new(telling)
		srv := socketio.NewServer(socketio.Options{Bus: bus, Hooks: hooks})
		hooks.srv = srv
		h, stop := serveInMemory(t, srv, 0)
		h.connect().join("/", "")
		begin := time.Now()
		if err := srv.Close(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close = %v", err)
		}
		if d := time.Since(begin); d != 5*time.Second {
			t.Errorf("it took %v", d)
		}
		close(bus.free)
		stop()
	})
}

// An answer that another server waits for is passed on in the goroutine of the client's
// connection.
func TestAnswersForOtherServersDoNotStopClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := newStuckBus()
		close(bus.free)
		srv := socketio.NewServer(socketio.Options{Bus: bus, Logger: silent})
		other := socketio.NewServer(socketio.Options{Bus: bus.Memory})
		echo(srv)
		h, stop := serveInMemory(t, srv, 0)
		c := h.connect()
		c.join("/", "")
		asked := make(chan error, 1)
		go func() {
			_, err := other.EmitWithAck(t.Context(), "question")
			asked <- err
		}()
		c.expect(`420["question"]`)
		c.send(`430[]`, `42["echo"]`)
		c.expect(`42["echo"]`)
		stop()
		if err := <-asked; err != nil {
			t.Errorf("EmitWithAck = %v", err)
		}
		other.Close()
	})
}

// A server that is alone has no cluster to leave, however little time it is given.
func TestShutdownWithoutTime(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		if err := socketio.NewServer(socketio.Options{}).Shutdown(ctx); err != nil {
			t.Fatal(err)
		}
	}
}
