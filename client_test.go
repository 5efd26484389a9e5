package socketio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/internal/leak"
	"github.com/go-socketio/socketio/internal/memconn"
)

func TestMain(m *testing.M) { leak.Main(m) }

// patience bounds every wait of a test for something that must happen.
const patience = 10 * time.Second

// host is a server that raw clients connect to.
type host struct {
	t    testing.TB
	dial func(ctx context.Context, network, addr string) (net.Conn, error)
	addr string
}

// serve runs srv on a loopback port until the end of the test. change may adjust the
// HTTP server before it starts.
func serve(t testing.TB, srv *socketio.Server, change ...func(*httptest.Server)) *host {
	t.Helper()
	web := httptest.NewUnstartedServer(srv)
	for _, f := range change {
		f(web)
	}
	web.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		web.Close()
	})
	var d net.Dialer
	return &host{t, d.DialContext, web.Listener.Addr().String()}
}

// serveInMemory runs srv on connections in memory, for tests in virtual time. The
// function it returns ends that, and must be called inside of the bubble. Connections
// buffer so many bytes each way; 0 means plenty.
func serveInMemory(t testing.TB, srv *socketio.Server, buffer int) (h *host, stop func()) {
	t.Helper()
	l := memconn.Listen(buffer)
	web := &http.Server{Handler: srv}
	served := make(chan error)
	go func() { served <- web.Serve(l) }()
	return &host{t, l.DialContext, "memory"}, func() {
		if err := srv.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		web.Close()
		<-served
	}
}

// client is a WebSocket connection that speaks nothing but bytes. Its methods end
// the test when something is not as expected.
type client struct {
	t    testing.TB
	conn net.Conn
	rw   io.ReadWriter
}

// connect opens a WebSocket and takes the Engine.IO handshake.
func (h *host) connect() *client {
	h.t.Helper()
	return h.connectWith("", nil)
}

func (h *host) connectWith(query string, header http.Header) *client {
	h.t.Helper()
	c := h.dialWebSocket(query, header)
	if open := c.receive(); !strings.HasPrefix(open, "0{") {
		h.t.Fatalf("handshake: %q", open)
	}
	return c
}

// upgrade opens a WebSocket for the session of p, up to where it is to take over:
// then send "5".
func (h *host) upgrade(p *poller) *client {
	h.t.Helper()
	_, sid, _ := strings.Cut(p.url, "&sid=")
	c := h.dialWebSocket("&sid="+sid, nil)
	c.send("2probe")
	c.expect("3probe")
	return c
}

func (h *host) dialWebSocket(query string, header http.Header) *client {
	h.t.Helper()
	d := ws.Dialer{NetDial: h.dial, Header: ws.HandshakeHeaderHTTP(header), Timeout: patience}
	conn, buffered, _, err := d.Dial(context.Background(), "ws://"+h.addr+"/socket.io/?EIO=4&transport=websocket"+query)
	if err != nil {
		h.t.Fatalf("dial: %v", err)
	}
	c := &client{h.t, conn, conn}
	if buffered != nil {
		c.rw = struct {
			io.Reader
			io.Writer
		}{buffered, conn}
	}
	h.t.Cleanup(func() { conn.Close() })
	return c
}

// join joins a namespace and returns the socket's id. The auth may be empty.
func (c *client) join(namespace, auth string) (sid string) {
	c.t.Helper()
	prefix := ""
	if namespace != "/" {
		prefix = namespace + ","
	}
	c.send("40" + prefix + auth)
	reply := c.receive()
	payload, ok := strings.CutPrefix(reply, "40"+prefix)
	var granted struct{ SID string }
	if !ok || json.Unmarshal([]byte(payload), &granted) != nil || granted.SID == "" {
		c.t.Fatalf("joining %s was answered with %q", namespace, reply)
	}
	return granted.SID
}

// send sends text messages in one write, so that the server gets them as one batch.
func (c *client) send(messages ...string) {
	c.t.Helper()
	var b bytes.Buffer
	for _, m := range messages {
		if err := wsutil.WriteClientText(&b, []byte(m)); err != nil {
			c.t.Fatal(err)
		}
	}
	c.write(b.Bytes())
}

func (c *client) sendBinary(data []byte) {
	c.t.Helper()
	var b bytes.Buffer
	if err := wsutil.WriteClientBinary(&b, data); err != nil {
		c.t.Fatal(err)
	}
	c.write(b.Bytes())
}

func (c *client) write(p []byte) {
	c.t.Helper()
	c.conn.SetWriteDeadline(time.Now().Add(patience))
	if _, err := c.conn.Write(p); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

// read returns the next message. Pings are answered and not returned.
func (c *client) read() (data []byte, op ws.OpCode, err error) {
	for {
		c.conn.SetReadDeadline(time.Now().Add(patience))
		data, op, err = wsutil.ReadServerData(c.rw)
		if err != nil || op != ws.OpText || string(data) != "2" {
			return data, op, err
		}
		c.send("3")
	}
}

// receive returns the next text message.
func (c *client) receive() string {
	c.t.Helper()
	data, op, err := c.read()
	if err != nil || op != ws.OpText {
		c.t.Fatalf("read %q (opcode %d), %v; want a text message", data, op, err)
	}
	return string(data)
}

func (c *client) receiveBinary() []byte {
	c.t.Helper()
	data, op, err := c.read()
	if err != nil || op != ws.OpBinary {
		c.t.Fatalf("read %q (opcode %d), %v; want a binary message", data, op, err)
	}
	return data
}

// expect compares the next messages, which must be text.
func (c *client) expect(want ...string) {
	c.t.Helper()
	for _, w := range want {
		if got := c.receive(); got != w {
			c.t.Fatalf("received %q, want %q", got, w)
		}
	}
}

// expectClosed reads until the server has closed the connection, and returns the
// messages that came before.
func (c *client) expectClosed() (rest []string) {
	c.t.Helper()
	for {
		data, _, err := c.read()
		if err == nil {
			rest = append(rest, string(data))
			continue
		}
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			c.t.Fatal("the connection stays open")
		}
		return rest
	}
}

// poller is a client that uses HTTP long-polling.
type poller struct {
	t    testing.TB
	http *http.Client
	url  string
}

// poll opens a polling session.
func (h *host) poll() *poller {
	h.t.Helper()
	transport := &http.Transport{DialContext: h.dial}
	h.t.Cleanup(transport.CloseIdleConnections)
	p := &poller{h.t, &http.Client{Transport: transport, Timeout: patience}, "http://" + h.addr + "/socket.io/?EIO=4&transport=polling"}
	var open struct{ SID string }
	packets := p.receive()
	if err := json.Unmarshal([]byte(strings.TrimPrefix(packets[0], "0")), &open); err != nil {
		h.t.Fatalf("handshake: %q", packets)
	}
	p.url += "&sid=" + open.SID
	return p
}

// receive returns the packets that one GET brings.
func (p *poller) receive() []string {
	p.t.Helper()
	res, err := p.http.Get(p.url)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		p.t.Fatalf("GET: %s %q %v", res.Status, body, err)
	}
	return strings.Split(string(body), "\x1e")
}

// expect compares the packets that one GET brings.
func (p *poller) expect(want ...string) {
	p.t.Helper()
	if got := p.receive(); !slices.Equal(got, want) {
		p.t.Fatalf("a poll brought %q, want %q", got, want)
	}
}

// send posts packets, as one payload.
func (p *poller) send(packets ...string) {
	p.t.Helper()
	res, err := p.http.Post(p.url, "text/plain", strings.NewReader(strings.Join(packets, "\x1e")))
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); string(body) != "ok" {
		p.t.Fatalf("POST: %s %q %v", res.Status, body, err)
	}
}

// await returns what arrives on ch, or ends the test.
func await[T any](t testing.TB, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatalf("waited for %s in vain", what)
		panic("unreachable")
	}
}

// disconnects returns what the namespace's disconnect handlers are told.
func disconnects(ns *socketio.Namespace) <-chan socketio.Disconnect {
	ch := make(chan socketio.Disconnect, 100)
	ns.OnDisconnect(func(_ context.Context, _ *socketio.Socket, d socketio.Disconnect) { ch <- d })
	return ch
}

// sockets returns the sockets that connect to a namespace, in order.
func sockets(ns *socketio.Namespace) <-chan *socketio.Socket {
	ch := make(chan *socketio.Socket, 100)
	ns.OnConnect(func(_ context.Context, s *socketio.Socket) { ch <- s })
	return ch
}

func echo(srv socketio.Registrar) {
	srv.On("echo", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		if args.HasAck() {
			return args.Ack(args)
		}
		return s.Emit("echo", args)
	})
}

// silent is for servers that are meant to log errors.
var silent = slog.New(slog.DiscardHandler)
