package socketio_test

import (
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/packet"
)

// JSON that the application itself keeps is decoded too, with and without recovery.
func TestDataOfRawJSON(t *testing.T) {
	type profile struct{ Name string }
	for name, recovery := range map[string]*socketio.Recovery{"without recovery": nil, "with recovery": {}} {
		t.Run(name, func(t *testing.T) {
			srv := socketio.NewServer(socketio.Options{Logger: silent, Recovery: recovery})
			connected := sockets(srv.Of("/"))
			c := serve(t, srv).connect()
			c.join("/", "")
			s := await(t, connected, "the socket")
			s.SetData(packet.Raw{JSON: []byte(`{"Name":"x"}`)})
			if n, ok := socketio.DataOf[int](s); ok {
				t.Errorf("an object is the number %d", n)
			}
			for range 2 {
				if p, ok := socketio.DataOf[profile](s); !ok || p.Name != "x" {
					t.Errorf("%v, %v", p, ok)
				}
			}
		})
	}
}
