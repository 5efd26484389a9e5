package engine

import (
	"net"
	"testing"
	"time"

	"github.com/gobwas/ws"
)

// TestPeerAnswersTheCloseFrameDuringItsWrite: the connection is closed at once, and not
// after the time that a peer has which does not answer.
func TestPeerAnswersTheCloseFrameDuringItsWrite(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, func(t *testing.T) (net.Listener, func() (net.Conn, error)) {
			l, dial := memory(t)
			return slowGoodbyes{l}, dial
		})
		c, e := h.connect()
		start := time.Now()
		e.Close(ReasonForcedClose)
		c.frame() // the close frame
		c.send(encode(ws.OpClose, ""))
		e.expect("closed forced close")
		c.conn.Read(make([]byte, 1)) // the connection's end
		if d := since(start); d > 10*time.Millisecond {
			t.Errorf("the connection was closed after %v", d)
		}
	})
}

// slowGoodbyes accepts connections on which the write of a close frame returns only when
// the peer has had time to answer.
type slowGoodbyes struct{ net.Listener }

type slowGoodbye struct{ net.Conn }

func (l slowGoodbyes) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return slowGoodbye{c}, nil
}

func (c slowGoodbye) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if len(p) > 0 && p[0] == 0x88 {
		time.Sleep(time.Millisecond)
	}
	return n, err
}
