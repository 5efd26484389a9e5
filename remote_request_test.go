package socketio

import (
	"context"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/internal/memconn"
)

// What a server has asked is forgotten everywhere when the clients have answered, or
// when nobody waits for them any more.
func TestRemoteRequestsEnd(t *testing.T) {
	const timeout = 10 * time.Second
	ends := map[string]func(asking *Server, cancel context.CancelFunc, client net.Conn){
		"answered": func(_ *Server, _ context.CancelFunc, client net.Conn) {
			wsutil.WriteClientText(client, []byte("431[]"))
		},
		"given up":        func(_ *Server, cancel context.CancelFunc, _ net.Conn) { cancel() },
		"timed out":       func(*Server, context.CancelFunc, net.Conn) { time.Sleep(2 * timeout) },
		"the server left": func(asking *Server, _ context.CancelFunc, _ net.Conn) { asking.Close() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bus := cluster.NewMemory()
				asking, asked := NewServer(Options{Bus: bus}), NewServer(Options{Bus: bus})
				defer asking.Close()
				defer asked.Close()
				s, client := connectInMemory(t, asked)
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				asking.To("nobody").EmitWithAck(ctx, "q")
				done := make(chan bool)
				go func() {
					asking.EmitWithAck(ctx, "q")
					close(done)
				}()
				synctest.Wait()
				waiting := func() (requests, acks int) {
					all := &asked.main.remoteRequests
					all.mu.Lock()
					defer all.mu.Unlock()
					s.mu.Lock()
					defer s.mu.Unlock()
					return len(all.byID), len(s.acks)
				}
				if requests, acks := waiting(); requests != 1 || acks != 1 {
					t.Fatalf("%d requests and %d acknowledgements are awaited", requests, acks)
				}
				end(asking, cancel, client)
				<-done
				synctest.Wait()
				if requests, acks := waiting(); requests != 0 || acks != 0 {
					t.Errorf("%d requests and %d acknowledgements are awaited still", requests, acks)
				}
			})
		})
	}
}

// connectInMemory returns the socket of a client that answers nothing by itself.
func connectInMemory(t *testing.T, srv *Server) (*Socket, net.Conn) {
	connected := make(chan *Socket, 1)
	srv.OnConnect(func(_ context.Context, s *Socket) { connected <- s })
	l := memconn.Listen(0)
	web := &http.Server{Handler: srv}
	go web.Serve(l)
	t.Cleanup(func() { web.Close() })
	d := ws.Dialer{NetDial: l.DialContext, Timeout: time.Second}
	conn, _, _, err := d.Dial(t.Context(), "ws://memory/socket.io/?EIO=4&transport=websocket")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := wsutil.WriteClientText(conn, []byte("40")); err != nil {
		t.Fatal(err)
	}
	return <-connected, conn
}
