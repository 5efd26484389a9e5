package goclient

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/client"
)

// TestServerOfSocketIO2 connects to a server that speaks older protocols: the error says
// whose fault that is, and what can be done.
func TestServerOfSocketIO2(t *testing.T) {
	server := start(t, "server2.mjs", nil)
	for _, transports := range [][]string{{"polling"}, {"websocket"}, {"polling", "websocket"}} {
		for _, namespace := range []string{"/", "/other"} {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			_, err := client.Connect(ctx, server.URL+namespace, client.Options{Transports: transports})
			cancel()
			var failure *client.ConnectError
			if !errors.As(err, &failure) || failure.Fault != client.FaultServer || !errors.Is(err, client.ErrProtocolVersion) ||
				!strings.Contains(err.Error(), "Socket.IO 2") {
				t.Errorf("%v, %s: %v", transports, namespace, err)
			}
			t.Log(err)
		}
	}
}
