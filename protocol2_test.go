package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws/wsutil"

	"github.com/go-socketio/socketio"
)

// connect2 opens a connection as clients of Socket.IO 2 do, and returns the id of its
// session.
func (h *host) connect2() (c *client, session string) {
	h.t.Helper()
	c = h.dialWebSocket("&EIO=3", nil)
	var open struct{ SID string }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(c.receive(), "0")), &open); err != nil {
		h.t.Fatal(err)
	}
	return c, open.SID
}

var version2 = socketio.Options{AllowEIO3: true, Logger: silent}

func TestVersion2IsRefusedByDefault(t *testing.T) {
	h := serve(t, socketio.NewServer(socketio.Options{}))
	res, err := http.Get("http://" + h.addr + "/socket.io/?EIO=3&transport=polling")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != 400 || string(body) != `{"code":5,"message":"Unsupported protocol version"}` {
		t.Errorf("%s %s", res.Status, body)
	}
}

func TestVersion2JoinsTheMainNamespaceByConnecting(t *testing.T) {
	srv := socketio.NewServer(version2)
	echo(srv)
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	c, session := h.connect2()
	c.expect("40")
	s := await(t, connected, "the socket")
	if s.ID() != session {
		t.Errorf("the socket's id is %q, the client believes %q", s.ID(), session)
	}
	var auth any
	if err := s.Handshake().Auth(&auth); err != nil || auth != nil {
		t.Errorf("auth %v, %v", auth, err)
	}
	c.send(`42["echo","€",1]`, `427["echo",2]`)
	c.expect(`42["echo","€",1]`, `437[2]`)
	c.send(`451-["echo",{"_placeholder":true,"num":0}]`)
	c.sendBinary([]byte{4, 1, 2})
	c.expect(`451-["echo",{"_placeholder":true,"num":0}]`)
	if got := c.receiveBinary(); string(got) != "\x04\x01\x02" {
		t.Errorf("received %q", got)
	}
	if err := srv.To(session).Emit("to the room of the socket"); err != nil {
		t.Error(err)
	}
	c.expect(`42["to the room of the socket"]`)
	c.send("40") // which is a second time
	c.expectClosed()
}

// The first poll after the handshake brings the answer to the CONNECT packet that the
// client has not sent.
func TestVersion2OverPolling(t *testing.T) {
	srv := socketio.NewServer(version2)
	h := serve(t, srv)
	get := func(query string) string {
		t.Helper()
		res, err := http.Get("http://" + h.addr + "/socket.io/?EIO=3&transport=polling" + query)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		return string(body)
	}
	open := get("")
	_, rest, _ := strings.Cut(open, `0{"sid":"`)
	sid, _, _ := strings.Cut(rest, `"`)
	if !strings.HasSuffix(open, "}") {
		t.Errorf("the handshake is %q", open)
	}
	if first := get("&sid=" + sid); first != "2:40" {
		t.Errorf("the first poll brought %q", first)
	}
}

func TestVersion2InOtherNamespaces(t *testing.T) {
	srv := socketio.NewServer(version2)
	connected := sockets(srv.Of("/adm"))
	left := disconnects(srv.Of("/adm"))
	h := serve(t, srv)
	c, session := h.connect2()
	c.expect("40")
	c.send("40/adm?tok=a%20b&list=1&list=2,")
	c.expect("40/adm,")
	s := await(t, connected, "the socket")
	if s.ID() != "/adm#"+session {
		t.Errorf("the socket's id is %q", s.ID())
	}
	var auth struct {
		Tok  string   `json:"tok"`
		List []string `json:"list"`
	}
	if err := s.Handshake().Auth(&auth); err != nil || auth.Tok != "a b" || !slices.Equal(auth.List, []string{"1", "2"}) {
		t.Errorf("auth %+v, %v", auth, err)
	}
	if err := s.Emit("hi"); err != nil {
		t.Error(err)
	}
	c.expect(`42/adm,["hi"]`)
	echo(srv.Of("/adm"))
	c.send(`42/adm?tok=a%20b,["echo","with the query"]`)
	c.expect(`42/adm,["echo","with the query"]`)
	c.send("41/adm?tok=a%20b,")
	if d := await(t, left, "the disconnection"); d.Reason != socketio.ReasonClientDisconnect {
		t.Errorf("reason %q", d.Reason)
	}
	c.send("40/adm") // without a query and without a comma
	c.expect("40/adm,")
	again := await(t, connected, "the second socket")
	if found, ok := srv.Of("/adm").Socket(again.ID()); !ok || found != again || again.ID() != s.ID() {
		t.Errorf("the socket that came back is %v, found %v", again.ID(), ok)
	}
	c.send("40/adm?again=1")
	c.expectClosed()
}

func TestVersion2Refusals(t *testing.T) {
	srv := socketio.NewServer(version2)
	errs := make(chan error, 1)
	srv.Of("/adm").Use(func(context.Context, *socketio.Socket) error { return <-errs })
	h := serve(t, srv)
	c, _ := h.connect2()
	c.expect("40")
	for _, r := range []struct {
		err    error
		answer string
	}{
		{errors.New("no2"), `44/adm,"no2"`},
		{&socketio.ConnectError{Message: "no", Data: map[string]int{"c": 1}}, `44/adm,{"c":1}`},
		{&socketio.ConnectError{Message: "no", Data: "bare"}, `44/adm,"bare"`},
		{&socketio.ConnectError{Message: "a number is no payload", Data: 5}, `44/adm,"a number is no payload"`},
		{&socketio.ConnectError{Message: "not JSON", Data: make(chan int)}, `44/adm,"not JSON"`},
	} {
		errs <- r.err
		c.send("40/adm?x=1,")
		c.expect(r.answer)
	}
	c.send("40/nope?x=1,")
	c.expect(`44/nope,{"message":"Invalid namespace"}`)
	errs <- nil
	c.send("40/adm,")
	c.expect("40/adm,")
}

func TestVersion2RefusedInTheMainNamespace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(version2)
		srv.Use(func(context.Context, *socketio.Socket) error { return errors.New("not you") })
		h, stop := serveInMemory(t, srv, 0)
		defer stop()
		start := time.Now()
		c := h.dialWebSocket("&EIO=3", nil)
		c.receive()
		c.expect(`44"not you"`)
		go func() { // its heartbeat
			for range 4 {
				time.Sleep(15 * time.Second)
				c.conn.Write([]byte("\x81\x81\x00\x00\x00\x002"))
			}
		}()
		c.conn.SetReadDeadline(time.Time{})
		for err := error(nil); err == nil; {
			_, _, err = wsutil.ReadServerData(c.conn)
		}
		if d := time.Since(start); d != 45*time.Second {
			t.Errorf("a client in no namespace was let stay for %v", d)
		}
		c.conn.Close()
		time.Sleep(time.Minute)
	})
}

// A long token in the query of a namespace passes, a long name does not.
func TestVersion2LongQuery(t *testing.T) {
	srv := socketio.NewServer(version2)
	connected := sockets(srv.Of("/adm"))
	h := serve(t, srv)
	c, _ := h.connect2()
	c.expect("40")
	token := strings.Repeat("x", 6000)
	c.send("40/adm?token=" + token)
	c.expect("40/adm,")
	var auth struct {
		Token string `json:"token"`
	}
	if err := await(t, connected, "the socket").Handshake().Auth(&auth); err != nil || auth.Token != token {
		t.Errorf("%d bytes arrived, %v", len(auth.Token), err)
	}
	c.send("40/" + token)
	c.expectClosed()
}

// Clients of Socket.IO 2 cannot recover, whatever they say, and nothing is kept for them.
func TestVersion2DoesNotRecover(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{AllowEIO3: true, Recovery: &socketio.Recovery{}})
	connected := sockets(srv.Of("/adm"))
	left := disconnects(srv.Of("/adm"))
	h := serve(t, srv)
	current := h.recoverable("/adm,")
	await(t, connected, "the socket of a client that can")
	current.conn.Close()
	if d := await(t, left, "its end"); !d.Recoverable {
		t.Error("a client of today cannot come back")
	}
	c, session := h.connect2()
	c.expect("40")
	c.send("40/adm?pid=" + current.pid)
	c.expect("40/adm,")
	if s := await(t, connected, "the socket"); s.Recovered() || s.ID() != "/adm#"+session {
		t.Errorf("recovered: %v, id %q", s.Recovered(), s.ID())
	}
	c.conn.Close()
	if d := await(t, left, "its end"); d.Recoverable {
		t.Error("a client of Socket.IO 2 can come back")
	}
}

// Both kinds of clients meet in one namespace.
func TestVersion2AmongOthers(t *testing.T) {
	srv := socketio.NewServer(version2)
	connected := sockets(srv.Of("/"))
	h := serve(t, srv)
	old, _ := h.connect2()
	old.expect("40")
	current := h.connect()
	current.join("/", "")
	await(t, connected, "the first socket")
	await(t, connected, "the second socket")
	if err := srv.Emit("to all", []byte{1}); err != nil {
		t.Fatal(err)
	}
	for c, attachment := range map[*client]string{old: "\x04\x01", current: "\x01"} {
		c.expect(`451-["to all",{"_placeholder":true,"num":0}]`)
		if got := c.receiveBinary(); string(got) != attachment {
			t.Errorf("received %q, want %q", got, attachment)
		}
	}
}
