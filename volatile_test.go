package socketio_test

import (
	"testing"

	"github.com/go-socketio/socketio"
)

// A volatile event with attachments is dropped whole or sent whole.
func TestVolatileBinary(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	p := h.poll()
	p.send("40")
	s := await(t, connected, "the socket")
	p.receive()
	srv.Volatile().Emit("lost", []byte{1}, []byte{2})
	s.Volatile().Emit("lost", []byte{1}, []byte{2})
	s.Emit("kept", []byte{3})
	if got := p.receive(); len(got) != 2 || got[0] != `451-["kept",{"_placeholder":true,"num":0}]` || got[1] != "bAw==" {
		t.Errorf("received %q", got)
	}
	c := h.connect()
	c.join("/", "")
	ws := await(t, connected, "the socket")
	if err := ws.Volatile().Emit("sent", []byte{1}, []byte{2}); err != nil {
		t.Errorf("Emit over a WebSocket that is free: %v", err)
	}
	c.expect(`452-["sent",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`)
	if a, b := c.receiveBinary(), c.receiveBinary(); a[0] != 1 || b[0] != 2 {
		t.Errorf("attachments %v %v", a, b)
	}
}
