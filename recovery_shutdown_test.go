package socketio_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
)

// A server that keeps the sessions itself cannot be come back to once it is closed. That
// is told: of those that are connected by Recoverable, of those that are away by OnLost.
func TestRecoveryEndsWithTheServer(t *testing.T) {
	for _, how := range []string{"Close", "Shutdown"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				lost := make(chan socketio.LostSession, 10)
				srv, _, left := withRecovery(socketio.Options{Recovery: &socketio.Recovery{
					OnLost: func(l socketio.LostSession) { lost <- l },
				}})
				h, stop := serveInMemory(t, srv, 0)
				away := h.recoverable("")
				away.conn.Close()
				if d := <-left; !d.Recoverable {
					t.Errorf("disconnect %+v", d)
				}
				h.recoverable("")
				if how == "Close" {
					srv.Close()
				}
				stop()
				if d := <-left; d.Reason != socketio.ReasonServerShutdown || d.Recoverable {
					t.Errorf("disconnect %+v", d)
				}
				synctest.Wait()
				if len(lost) != 1 {
					t.Fatalf("OnLost was called %d times", len(lost))
				}
				if l := <-lost; l.SocketID != away.sid || l.Reason != socketio.LostShutdown {
					t.Errorf("lost %+v", l)
				}
				time.Sleep(time.Hour)
				if len(lost) != 0 {
					t.Errorf("lost twice: %+v", <-lost)
				}
			})
		})
	}
}

// A client that is about to recover, and whose middleware runs while the server is
// closed, has been promised something too.
func TestRecoveryInMiddlewareEndsWithTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost := make(chan socketio.LostSession, 10)
		srv, _, left := withRecovery(socketio.Options{Recovery: &socketio.Recovery{
			RunMiddleware: true,
			OnLost:        func(l socketio.LostSession) { lost <- l },
		}})
		srv.Use(func(ctx context.Context, s *socketio.Socket) error {
			if s.Recovered() {
				<-ctx.Done()
			}
			return nil
		})
		h, stop := serveInMemory(t, srv, 0)
		r := h.recoverable("")
		r.conn.Close()
		<-left
		r.client = h.connect()
		r.send(r.ask())
		synctest.Wait()
		stop()
		if l := <-lost; l.SocketID != r.sid || l.Reason != socketio.LostShutdown {
			t.Errorf("lost %+v", l)
		}
	})
}
