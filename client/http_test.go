package client

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	socketio "github.com/go-socketio/socketio"
)

// The tests of this file use real connections: what they are about is net/http.

// echoServer answers "echo", and keeps the requests.
type echoServer struct {
	io *socketio.Server

	mu       sync.Mutex
	requests []*http.Request
}

func newEchoServer(t *testing.T, o socketio.Options) *echoServer {
	e := &echoServer{io: socketio.NewServer(o)}
	e.io.On("echo", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack(args) })
	t.Cleanup(func() { e.io.Shutdown(context.Background()) })
	return e
}

func (e *echoServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	e.requests = append(e.requests, r.Clone(context.Background()))
	e.mu.Unlock()
	e.io.ServeHTTP(w, r)
}

// seen returns the requests of one transport.
func (e *echoServer) seen(transport string) (list []*http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range e.requests {
		if r.URL.Query().Get("transport") == transport {
			list = append(list, r)
		}
	}
	return list
}

// works connects, asks, and closes.
func works(t *testing.T, url string, o Options) *Socket {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s, err := Connect(ctx, url, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Client().Shutdown(ctx)
	answer, err := s.EmitWithAck(ctx, "echo", "hi")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(answer.Raw(0)); got != `"hi"` {
		t.Errorf("answer %s", got)
	}
	return s
}

func TestTLSOfTheHTTPClientHoldsForBothTransports(t *testing.T) {
	e := newEchoServer(t, socketio.Options{})
	ts := httptest.NewUnstartedServer(e)
	ts.EnableHTTP2 = true
	ts.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that fail are part of the test
	ts.StartTLS()
	defer ts.Close()
	for _, transport := range []string{Polling, WebSocket} {
		works(t, ts.URL, Options{Transports: []string{transport}, HTTPClient: ts.Client()})
		works(t, "wss"+strings.TrimPrefix(ts.URL, "https"), Options{Transports: []string{transport}, HTTPClient: ts.Client()})
		_, err := Connect(t.Context(), ts.URL, Options{Transports: []string{transport}})
		var failure *ConnectError
		if !errors.As(err, &failure) || failure.Step != StepRequest || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s with a certificate that nobody knows: %v", transport, err)
		}
	}
}

func TestCookiesOfTheJarAreSentWithBothTransports(t *testing.T) {
	e := newEchoServer(t, socketio.Options{Cookie: &http.Cookie{Name: "node"}})
	ts := httptest.NewServer(e)
	defer ts.Close()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	upgraded := make(chan struct{})
	e.io.On("upgraded", func(context.Context, *socketio.Socket, socketio.Args) error { return nil })
	s, err := Connect(t.Context(), ts.URL, Options{HTTPClient: &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	go func() {
		defer close(upgraded)
		for s.Client().Transport() != WebSocket && t.Context().Err() == nil {
			s.EmitWithAck(t.Context(), "echo")
		}
	}()
	<-upgraded
	for i, r := range append(e.seen(Polling)[1:], e.seen(WebSocket)...) {
		if _, err := r.Cookie("node"); err != nil {
			t.Errorf("request %d, %s: %v", i, r.URL, err)
		}
	}
}

func TestRememberUpgrade(t *testing.T) {
	e := newEchoServer(t, socketio.Options{})
	ts := httptest.NewServer(e)
	defer ts.Close()
	connected := make(chan struct{}, 10)
	s, err := Connect(t.Context(), ts.URL, Options{
		RememberUpgrade: true, ReconnectDelay: time.Millisecond,
		Setup: func(s *Socket) { s.OnConnect(func(context.Context, *Socket) { connected <- struct{}{} }) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	<-connected
	for s.Client().Transport() != WebSocket {
		s.EmitWithAck(t.Context(), "echo")
	}
	polls := len(e.seen(Polling))
	s.Client().abort()
	<-connected
	if n := len(e.seen(Polling)); n != polls || s.Client().Transport() != WebSocket {
		t.Errorf("%d polls after %d", n, polls)
	}
}

// forwardProxy is an HTTP proxy that opens tunnels, and refuses everything else.
type forwardProxy struct {
	mu       sync.Mutex
	tunnels  []string
	password string
	work     sync.WaitGroup
}

func (p *forwardProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		// A proxy that makes the request itself: good enough for polling.
		p.relay(w, r)
		return
	}
	if p.password != "" && r.Header.Get("Proxy-Authorization") != p.password {
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	p.mu.Lock()
	p.tunnels = append(p.tunnels, r.Host)
	p.mu.Unlock()
	up, err := net.Dial("tcp", r.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	p.work.Add(1) // the HTTP server waits until here at most
	defer p.work.Done()
	down, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	io.WriteString(down, "HTTP/1.1 200 Connection established\r\n\r\n")
	p.work.Go(func() { io.Copy(up, down); up.Close() })
	p.work.Go(func() { io.Copy(down, up); down.Close() })
}

func (p *forwardProxy) relay(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != "" {
		w.WriteHeader(http.StatusNotImplemented)
		return
	}
	req := r.Clone(r.Context())
	req.RequestURI = ""
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer res.Body.Close()
	w.WriteHeader(res.StatusCode)
	io.Copy(w, res.Body)
}

func TestProxyOfTheHTTPClientHoldsForBothTransports(t *testing.T) {
	e := newEchoServer(t, socketio.Options{})
	plain, secure := httptest.NewServer(e), httptest.NewTLSServer(e)
	defer plain.Close()
	defer secure.Close()
	p := &forwardProxy{password: "Basic dXNlcjpwYXNz"} // user:pass
	proxy := httptest.NewServer(p)
	defer func() { proxy.CloseClientConnections(); proxy.Close(); p.work.Wait() }()
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	at.User = url.UserPassword("user", "pass")
	transport := secure.Client().Transport.(*http.Transport).Clone()
	transport.Proxy = http.ProxyURL(at)
	defer transport.CloseIdleConnections()
	for _, c := range []struct {
		url, transport string
		tunnels        int
	}{{plain.URL, Polling, 0}, {plain.URL, WebSocket, 1}, {secure.URL, Polling, 1}, {secure.URL, WebSocket, 1}} {
		p.mu.Lock()
		p.tunnels = nil
		p.mu.Unlock()
		works(t, c.url, Options{Transports: []string{c.transport}, HTTPClient: &http.Client{Transport: transport}})
		transport.CloseIdleConnections()
		p.mu.Lock()
		if n := len(p.tunnels); n < c.tunnels || c.tunnels == 0 && n > 0 {
			t.Errorf("%s over %s: %d tunnels", c.transport, c.url, n)
		}
		p.mu.Unlock()
	}
	at.User = nil
	_, err = Connect(t.Context(), plain.URL, Options{Transports: []string{WebSocket}, HTTPClient: &http.Client{Transport: transport}})
	var failure *ConnectError
	if !errors.As(err, &failure) || failure.Step != StepRequest || !strings.Contains(err.Error(), "407") {
		t.Errorf("a proxy that wants a password: %v", err)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

func TestURLs(t *testing.T) {
	for text, want := range map[string]string{
		"http://host":              "http://host/socket.io/ /",
		"ws://host:3000/":          "http://host:3000/socket.io/ /",
		"wss://host/admin?a=1#x":   "https://host/socket.io/?a=1&q=1%262 /admin",
		"https://u:p@[::1]:80/a/b": "https://u:p@[::1]:80/socket.io/ /a/b",
		"localhost:3000":           "error",
		"/chat":                    "error",
		"http://":                  "error",
		"ftp://host":               "error",
		"http://host/a,b":          "error",
		"http://host/" + strings.Repeat("x", 8000): "error",
		"http://ho st/": "error",
	} {
		o := Options{}.completed()
		if strings.Contains(text, "?") {
			o.Query = map[string]string{"q": "1&2"}
		}
		got := "error"
		if u, namespace, err := parseURL(text, &o); err == nil {
			got = u.String() + " " + namespace
		}
		if got != want {
			t.Errorf("%.60s: %s, want %s", text, got, want)
		}
	}
	for _, o := range []Options{{Transports: []string{"webtransport"}}} {
		_, err := New("http://host", o)
		var failure *ConnectError
		if !errors.As(err, &failure) || failure.Step != StepOptions || failure.Fault != FaultCaller {
			t.Errorf("%v", err)
		}
	}
	o := Options{Path: "custom", NoTrailingSlash: true}.completed()
	if u, _, err := parseURL("http://host/ns", &o); err != nil || u.String() != "http://host/custom" {
		t.Errorf("%v, %v", u, err)
	}
}

// TestNothingIsLeftOfPollingAfterAnUpgrade counts the connections at the server.
func TestNothingIsLeftOfPollingAfterAnUpgrade(t *testing.T) {
	e := newEchoServer(t, socketio.Options{})
	ts := httptest.NewUnstartedServer(e)
	states := make(chan http.ConnState, 100)
	ts.Config.ConnState = func(_ net.Conn, state http.ConnState) { states <- state }
	ts.Start()
	defer ts.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s, err := Connect(ctx, ts.URL, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Client().Shutdown(context.Background())
	for polling, hijacked := 0, false; polling > 0 || !hijacked; {
		select {
		case state := <-states:
			switch state {
			case http.StateNew:
				polling++
			case http.StateHijacked:
				polling, hijacked = polling-1, true
			case http.StateClosed:
				polling--
			}
		case <-ctx.Done():
			t.Fatalf("%d connections are left for polling", polling)
		}
	}
	if _, err := s.EmitWithAck(ctx, "echo"); err != nil || s.Client().Transport() != WebSocket {
		t.Errorf("over %s: %v", s.Client().Transport(), err)
	}
}
