package socketio_test

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gobwas/ws"
)

// wire is the client's end of a connection on which neither sending nor receiving
// allocates anything: what a test counts is the server's.
type wire struct {
	t    testing.TB
	conn *net.TCPConn
	buf  []byte
}

// newWire goes on with a connection from which everything has been read that came.
func newWire(t testing.TB, conn net.Conn) *wire {
	w := &wire{t: t, buf: make([]byte, 20<<10)}
	w.use(conn.(*net.TCPConn))
	return w
}

func (w *wire) use(conn *net.TCPConn) {
	w.conn = conn
	conn.SetDeadline(time.Now().Add(10 * patience)) // once, for all that is sent and received
}

func (w *wire) dial(addr *net.TCPAddr) {
	conn, err := net.DialTCP("tcp", nil, addr)
	if err != nil {
		w.t.Fatal(err)
	}
	w.use(conn)
}

// dialWire opens a connection of which nothing is used yet.
func (h *host) dialWire() *wire {
	w := &wire{t: h.t, buf: make([]byte, 20<<10)}
	w.dial(h.tcpAddr())
	h.t.Cleanup(func() { w.conn.Close() })
	return w
}

func (h *host) tcpAddr() *net.TCPAddr {
	addr, err := net.ResolveTCPAddr("tcp", h.addr)
	if err != nil {
		h.t.Fatal(err)
	}
	return addr
}

func (w *wire) write(p []byte) {
	if _, err := w.conn.Write(p); err != nil {
		w.t.Fatal(err)
	}
}

// expect reads as much as is wanted and compares it.
func (w *wire) expect(want []byte) {
	got := w.buf[:len(want)]
	if n, err := io.ReadFull(w.conn, got); err != nil || !bytes.Equal(got, want) {
		w.t.Fatalf("received %q, %v; want %q", got[:n], err, want)
	}
}

// readTo reads up to where what has come ends as given.
func (w *wire) readTo(end []byte) {
	for n := 0; !bytes.HasSuffix(w.buf[:n], end); {
		more, err := w.conn.Read(w.buf[n:])
		if err != nil {
			w.t.Fatalf("received %q, %v; want something that ends with %q", w.buf[:n], err, end)
		}
		n += more
	}
}

// join opens a WebSocket as a browser does, and joins the main namespace.
func (w *wire) join(upgrade []byte) {
	w.write(upgrade)
	w.readTo(openEnd)
	w.write(joinFrame)
	w.readTo(joinedEnd)
}

var (
	openEnd   = []byte(`"maxPayload":1000000}`)
	joinFrame = fromClient(textFrame("40"))
	joinedEnd = []byte(`"}`)
)

// browserHeader is what a browser sends with each request, with the cookie of a session.
const browserHeader = "Pragma: no-cache\r\n" +
	"Cache-Control: no-cache\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n" +
	"Origin: https://chat.example.com\r\n" +
	"Accept-Language: en-GB,en-US;q=0.9,en;q=0.8\r\n" +
	"Cookie: session=eyJ1c2VyIjoxMDI0LCJyb2xlIjoibWVtYmVyIn0.aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789; theme=dark; lang=en\r\n"

// upgradeRequest asks for a WebSocket.
func upgradeRequest(host string) []byte {
	return []byte("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: " + host + "\r\n" +
		"Connection: Upgrade\r\nUpgrade: websocket\r\n" + browserHeader +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
		"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n")
}

func textFrame(message string) ws.Frame { return ws.NewTextFrame([]byte(message)) }

// fromServer returns frames as a server sends them.
func fromServer(frames ...ws.Frame) (wire []byte) {
	for _, f := range frames {
		wire = append(wire, ws.MustCompileFrame(f)...)
	}
	return wire
}

// fromClient returns frames as a client sends them: masked.
func fromClient(frames ...ws.Frame) (wire []byte) {
	for _, f := range frames {
		wire = append(wire, ws.MustCompileFrame(ws.MaskFrame(f))...)
	}
	return wire
}
