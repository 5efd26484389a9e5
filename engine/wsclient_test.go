package engine

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gobwas/ws"
)

// wsClient is a WebSocket client that can also send what no client should.
type wsClient struct {
	t        *testing.T
	conn     net.Conn
	br       *bufio.Reader
	response *http.Response
}

const wsHeaders = "Host: engine.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

// tryWS asks for a WebSocket and returns the answer, whatever it is. early is
// sent together with the request.
func (h *host) tryWS(query, headers, early string) *wsClient {
	h.t.Helper()
	conn, err := h.dial()
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	target := strings.TrimPrefix(h.url(query), h.scheme+"://engine.test")
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\n%s%s\r\n%s", target, wsHeaders, headers, early)
	c := &wsClient{t: h.t, conn: conn, br: bufio.NewReader(conn)}
	if c.response, err = http.ReadResponse(c.br, nil); err != nil {
		h.t.Fatalf("the WebSocket handshake was answered with %v", err)
	}
	return c
}

// dialWS opens a WebSocket.
func (h *host) dialWS(query string, early ...[]byte) *wsClient {
	h.t.Helper()
	c := h.tryWS(query, "", string(bytes.Join(early, nil)))
	if c.response.StatusCode != http.StatusSwitchingProtocols {
		h.t.Fatalf("the WebSocket handshake was answered with %s", c.response.Status)
	}
	return c
}

// connect opens a session over WebSocket and takes its handshake.
func (h *host) connect() (*wsClient, *endpoint) {
	h.t.Helper()
	c := h.dialWS("transport=websocket")
	if op, p := c.frame(); op != ws.OpText || !strings.HasPrefix(p, `0{"sid":"`) || !strings.Contains(p, `"upgrades":[]`) {
		h.t.Fatalf("the handshake was %v %q", op, p)
	}
	return c, h.settled(h.session())
}

// encode returns a whole frame as a client sends it.
func encode(op ws.OpCode, payload string) []byte { return encodeFrame(true, op, payload) }

func encodeFrame(fin bool, op ws.OpCode, payload string) []byte {
	f := ws.MaskFrameWith(ws.NewFrame(op, fin, []byte(payload)), [4]byte{1, 2, 3, 4})
	return slices.Clone(ws.MustCompileFrame(f))
}

func textFrame(payload string) []byte { return encode(ws.OpText, payload) }

func (c *wsClient) send(frames ...[]byte) {
	c.t.Helper()
	if _, err := c.conn.Write(bytes.Join(frames, nil)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *wsClient) text(payload string) {
	c.t.Helper()
	c.send(textFrame(payload))
}

// frame returns the next frame.
func (c *wsClient) frame() (ws.OpCode, string) {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(failsafe))
	header, err := ws.ReadHeader(c.br)
	if err != nil {
		c.t.Fatalf("reading a frame: %v", err)
	}
	if header.Masked || !header.Fin || header.Rsv != 0 || header.Length > 16<<20 {
		c.t.Fatalf("the server sent a frame like %+v", header)
	}
	payload := make([]byte, header.Length)
	if _, err := io.ReadFull(c.br, payload); err != nil {
		c.t.Fatalf("reading a frame: %v", err)
	}
	return header.OpCode, string(payload)
}

// expect takes the next frames, which must be these text messages.
func (c *wsClient) expect(want ...string) {
	c.t.Helper()
	for _, w := range want {
		if op, p := c.frame(); op != ws.OpText || p != w {
			c.t.Fatalf("received %v %q, want text %q", op, p, w)
		}
	}
}

// expectClose takes a close frame with the given status, 0 for none, and then
// the end of the connection once it is closed on this side.
func (c *wsClient) expectClose(status ws.StatusCode) {
	c.t.Helper()
	op, p := c.frame()
	code, _ := ws.ParseCloseFrameData([]byte(p))
	if op != ws.OpClose || code != status {
		c.t.Fatalf("received %v %q (status %d), want a close frame with status %d", op, p, code, status)
	}
	c.send(encode(ws.OpClose, ""))
	c.expectEnd()
}

// expectEnd waits until the server has closed the connection in order.
func (c *wsClient) expectEnd() {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(failsafe))
	if rest, err := io.ReadAll(c.br); err != nil || len(rest) > 0 {
		c.t.Fatalf("the connection ended with %q, %v, want nothing more", rest, err)
	}
}

// expectCut waits until the server has closed the connection, in order or not.
func (c *wsClient) expectCut() {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(failsafe))
	if _, err := io.Copy(io.Discard, c.br); err != nil && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, net.ErrClosed) {
		c.t.Fatalf("the connection was not closed: %v", err)
	}
}

// closeWrite sends a FIN.
func (c *wsClient) closeWrite() {
	c.t.Helper()
	if err := c.conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		c.t.Fatal(err)
	}
}

// upgrade takes a polling session over to a WebSocket as a good client does.
func (h *host) upgrade(e *endpoint) *wsClient {
	h.t.Helper()
	c := h.dialWS(fmt.Sprintf("transport=websocket&EIO=%d&sid=%s", e.Protocol(), e.ID()))
	c.text("2probe")
	c.expect("3probe")
	c.text("5")
	h.until(e, "the WebSocket takes over", func(m *machine) bool { return m.carrier == onWebSocket })
	return c
}

// expectEndOrClose takes the answer to a close frame.
func (c *wsClient) expectEndOrClose() {
	c.t.Helper()
	if op, _ := c.frame(); op != ws.OpClose {
		c.t.Errorf("received %v, want the end", op)
	}
}
