package socketio_test

import (
	"context"
	"errors"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
)

// When a server leaves the cluster, or a namespace that clients have made is removed, the
// answers of others cannot arrive any more: whoever waits for them is told.
func TestAnswersThatCannotArriveAnyMore(t *testing.T) {
	ends := map[string]func(asking *socketio.Server, local *client){
		"closed":    func(asking *socketio.Server, _ *client) { asking.Close() },
		"shut down": func(asking *socketio.Server, _ *client) { asking.Shutdown(context.Background()) },
		"removed":   func(_ *socketio.Server, local *client) { local.send("41/x,") },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bus := cluster.NewMemory()
				asking, local, stop := newTenant(t, bus, "here")
				defer stop()
				asked, remote, stopAsked := newTenant(t, bus, "there")
				defer stopAsked()
				busy := make(chan bool)
				defer close(busy)
				dynamic(asked).OnServer("q", func(context.Context, socketio.Args) error { <-busy; return nil })
				ns := dynamic(asking)
				errs := make(chan error, 2)
				go func() {
					_, err := ns.To("there").EmitWithAck(context.Background(), "q")
					errs <- err
				}()
				go func() {
					ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
					defer cancel()
					_, err := ns.OtherServers().EmitWithAck(ctx, "q")
					errs <- err
				}()
				remote.expect(`42/x,0["q"]`)
				synctest.Wait()
				end(asking, local)
				start := time.Now()
				for range 2 {
					if err := <-errs; !errors.Is(err, cluster.ErrLeft) || time.Since(start) > 0 {
						t.Errorf("EmitWithAck = %v after %v", err, time.Since(start))
					}
				}
			})
		})
	}
}

// newTenant returns a server with a client in a room of the dynamic namespace /x.
func newTenant(t *testing.T, bus cluster.Bus, room string) (srv *socketio.Server, c *client, stop func()) {
	srv = socketio.NewServer(socketio.Options{Bus: bus, RemoveEmptyNamespaces: true, Logger: silent})
	srv.OfPattern(regexp.MustCompile(`^/x$`)).Use(func(_ context.Context, s *socketio.Socket) error { return s.Join(room) })
	h, stop := serveInMemory(t, srv, 0)
	c = h.connect()
	c.join("/x", "")
	return srv, c, stop
}

// dynamic returns the namespace that is not the main one.
func dynamic(srv *socketio.Server) *socketio.Namespace {
	for _, ns := range srv.Namespaces() {
		if ns.Name() != "/" {
			return ns
		}
	}
	return nil
}
