package client

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	socketio "github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
)

// traffic counts the bytes in both directions.
type traffic struct{ up, down atomic.Int64 }

type trafficConn struct {
	net.Conn
	*traffic
}

func (c trafficConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.down.Add(int64(n))
	return n, err
}

func (c trafficConn) Write(p []byte) (int, error) {
	c.up.Add(int64(len(p)))
	return c.Conn.Write(p)
}

// TestCompression lets a server answer with what it got, and weighs what passes.
func TestCompression(t *testing.T) {
	const size = 100_000
	text := strings.Repeat("a text that repeats itself. ", size/28+1)[:size]
	deflate := &engine.PerMessageDeflate{}
	for name, c := range map[string]struct {
		server   *engine.PerMessageDeflate
		options  Options
		emit     func(Emitter) Emitter
		up, down bool // is to be compressed
	}{
		"both":                  {deflate, Options{}, nil, true, true},
		"both, after upgrade":   {deflate, Options{Transports: []string{Polling, WebSocket}}, nil, true, true},
		"both, base64":          {deflate, Options{ForceBase64: true}, nil, true, true},
		"retried":               {deflate, Options{Retries: 3}, nil, true, true},
		"server declines":       {nil, Options{}, nil, false, false},
		"client does not offer": {deflate, Options{DisableCompression: true}, nil, false, false},
		"threshold":             {deflate, Options{CompressThreshold: size * 2}, nil, false, true},
		"not this event":        {deflate, Options{}, func(e Emitter) Emitter { return e.Compress(false) }, false, true},
		"not this one, retried": {deflate, Options{Retries: 3}, func(e Emitter) Emitter { return e.Compress(false) }, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				srv := w.server(socketio.Options{PerMessageDeflate: c.server})
				srv.On("echo", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack(args) })
				passed := new(traffic)
				dial := w.http.DialContext
				w.http.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := dial(ctx, network, addr)
					return trafficConn{conn, passed}, err
				}
				if c.options.Transports == nil {
					c.options.Transports = []string{WebSocket}
				}
				s := w.connect(c.options)
				time.Sleep(time.Second) // the upgrade
				passed.up.Store(0)
				passed.down.Store(0)
				e := s.emitter()
				if c.emit != nil {
					e = c.emit(e)
				}
				for range 2 {
					answer, err := e.EmitWithAck(t.Context(), "echo", text, []byte(text))
					if err != nil {
						t.Fatal(err)
					}
					var gotText string
					var gotBytes []byte
					if err := answer.Decode(&gotText, &gotBytes); err != nil || gotText != text || string(gotBytes) != text {
						t.Errorf("%d and %d bytes came back: %v", len(gotText), len(gotBytes), err)
					}
				}
				if up, down := passed.up.Load() < size, passed.down.Load() < size; up != c.up || down != c.down {
					t.Errorf("%d bytes sent, %d received", passed.up.Load(), passed.down.Load())
				}
			})
		})
	}
}

// TestCompressionIsAgreedOn answers the offer in every way.
func TestCompressionIsAgreedOn(t *testing.T) {
	const offer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	for _, c := range []struct {
		answer  string
		disable bool
		ok      bool
	}{
		{"", false, true},
		{"", true, true},
		{offer, false, true},
		{"permessage-deflate; server_no_context_takeover", false, true},
		{"permessage-deflate;server_no_context_takeover;server_max_window_bits=10", false, true},
		{offer, true, false},
		{"permessage-deflate", false, false}, // a window would be needed
		{"permessage-deflate; client_no_context_takeover", false, false},
		{offer + "; client_max_window_bits=10", false, false}, // was not offered
		{offer + "; server_max_window_bits=7", false, false},
		{offer + "; unheard_of", false, false},
		{offer + ", " + offer, false, false},
		{"permessage-bzip2", false, false},
		{";;", false, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			offered := make(chan string, 1)
			w.serve(upgrading(offered, c.answer))
			_, err := Connect(t.Context(), "http://memory", w.options(Options{Transports: []string{WebSocket}, DisableCompression: c.disable}))
			// The fake says nothing after its handshake; what counts is how far it gets.
			if got := !strings.Contains(err.Error(), "extension"); got != c.ok {
				t.Errorf("%q, offer disabled: %v: %v", c.answer, c.disable, err)
			}
			want := offer
			if c.disable {
				want = ""
			}
			if got := <-offered; got != want {
				t.Errorf("offered %q", got)
			}
		})
	}
}

// upgrading agrees to become a WebSocket with the given extensions, and closes it.
func upgrading(offered chan<- string, extensions string) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		offered <- r.Header.Get("Sec-WebSocket-Extensions")
		conn, _, err := rw.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		if extensions != "" {
			extensions = "Sec-WebSocket-Extensions: " + extensions + "\r\n"
		}
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+extensions+
			"Sec-WebSocket-Accept: "+accept(r.Header.Get("Sec-WebSocket-Key"))+"\r\n\r\n")
	}
}
