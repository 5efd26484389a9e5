package engine

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/deadline"
	"github.com/go-socketio/socketio/internal/memconn"
)

// host is an engine server on a network, with what the tests look at: every
// session it opened, and what that session's receiver was given.
type host struct {
	t        *testing.T
	engine   *Server
	server   *http.Server
	dial     func() (net.Conn, error)
	client   *http.Client
	scheme   string
	sessions chan *endpoint

	// What the application does; set before the first request.
	onOpen    func(*endpoint)
	onMessage func(e *endpoint, data []byte, binary bool)
	onBatch   func(*endpoint)
	onClosed  func(*endpoint)
	onUpgrade func(*endpoint) // sessions are not told of upgrades if it is nil
	refuses   bool            // open returns nil
}

// network makes a listener, and a function that connects to it.
type network func(t *testing.T) (net.Listener, func() (net.Conn, error))

// memory is a network inside a synctest bubble.
func memory(*testing.T) (net.Listener, func() (net.Conn, error)) { return memoryOf(0)(nil) }

// memoryOf buffers so many bytes in each direction of a connection.
func memoryOf(size int) network {
	return func(*testing.T) (net.Listener, func() (net.Conn, error)) {
		l := memconn.Listen(size)
		return l, func() (net.Conn, error) {
			c, err := l.Dial(context.Background())
			if err != nil {
				return nil, err
			}
			return c, nil
		}
	}
}

// loopback is TCP: the server gets at the descriptor where it can.
func loopback(t *testing.T) (net.Listener, func() (net.Conn, error)) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, func() (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) }
}

// wrapped is TCP in which the server does not get a *net.TCPConn.
func wrapped(t *testing.T) (net.Listener, func() (net.Conn, error)) {
	l, dial := loopback(t)
	return wrappingListener{l}, dial
}

type wrappingListener struct{ net.Listener }

type wrappedConn struct{ net.Conn }

func (l wrappingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return wrappedConn{c}, nil
}

// secure is TLS over TCP.
func secure(t *testing.T) (net.Listener, func() (net.Conn, error)) {
	l, _ := loopback(t)
	donor := httptest.NewTLSServer(nil) // for its certificate
	certificates := donor.TLS.Certificates
	donor.Close()
	dial := func() (net.Conn, error) {
		return tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	}
	return tls.NewListener(l, &tls.Config{Certificates: certificates}), dial
}

// realNetworks are those on which every way to read and write is taken.
var realNetworks = map[string]network{"tcp": loopback, "wrapped": wrapped, "tls": secure}

// newHost starts a server. change may adjust the http.Server before it is started.
func newHost(t *testing.T, opts Options, n network, change ...func(*host)) *host {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	h := &host{t: t, scheme: "http", sessions: make(chan *endpoint, 10000)}
	h.engine = NewServer(opts, func(s *Session) Receiver {
		if h.refuses {
			return nil
		}
		e := &endpoint{Session: s, host: h, events: make(chan string, 10000)}
		if h.onOpen != nil {
			h.onOpen(e)
		}
		h.sessions <- e
		if h.onUpgrade != nil {
			return upgradeEndpoint{e}
		}
		return e
	})
	h.server = &http.Server{Handler: h.engine, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	for _, f := range change {
		f(h)
	}
	listener, dial := n(t)
	h.dial = dial
	transport := &http.Transport{
		DialContext:         func(context.Context, string, string) (net.Conn, error) { return dial() },
		MaxIdleConnsPerHost: 100,
		DisableCompression:  true,
	}
	h.client = &http.Client{Transport: transport}
	served := make(chan struct{})
	go func() {
		defer close(served)
		h.server.Serve(listener)
	}()
	t.Cleanup(func() {
		h.engine.Close()
		transport.CloseIdleConnections()
		h.server.Close()
		<-served
	})
	return h
}

// bubble runs f in virtual time.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// endpoint is the server's end of one session as the application sees it.
type endpoint struct {
	*Session
	host   *host
	events chan string
	err    error // of Closed
}

func (e *endpoint) ReceiveText(data []byte) {
	e.events <- "text " + string(data)
	if e.host.onMessage != nil {
		e.host.onMessage(e, data, false)
	}
}

func (e *endpoint) ReceiveBinary(data []byte) {
	e.events <- "binary " + string(data)
	if e.host.onMessage != nil {
		e.host.onMessage(e, data, true)
	}
}

func (e *endpoint) EndBatch() {
	e.events <- "end"
	if e.host.onBatch != nil {
		e.host.onBatch(e)
	}
}

func (e *endpoint) Closed(reason Reason, err error) {
	e.err = err
	if e.host.onClosed != nil {
		e.host.onClosed(e)
	}
	e.events <- "closed " + string(reason)
}

// upgradeEndpoint is told of upgrades too.
type upgradeEndpoint struct{ *endpoint }

func (e upgradeEndpoint) Upgraded() {
	e.events <- "upgraded to " + e.Transport()
	e.host.onUpgrade(e.endpoint)
}

// failsafe is how long a test waits for what must happen before it gives up.
const failsafe = time.Minute

// expect takes the next events, which must be these.
func (e *endpoint) expect(want ...string) {
	e.host.t.Helper()
	for _, w := range want {
		select {
		case got := <-e.events:
			if got != w {
				e.host.t.Fatalf("the receiver was given %q, want %q", got, w)
			}
		case <-time.After(failsafe):
			e.host.t.Fatalf("the receiver was given nothing, want %q", w)
		}
	}
}

// quiet fails if the receiver was given anything more.
func (e *endpoint) quiet() {
	e.host.t.Helper()
	select {
	case got := <-e.events:
		e.host.t.Fatalf("the receiver was given %q, want nothing", got)
	default:
	}
}

func (e *endpoint) text(s string) error { return e.Send(textMessage(s), SendOptions{}) }

func textMessage(s string) *frame.Message { return frame.Control(frame.Data, s) }

func binaryMessage(s string) *frame.Message {
	var b frame.Builder
	b.Binary([]byte(s))
	return b.Message()
}

// session returns the next session that was opened.
func (h *host) session() *endpoint {
	h.t.Helper()
	select {
	case e := <-h.sessions:
		return e
	case <-time.After(failsafe):
		h.t.Fatal("no session was opened")
		return nil
	}
}

// url makes a request target from a query such as "transport=polling". EIO=4 is
// added if the query does not say otherwise.
func (h *host) url(query string) string {
	path := h.engine.opts.Path
	if !strings.Contains(query, "EIO=") {
		query = "EIO=4&" + query
	}
	return h.scheme + "://engine.test" + path + "?" + query
}

// answer is the whole answer to a request.
type answer struct {
	status int
	header http.Header
	body   string
	err    error
}

func (h *host) do(r *http.Request) answer {
	res, err := h.client.Do(r)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(body), err}
}

func (h *host) request(method, query, body string, headers ...string) answer {
	h.t.Helper()
	r, err := http.NewRequest(method, h.url(query), strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return h.do(r)
}

// open opens a polling session and returns its server's end.
func (h *host) open() *endpoint {
	h.t.Helper()
	if a := h.request("GET", "transport=polling", ""); a.status != 200 || !strings.HasPrefix(a.body, `0{"sid":"`) {
		h.t.Fatalf("handshake: %+v", a)
	}
	return h.settled(h.session())
}

func sidQuery(id string) string { return "transport=polling&sid=" + url.QueryEscape(id) }

// pollQuery is the query of a session's polls and POSTs.
func (e *endpoint) pollQuery() string {
	return fmt.Sprintf("%s&EIO=%d", sidQuery(e.ID()), e.Protocol())
}

func (h *host) get(e *endpoint) answer {
	h.t.Helper()
	return h.request("GET", e.pollQuery(), "")
}

func (h *host) post(e *endpoint, body string) answer {
	h.t.Helper()
	return h.request("POST", e.pollQuery(), body, "Content-Type", "text/plain;charset=UTF-8")
}

// poll is get in the background.
func (h *host) poll(e *endpoint) <-chan answer {
	c := make(chan answer, 1)
	go func() { c <- h.get(e) }()
	return c
}

// waitPoll begins a GET and returns when it waits at the server.
func (h *host) waitPoll(e *endpoint) <-chan answer {
	h.t.Helper()
	c := h.poll(e)
	h.until(e, "a GET waits", func(m *machine) bool { return m.pollWaiting })
	return c
}

// until returns when the session's machine is as wanted.
func (h *host) until(e *endpoint, what string, reached func(m *machine) bool) {
	h.t.Helper()
	deadline := time.Now().Add(failsafe)
	if inBubble() {
		synctest.Wait() // it mostly takes no time
	}
	for {
		e.mu.Lock()
		ok := reached(&e.machine)
		e.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("it never came about that %s", what)
		}
		yield()
	}
}

// settled returns when whoever writes for e knows that it is written, which is later
// than the client knows it. Until then the output counts as queued.
func (h *host) settled(e *endpoint) *endpoint {
	h.t.Helper()
	h.until(e, "nothing is being written", func(m *machine) bool { return !m.wsWriting && !m.pollWriting })
	return e
}

// yield lets others go on. In a bubble it lets a little virtual time pass, so that
// it may be used in a loop there too.
func yield() {
	if inBubble() {
		time.Sleep(time.Microsecond)
	} else {
		runtime.Gosched()
	}
}

// inBubble reports whether time is virtual: it always begins in the year 2000.
func inBubble() bool { return time.Now().Year() < 2020 }

// want compares the answer of a request.
func (a answer) want(t *testing.T, status int, body string) {
	t.Helper()
	if a.status != status || a.body != body || a.err != nil {
		t.Fatalf("answered %d %q (%v), want %d %q", a.status, a.body, a.err, status, body)
	}
}

func receive[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(failsafe):
		t.Fatal("waited in vain")
	}
	return v
}

// testDeadline is a deadline of a test in the server's queue.
type testDeadline struct {
	deadline.Entry
	fired chan time.Time
}

func (d *testDeadline) Expire(now time.Time) { d.fired <- now }
