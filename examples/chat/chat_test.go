package main

import (
	"context"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestConversation(t *testing.T) {
	open := serve(t)
	ann, bob := open(), open()
	ann.send(`421["join",{"name":" Ann ","room":"lobby"}]`)
	ann.expect(`431[{"rooms":["lobby","gophers","random"],"online":["Ann"],"history":[]}]`)
	ann.send(`422["say",{"text":"Is anybody there?"}]`)
	ann.expect(`42["said",{"from":"Ann","time":"…","text":"Is anybody there?"}]`, `432[]`)

	bob.send(`421["join",{"name":"Ann","room":"lobby"}]`)
	bob.expect(`431[{"error":"Somebody of that name is there already."}]`)
	bob.send(`422["join",{"name":"Bob","room":"lobby"}]`)
	bob.expect(`432[{"rooms":["lobby","gophers","random"],"online":["Ann","Bob"],"history":[{"from":"Ann","time":"…","text":"Is anybody there?"}]}]`)
	ann.expect(`42["online",["Ann","Bob"]]`)

	bob.send(`42["typing",true]`)
	ann.expect(`42["typing now","Bob",true]`)
	bob.send(`451-3["say",{"text":"Look!","picture":{"_placeholder":true,"num":0}}]`)
	bob.sendBinary("picture")
	for _, c := range []*client{ann, bob} {
		c.expect(`451-["said",{"from":"Bob","time":"…","text":"Look!","picture":{"_placeholder":true,"num":0}}]`, "picture")
	}
	bob.expect(`433[]`)

	bob.send(`424["join",{"name":"Bob","room":"gophers"}]`)
	bob.expect(`434[{"rooms":["lobby","gophers","random"],"online":["Bob"],"history":[]}]`)
	ann.expect(`42["online",["Ann"]]`)
	ann.send(`423["say",{"text":"Bye"}]`)
	ann.expect(`42["said",{"from":"Ann","time":"…","text":"Bye"}]`, `433[]`)
	bob.send(`425["join",{"name":"Bob","room":"gophers"}]`) // nothing has been heard of the lobby in between
	bob.expect(`435[{"rooms":["lobby","gophers","random"],"online":["Bob"],"history":[]}]`)

	carl := open()
	carl.send(`420["join",{"name":"Carl","room":"gophers"}]`)
	carl.expect(`430[{"rooms":["lobby","gophers","random"],"online":["Bob","Carl"],"history":[]}]`)
	bob.conn.Close()
	carl.expect(`42["online",["Carl"]]`)
}

func TestRefusals(t *testing.T) {
	c := serve(t)()
	long := strings.Repeat("x", 2001)
	for _, tt := range []struct{ send, want string }{
		{`["say",{"text":"too early"}]`, "Join a room first."},
		{`["join",{"name":" ","room":"lobby"}]`, "That is no name."},
		{`["join",{"name":"` + long + `","room":"lobby"}]`, "That is no name."},
		{`["join",{"name":"Ann","room":"cellar"}]`, "There is no such room."},
		{`["join"]`, "invalid arguments"},
	} {
		c.send("421" + tt.send)
		c.expect(`431[{"error":"` + tt.want + `"}]`)
	}
	c.send(`42["typing",true]`, `421["join",{"name":"Ann","room":"random"}]`)
	c.receive()
	for _, tt := range []struct{ send, want string }{
		{`["say",{"text":" "}]`, "There is nothing to say."},
		{`["say",{"text":"` + long + `"}]`, "That is too long."},
	} {
		c.send("421" + tt.send)
		c.expect(`431[{"error":"` + tt.want + `"}]`)
	}
}

func TestRepeatedMessageIsPublishedOnce(t *testing.T) {
	c := serve(t)()
	c.send(`420["join",{"name":"Ann","room":"random"}]`)
	c.receive()
	for range 2 {
		c.send(`421["say",{"key":"k1","text":"once"}]`)
	}
	c.expect(`42["said",{"from":"Ann","time":"…","key":"k1","text":"once"}]`, `431[]`, `431[]`)
	c.send(`421["say",{"key":"k2","text":"once"}]`)
	c.expect(`42["said",{"from":"Ann","time":"…","key":"k2","text":"once"}]`, `431[]`)
}

func TestHistoryIsBounded(t *testing.T) {
	c := newChat()
	srv := socketio.NewServer(socketio.Options{})
	c.register(srv)
	client := serveChat(t, srv)()
	client.send(`420["join",{"name":"Ann","room":"random"}]`)
	client.receive()
	for range maxHistory + 10 {
		client.send(`421["say",{"text":"again"}]`)
		client.receive()
		client.receive()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.rooms["random"].history); n != maxHistory {
		t.Errorf("%d messages are kept, want %d", n, maxHistory)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stop, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- run(stop, listener) }()
	c := dial(t, listener.Addr().String())
	cancel()
	for err := error(nil); err == nil; { // answers the close frame too
		_, _, err = wsutil.ReadServerData(c.rw)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestRunFailsWithItsListener(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := run(t.Context(), listener); err == nil {
		t.Error("no error")
	}
}

// serve starts a chat and returns what opens a client of it.
func serve(t *testing.T) (open func() *client) {
	srv := socketio.NewServer(socketio.Options{})
	newChat().register(srv)
	return serveChat(t, srv)
}

func serveChat(t *testing.T, srv *socketio.Server) (open func() *client) {
	web := httptest.NewServer(srv)
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		web.Close()
	})
	return func() *client { return dial(t, web.Listener.Addr().String()) }
}

// dial opens a connection and joins the main namespace.
func dial(t *testing.T, addr string) *client {
	conn, buffered, _, err := ws.Dial(context.Background(), "ws://"+addr+"/socket.io/?EIO=4&transport=websocket")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := &client{t, conn, conn}
	if buffered != nil { // what came together with the answer to the upgrade
		c.rw = struct {
			io.Reader
			io.Writer
		}{buffered, conn}
	}
	c.receive() // the handshake
	c.send("40")
	c.receive()
	return c
}

// client is a WebSocket that speaks the protocol by hand.
type client struct {
	t    *testing.T
	conn net.Conn
	rw   io.ReadWriter
}

func (c *client) send(messages ...string) {
	c.t.Helper()
	for _, m := range messages {
		if err := wsutil.WriteClientText(c.conn, []byte(m)); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *client) sendBinary(data string) {
	c.t.Helper()
	if err := wsutil.WriteClientBinary(c.conn, []byte(data)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) receive() string {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	data, _, err := wsutil.ReadServerData(c.rw)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(data)
}

// expect compares the next messages. The time that a message was said is "…".
func (c *client) expect(want ...string) {
	c.t.Helper()
	for _, w := range want {
		got := c.receive()
		if _, rest, ok := strings.Cut(got, `"time":"`); ok {
			said, _, _ := strings.Cut(rest, `"`)
			if _, err := time.Parse(time.RFC3339Nano, said); err != nil {
				c.t.Errorf("time: %v", err)
			}
			got = strings.Replace(got, said, "…", 1)
		}
		if got != w {
			c.t.Fatalf("received %s\nwant     %s", got, w)
		}
	}
}
