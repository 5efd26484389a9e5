package compression

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os/exec"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// Official clients that offer compression get along with a server that accepts it,
// and with one that does not.
func TestOfficialClients(t *testing.T) {
	for _, client := range []string{"ws", "socket.io-client"} {
		for mode, deflate := range map[string]*socketio.PerMessageDeflate{"on": {}, "off": nil} {
			t.Run(client+" "+mode, func(t *testing.T) {
				srv := socketio.NewServer(socketio.Options{PerMessageDeflate: deflate})
				srv.On("echo", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
					return s.Emit("echo", args)
				})
				srv.On("echo uncompressed", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
					return s.Compress(false).Emit("echo", args)
				})
				srv.On("to all", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
					return srv.Emit("echo", args)
				})
				web := httptest.NewServer(srv)
				defer web.Close()
				defer srv.Close()
				cmd := exec.CommandContext(t.Context(), "node", "client.mjs", client, web.URL, mode)
				var stderr bytes.Buffer
				cmd.Stderr = &stderr
				if err := cmd.Run(); err != nil {
					t.Fatalf("%v\n%s", err, stderr.Bytes())
				}
			})
		}
	}
}
