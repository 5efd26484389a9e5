package socketio_test

import (
	"context"
	"errors"
	"regexp"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
)

// A client that gives up while a server is still fetching what it has missed loses
// nothing: its session goes back to the bus.
func TestClientThatLeavesWhileAServerCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, bus, stop := newLaggingNodes(t)
		defer stop()
		r := a.recoverable("")
		<-a.connected
		bus.lag.Store(1)
		a.srv.Emit("e")
		r.drop(a.left)
		r.client = b.connect()
		r.send(r.ask())
		synctest.Wait() // b waits for the event
		r.conn.Close()
		synctest.Wait()
		bus.proceed <- true
		synctest.Wait()
		r.host = b.host
		if missed, recovered := r.comeBack(); !recovered || len(missed) != 1 {
			t.Errorf("recovered: %v, missed %q", recovered, missed)
		}
	})
}

// Nor does one that gives up while the bus is giving the session out. The namespace
// stays until the session is saved again, since a bus may take none of a server that
// has left.
func TestClientThatLeavesWhileItsSessionIsRestored(t *testing.T) {
	for name, middleware := range map[string]bool{"before middleware": false, "in middleware": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bus := &slowStore{Memory: cluster.NewMemory()}
				srv := socketio.NewServer(socketio.Options{
					Bus: bus, RemoveEmptyNamespaces: true, Logger: silent,
					Recovery: &socketio.Recovery{RunMiddleware: true},
				})
				parent := srv.OfPattern(regexp.MustCompile(`^/x$`))
				var waits atomic.Bool
				parent.Use(func(ctx context.Context, _ *socketio.Socket) error {
					if waits.Load() {
						<-ctx.Done()
					}
					return ctx.Err()
				})
				h, stop := serveInMemory(t, srv, 0)
				defer stop()
				r := h.recoverable("/x,")
				r.conn.Close()
				time.Sleep(time.Minute) // it is saved, and the namespace gone
				waits.Store(middleware)
				r.client = h.connect()
				r.send(r.ask())
				if middleware {
					time.Sleep(2 * storeDelay)
				}
				synctest.Wait()
				r.conn.Close()
				time.Sleep(time.Minute)
				waits.Store(false)
				if _, recovered := r.comeBack(); !recovered {
					t.Error("not recovered")
				}
			})
		})
	}
}

// slowStore takes its time for what it does with sessions, and does nothing for a node
// that has left, like one that is reached over a network.
type slowStore struct{ *cluster.Memory }

const storeDelay = time.Second

func (b *slowStore) Join(namespace string, r cluster.Receiver) (cluster.Member, error) {
	m, err := b.Memory.Join(namespace, r)
	return &slowMember{Member: m, SessionStore: m.(cluster.SessionStore)}, err
}

type slowMember struct {
	cluster.Member
	cluster.SessionStore
	closed atomic.Bool
}

func (m *slowMember) Close() error {
	m.closed.Store(true)
	return m.Member.Close()
}

func (m *slowMember) Save(ctx context.Context, s *cluster.Session) error {
	time.Sleep(storeDelay)
	if m.closed.Load() {
		return errors.New("closed")
	}
	return m.SessionStore.Save(ctx, s)
}

// Restore forgets the session, and then the answer is on its way.
func (m *slowMember) Restore(ctx context.Context, id string) (*cluster.Session, error) {
	s, err := m.SessionStore.Restore(ctx, id)
	select {
	case <-time.After(storeDelay):
		return s, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
