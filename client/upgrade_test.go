package client

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	socketio "github.com/go-socketio/socketio"
)

// TestFailedUpgradeIsSilent has something in the way that lets no WebSocket through, in
// every manner. The connection goes on over polling, and nobody is told.
func TestFailedUpgradeIsSilent(t *testing.T) {
	hijacked := func(after string) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			conn, _, err := rw.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			if after != "" {
				io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "+
					accept(r.Header.Get("Sec-WebSocket-Key"))+"\r\n\r\n"+after)
				io.Copy(io.Discard, conn)
			}
		}
	}
	for name, inTheWay := range map[string]http.HandlerFunc{
		"refuses":                nil,
		"resets":                 hijacked(""),
		"answers with an event":  hijacked("\x81\x06" + `42["x"`),
		"answers with binary":    hijacked("\x82\x063probe"),
		"closes":                 hijacked("\x88\x02\x03\xe8"),
		"breaks the protocol":    hijacked("\xff\xff"),
		"says nothing":           hijacked("\x89\x00"),
		"is no WebSocket at all": func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, "hello") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				srv := socketio.NewServer(socketio.Options{})
				defer srv.Shutdown(context.Background())
				srv.On("echo", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack(args) })
				w.serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					switch {
					case r.URL.Query().Get("transport") == Polling:
						srv.ServeHTTP(rw, r)
					case inTheWay == nil:
						rw.WriteHeader(http.StatusBadRequest)
					default:
						inTheWay(rw, r)
					}
				}))
				gone := make(chan Disconnect, 10)
				s := w.connect(Options{Setup: onDisconnect(gone)})
				for range 3 {
					time.Sleep(20 * time.Second) // longer than the upgrade may take
					if _, err := s.EmitWithAck(t.Context(), "echo"); err != nil {
						t.Error(err)
					}
				}
				if len(gone) > 0 || s.Client().Transport() != Polling || s.Client().Stats().Connections != 1 {
					t.Errorf("%d disconnections, %d connections, over %s", len(gone), s.Client().Stats().Connections, s.Client().Transport())
				}
				s.Client().Shutdown(t.Context())
			})
		})
	}
}
