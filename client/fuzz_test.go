package client

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/packet"
)

// fuzzOptions are those of a client that decodes everything it gets.
func fuzzOptions(w *world, transport string) Options {
	return w.options(Options{
		Transports: []string{transport}, Logger: silent, MaxPayload: 1 << 16, CloseTimeout: time.Millisecond,
		Limits: packet.Limits{MaxDepth: 10}, DisableReconnect: true,
		Setup: func(s *Socket) {
			s.OnAny(func(_ context.Context, _ *Socket, _ string, args Args) {
				for i := range args.Len() {
					var v any
					_ = args.At(i, &v) // any error is fine, a panic is not
				}
				if args.HasAck() {
					_ = args.Ack(args)
				}
			})
			s.OnConnectError(func(_ context.Context, _ *Socket, err error, _ bool) { _ = err.Error() })
			s.OnDisconnect(func(_ context.Context, _ *Socket, d Disconnect) { _ = d.Err })
		},
	})
}

// ends closes a client, and makes sure that nothing in it has panicked.
func ends(t *testing.T, s *Socket) {
	s.Client().Shutdown(context.Background())
	if n := s.Client().Stats().Panics; n > 0 {
		t.Error("a handler has panicked")
	}
}

// FuzzServer lets a server answer with anything, over both transports.
func FuzzServer(f *testing.F) {
	f.Add(false, []byte(ok(`0{"sid":"x","pingInterval":25000,"pingTimeout":20000}`+"\x1e"+`40{"sid":"y"}`)))
	f.Add(false, []byte(ok(`0{"sid":"x","pingInterval":25000,"pingTimeout":20000}`+"\x1e"+`451-["a",{"_placeholder":true,"num":0}]`+"\x1e"+"bAQI=")))
	f.Add(true, []byte("\x81\x02\x34\x30"))
	f.Add(true, []byte("\x01\x01\x34\x80\x01\x31\x89\x00\x88\x02\x03\xe8"))
	f.Add(true, []byte("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, webSocket bool, bytes []byte) {
		synctest.Test(t, func(t *testing.T) {
			transport, h := Polling, http.Handler(raw(bytes))
			if webSocket {
				transport, h = WebSocket, rawWebSocket(bytes, false)
			}
			w := newWorld(t)
			w.serve(h)
			if s, err := Connect(t.Context(), "http://memory", fuzzOptions(w, transport)); err == nil {
				ends(t, s)
			}
		})
	})
}

// FuzzConversation lets a server say anything after the handshake, once the client has
// asked to join: each piece is a message of a WebSocket, or the answer to a poll. Then it
// says goodbye. The client is there as long as that takes, and nothing is left of it.
func FuzzConversation(f *testing.F) {
	for _, pieces := range []string{
		"40{\"sid\":\"a\"}\x1d42[\"e\",1]\x1d421[\"asks\"]\x1d2\x1d41",
		"40{\"sid\":\"a\",\"pid\":\"p\",\"rid\":\"r\"}\x1d451-[\"b\",{\"_placeholder\":true,\"num\":0},\"offset\"]\x1d\x00\x01\x02",
		"44{\"message\":\"no\",\"data\":{\"a\":[1]}}\x1d40{\"sid\":\"late\"}",
		"42[\"early\"]\x1d40{\"sid\":7}\x1d40",
		"40{\"sid\":\"a\"}\x1e42[\"one payload\"]\x1ebAQID\x1e6\x1e3probe\x1e1",
		"40{\"sid\":\"a\"}\x1d430[1]\x1d31073741824[2]\x1d4/x,{}\x1d9",
	} {
		f.Add(false, []byte(pieces))
		f.Add(true, []byte(pieces))
	}
	f.Fuzz(func(t *testing.T, webSocket bool, said []byte) {
		synctest.Test(t, func(t *testing.T) {
			pieces := bytes.Split(said, []byte{0x1D})
			transport, h := Polling, pollConversation(pieces)
			if webSocket {
				transport, h = WebSocket, webSocketConversation(pieces)
			}
			w := newWorld(t)
			w.serve(h)
			if s, err := Connect(t.Context(), "http://memory", fuzzOptions(w, transport)); err == nil {
				_ = s.Emit("event", []byte("binary"))
				_ = s.Retry(1).Emit("retried")
				<-s.Context().Done()
				ends(t, s)
			}
		})
	})
}

const fuzzHandshake = `0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100}`

// pollConversation answers a poll with each piece, and the last one with a close packet.
func pollConversation(pieces [][]byte) http.HandlerFunc {
	asked := make(chan struct{}, 1000)
	next := 0
	return func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			io.Copy(io.Discard, r.Body)
			asked <- struct{}{}
			io.WriteString(rw, "ok")
		case r.URL.Query().Get("sid") == "":
			io.WriteString(rw, fuzzHandshake)
		default:
			if next == 0 {
				<-asked
			}
			if next++; next <= len(pieces) {
				rw.Write(pieces[next-1])
			} else {
				io.WriteString(rw, "1")
			}
		}
	}
}

// webSocketConversation sends each piece as a message: binary if it begins with a byte
// that no packet begins with.
func webSocketConversation(pieces [][]byte) http.HandlerFunc {
	var frames bytes.Buffer
	for _, p := range pieces {
		op := ws.OpText
		if len(p) > 0 && p[0] < ' ' {
			op = ws.OpBinary
		}
		ws.WriteFrame(&frames, ws.NewFrame(op, true, p))
	}
	frames.WriteString("\x88\x00")
	return func(rw http.ResponseWriter, r *http.Request) {
		conn, _, err := rw.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "+
			accept(r.Header.Get("Sec-WebSocket-Key"))+"\r\n\r\n\x81"+string(rune(len(fuzzHandshake)))+fuzzHandshake)
		if _, err := io.ReadFull(conn, make([]byte, 8)); err != nil { // "40" in a masked frame
			return
		}
		conn.Write(frames.Bytes())
		io.Copy(io.Discard, conn)
	}
}
