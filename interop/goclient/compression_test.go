package goclient

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	socketio "github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/engine"
)

// weighed counts what passes over a connection.
type weighed struct {
	net.Conn
	sent, received *atomic.Int64
}

func (c weighed) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.received.Add(int64(n))
	return n, err
}

func (c weighed) Write(p []byte) (int, error) {
	c.sent.Add(int64(len(p)))
	return c.Conn.Write(p)
}

// TestCompression has messages compressed in both directions if the server agrees, and
// in none if it does not.
func TestCompression(t *testing.T) {
	text := strings.Repeat("żółć that repeats itself. ", 10_000)
	for name, server := range map[string]struct {
		url    string
		agrees bool
	}{
		"official server":              {start(t, "server.mjs", map[string]any{"perMessageDeflate": true}).URL, true},
		"official server with windows": {start(t, "server.mjs", map[string]any{"perMessageDeflate": map[string]any{"serverMaxWindowBits": 10, "threshold": 10}}).URL, true},
		"official server, default":     {start(t, "server.mjs", nil).URL, false},
		"our server":                   {"http://" + startGo(t, socketio.Options{PerMessageDeflate: &engine.PerMessageDeflate{}}, "127.0.0.1:0").addr, true},
	} {
		for _, transports := range [][]string{{"websocket"}, {"polling", "websocket"}} {
			t.Run(name+"/"+strings.Join(transports, "+"), func(t *testing.T) {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				defer cancel()
				var sent, received atomic.Int64
				transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := new(net.Dialer).DialContext(ctx, network, addr)
					return weighed{conn, &sent, &received}, err
				}}
				defer transport.CloseIdleConnections()
				e := &env{t, ctx, server.url, transports, nil}
				s := e.connect("/", client.Options{HTTPClient: &http.Client{Transport: transport}})
				for s.Client().Transport() != client.WebSocket {
					s.ask("echo")
				}
				sent.Store(0)
				received.Store(0)
				for range 3 {
					if got := s.ask("echo", text, []byte(text)); got[0] != text || len(got[1].(string)) != len("bytes:")+2*len(text) {
						t.Errorf("%.60q came back", got)
					}
				}
				small := int64(len(text))
				if up, down := sent.Load() < small, received.Load() < small; up != server.agrees || down != server.agrees {
					t.Errorf("%d bytes sent, %d received", sent.Load(), received.Load())
				}
			})
		}
	}
}
