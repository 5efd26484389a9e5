package client

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/memconn"
)

// script lets a server at the address answer every connection with the same bytes, as
// soon as the client has sent something, and then close it.
func (w *world) script(answer string) {
	l := memconn.Listen(0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
					io.WriteString(c, answer)
				}
			}()
		}
	}()
	w.listener = l
	w.serving = append(w.serving, func() { l.Close(); <-done })
}

func ok(body string) string {
	return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body
}

// TestHostileHandshakes answers the first request with what no server should: each is
// an error that says so, at once.
func TestHostileHandshakes(t *testing.T) {
	const hs = `"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`
	for name, c := range map[string]struct {
		answer string
		step   Step
		fault  Fault
		text   string
	}{
		"not HTTP":           {"220 mail.example.com ESMTP\r\n", StepRequest, FaultNetwork, "malformed"},
		"empty":              {ok(""), StepHandshake, FaultServer, "empty"},
		"HTML":               {ok("<html>"), StepHandshake, FaultServer, "unknown type"},
		"message first":      {ok("4hello"), StepHandshake, FaultServer, "first packet"},
		"no JSON":            {ok("0{"), StepHandshake, FaultServer, "open packet"},
		"no id":              {ok(`0{` + hs), StepHandshake, FaultServer, "session id"},
		"long id":            {ok(`0{"sid":"` + strings.Repeat("x", 2000) + `",` + hs), StepHandshake, FaultServer, "session id"},
		"no heartbeat":       {ok(`0{"sid":"x"}`), StepHandshake, FaultServer, "ping interval"},
		"negative heartbeat": {ok(`0{"sid":"x","pingInterval":-1,"pingTimeout":5}`), StepHandshake, FaultServer, "ping interval"},
		"too large":          {ok("0" + strings.Repeat(" ", 2<<20)), StepRequest, FaultNetwork, "larger than MaxPayload"},
		"not found":          {"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n<h1>nothing\x00here", StepHandshake, FaultServer, "404"},
		"forbidden":          {"HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n" + `{"code":4,"message":"go away"}`, StepHandshake, FaultServer, "go away"},
		"bad gateway":        {"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n", StepHandshake, FaultNetwork, "502"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.script(c.answer)
				begin := time.Now()
				_, err := Connect(t.Context(), "http://memory?token=secret", w.options(Options{Transports: []string{Polling}, MaxPayload: 1 << 20}))
				var failure *ConnectError
				if !errors.As(err, &failure) || failure.Step != c.step || failure.Fault != c.fault || !strings.Contains(err.Error(), c.text) {
					t.Errorf("error %+v", err)
				}
				if strings.Contains(err.Error(), "secret") || time.Since(begin) != 0 {
					t.Errorf("after %v: %v", time.Since(begin), err)
				}
			})
		})
	}
}

// TestHostileUpgradeResponses answers a WebSocket handshake wrongly.
func TestHostileUpgradeResponses(t *testing.T) {
	const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "
	for _, answer := range []string{
		switching + "h2c\r\n\r\n",
		switching + "websocket\r\n\r\n",
		switching + "websocket\r\nSec-WebSocket-Accept: c3Vycm91bmRlZA==\r\n\r\n",
		ok("hello"),
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.script(answer)
			_, err := Connect(t.Context(), "http://memory", w.options(Options{Transports: []string{WebSocket}}))
			var failure *ConnectError
			if !errors.As(err, &failure) || failure.Step != StepHandshake || failure.Fault != FaultServer {
				t.Errorf("%.80q: %v", answer, err)
			}
		})
	}
}

// TestHostilePackets sends what no server should to a client that has joined. The
// connection ends with the reason, or goes on; the client comes back.
func TestHostilePackets(t *testing.T) {
	for name, c := range map[string]struct {
		message string
		reason  Reason // "" if the connection goes on
	}{
		"no packet":             {"9", ReasonParseError},
		"event without payload": {"2", ReasonParseError},
		"reserved event":        {`2["connect"]`, ReasonParseError},
		"too many attachments":  {`511-["x"]`, ReasonParseError},
		"too deep":              {`2["x",` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `]`, ReasonParseError},
		"unknown namespace":     {`2/other,["x"]`, ""},
		"unknown ack":           {`37[]`, ""},
		"second CONNECT":        {`0{"sid":"again"}`, ""},
		"late refusal":          {`4{"message":"no"}`, ""},
		"refusal of another":    {`4/other,{"message":"no"}`, ""},
		"disconnect of another": {`1/other,`, ""},
		"disconnect":            {`1`, ReasonServerDisconnect},
		"CONNECT without id":    {`0/second,{}`, ReasonParseError},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				f := w.fake(engine.Options{}, func(f *fake, s *engine.Session, m string) {
					if !strings.HasPrefix(m, "0/second") {
						grantAll(f, s, m)
					}
				})
				gone := make(chan Disconnect, 10)
				s := w.connect(Options{Transports: []string{WebSocket}, Setup: onDisconnect(gone)})
				second := s.Client().Of("second")
				go second.Connect(t.Context())
				synctest.Wait()
				say(f.session(0), c.message)
				synctest.Wait()
				if c.reason == "" {
					if !s.Connected() {
						t.Errorf("disconnected: %+v", <-gone)
					}
					return
				}
				if d := <-gone; d.Reason != c.reason {
					t.Errorf("%+v, want %s", d, c.reason)
				}
				if c.reason == ReasonParseError {
					if err := s.Connect(t.Context()); err != nil {
						t.Errorf("not back: %v", err)
					}
				}
			})
		})
	}
}

// TestFloodBeforeJoining sends events without end instead of the answer to CONNECT.
func TestFloodBeforeJoining(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.fake(engine.Options{}, func(_ *fake, s *engine.Session, _ string) {
			for range 1000 {
				say(s, `2["flood","`+strings.Repeat("x", 1000)+`"]`)
			}
		})
		_, err := Connect(t.Context(), "http://memory", w.options(Options{MaxInbox: 100 << 10}))
		var failure *ConnectError
		if !errors.As(err, &failure) || failure.Step != StepJoin || !strings.Contains(err.Error(), "MaxInbox") {
			t.Errorf("%v", err)
		}
	})
}

// raw answers a request with bytes that need not be HTTP.
func raw(answer []byte) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		conn, _, err := rw.(http.Hijacker).Hijack()
		if err == nil {
			conn.Write(answer)
			conn.Close()
		}
	}
}

// rawWebSocket accepts a WebSocket, sends a handshake, and then bytes that need not
// be frames. It then closes the connection, or lets the client do so.
func rawWebSocket(answer []byte, stays bool) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		var conn net.Conn
		conn, _, err := rw.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		const hs = `0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}`
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "+
			accept(r.Header.Get("Sec-WebSocket-Key"))+"\r\n\r\n\x81"+string(rune(len(hs)))+hs)
		conn.Write(answer)
		if stays {
			io.Copy(io.Discard, conn)
		}
	}
}

func accept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// TestServersOfOlderProtocols end the attempt with an error that says so.
func TestServersOfOlderProtocols(t *testing.T) {
	const hs = `{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}`
	for _, namespace := range []string{"/", "/other"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.script(ok("85:0" + hs + "2:40"))
			_, err := Connect(t.Context(), "http://memory"+namespace, w.options(Options{Transports: []string{Polling}}))
			var failure *ConnectError
			if !errors.Is(err, ErrProtocolVersion) || !errors.As(err, &failure) || failure.Step != StepHandshake || failure.Fault != FaultServer {
				t.Errorf("polling, %s: %v", namespace, err)
			}
		})
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.serve(rawWebSocket([]byte("\x81\x0240"), true))
			_, err := Connect(t.Context(), "http://memory"+namespace, w.options(Options{Transports: []string{WebSocket}}))
			var failure *ConnectError
			if !errors.Is(err, ErrProtocolVersion) || !errors.As(err, &failure) || failure.Step != StepJoin || failure.Fault != FaultServer {
				t.Errorf("WebSocket, %s: %v", namespace, err)
			}
		})
	}
}
