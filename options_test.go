package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"math"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// What the options say about requests reaches the engine.
func TestOptionsOfRequests(t *testing.T) {
	refused := make(chan *engine.ConnectionError, 10)
	requests := make(chan string, 10)
	srv := socketio.NewServer(socketio.Options{
		OnRequest: func(s *engine.Session, r *http.Request) { requests <- r.Method + " of " + s.ID() },
		AllowRequest: func(r *http.Request) (any, error) {
			if r.Header.Get("Authorization") == "" {
				return nil, errors.New("who are you?")
			}
			return r.Header.Get("Authorization"), nil
		},
		GenerateID:        func(r *http.Request) (string, error) { return "id-of-" + r.Header.Get("Authorization"), nil },
		InitialHeaders:    func(h http.Header, _ *http.Request) { h.Set("X-Initial", "1") },
		Headers:           func(h http.Header, _ *http.Request) { h.Set("X-Every", "1") },
		Cookie:            &http.Cookie{Name: "node"},
		CORS:              &socketio.CORS{Origins: []string{"*"}},
		MaxPayload:        1234,
		OnConnectionError: func(_ *http.Request, err *engine.ConnectionError) { refused <- err },
	})
	values := make(chan any, 1)
	srv.OnConnect(func(_ context.Context, s *socketio.Socket) { values <- s.Handshake().Value() })
	h := serve(t, srv)
	get := func(query, authorization string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequest("GET", "http://"+h.addr+"/socket.io/?EIO=4&transport=polling"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", authorization)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(body)
	}
	res, body := get("", "")
	if res.StatusCode != http.StatusForbidden || !strings.Contains(body, "who are you?") {
		t.Errorf("%s %s", res.Status, body)
	}
	if err := await(t, refused, "the refusal"); err.Code != engine.CodeForbidden || err.Err == nil {
		t.Errorf("told of %v", err)
	}
	res, body = get("", "ann")
	var open struct {
		SID        string
		MaxPayload int
	}
	if err := json.Unmarshal([]byte(body[1:]), &open); err != nil || open.SID != "id-of-ann" || open.MaxPayload != 1234 {
		t.Errorf("handshake %s", body)
	}
	for name, want := range map[string]string{"X-Initial": "1", "X-Every": "1", "Access-Control-Allow-Origin": "*"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if cookies := res.Cookies(); len(cookies) != 1 || cookies[0].Name != "node" || cookies[0].Value != open.SID {
		t.Errorf("cookies %v", cookies)
	}
	post, err := http.Post("http://"+h.addr+"/socket.io/?EIO=4&transport=polling&sid="+open.SID, "text/plain", strings.NewReader("40"))
	if err != nil {
		t.Fatal(err)
	}
	post.Body.Close()
	if got := await(t, requests, "the request"); got != "POST of id-of-ann" {
		t.Errorf("told of the request %q", got)
	}
	if post.Header.Get("X-Initial") != "" || post.Header.Get("X-Every") != "1" {
		t.Errorf("headers of the second response: %v", post.Header)
	}
	if got := await(t, values, "the value"); got != "ann" {
		t.Errorf("value %v", got)
	}
	get("&sid="+open.SID, "") // empties the queue, so that the server ends at once
	get("&sid=unknown", "")
	if err := await(t, refused, "the refusal"); err.Code != engine.CodeUnknownSession {
		t.Errorf("told of %v", err)
	}
}

func TestCloseTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := new(journal)
		srv := socketio.NewServer(socketio.Options{Hooks: j, CloseTimeout: time.Second})
		connected := sockets(srv.Of("/"))
		h, stop := serveInMemory(t, srv, 0)
		defer stop()
		p := h.poll()
		p.send("40")
		s := <-connected
		s.DisconnectConn()
		closed := func() bool {
			synctest.Wait()
			return slices.ContainsFunc(j.take(), func(entry string) bool { return strings.HasPrefix(entry, "closed") })
		}
		if closed() {
			t.Error("the client was not waited for")
		}
		time.Sleep(time.Second)
		if !closed() {
			t.Error("the client was waited for too long")
		}
	})
}

func TestInitialPacketComesBeforeEverything(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{InitialPacket: frame.Control(frame.Data, `2["welcome",1]`)})
	h := serve(t, srv)
	c := h.connect()
	c.expect(`42["welcome",1]`)
	c.join("/", "")
	res, err := http.Get("http://" + h.addr + "/socket.io/?EIO=4&transport=polling")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || !strings.HasSuffix(string(body), "}\x1e42[\"welcome\",1]") {
		t.Errorf("the handshake is %q, %v", body, err)
	}
}

// A server works whatever the numbers in its options are: each of them has a default, no
// limit, or a bound of its own.
func TestOptionsWithExtremeNumbers(t *testing.T) {
	for _, extreme := range []int64{0, -1, math.MinInt64, math.MaxInt64} {
		t.Run(fmt.Sprint(extreme), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				options := socketio.Options{
					Recovery: new(socketio.Recovery), Retries: new(socketio.Retries),
					CORS: new(socketio.CORS), PerMessageDeflate: new(socketio.PerMessageDeflate),
				}
				setNumbers(reflect.ValueOf(&options).Elem(), extreme)
				options.Logger = silent
				options.Codec, options.QueuePolicy = packet.JSON, socketio.QueueDisconnect
				srv := socketio.NewServer(options)
				echo(srv)
				srv.OfPattern(regexp.MustCompile("^/dynamic"))
				connected := sockets(srv.Of("/"))
				h, stop := serveInMemory(t, srv, 0)
				c := h.connect()
				c.join("/", "")
				c.join("/dynamic", "")
				s := <-connected
				if err := s.Join("room"); err != nil {
					t.Error(err)
				}
				synctest.Wait() // while something is being written, what is volatile may be dropped
				srv.To("room").Volatile().Emit("hello", []byte{1})
				c.expect(`451-["hello",{"_placeholder":true,"num":0}]`)
				c.receiveBinary()
				c.send(`420["echo",[[1]]]`)
				c.expect(`430[[[1]]]`)
				c.conn.Close()
				stop()
			})
		})
	}
}

// setNumbers sets all numbers in a struct, and in what it points to.
func setNumbers(v reflect.Value, n int64) {
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		v.SetInt(n)
	case reflect.Struct:
		for i := range v.NumField() {
			setNumbers(v.Field(i), n)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			setNumbers(v.Elem(), n)
		}
	}
}

// The comment of each option says what its zero value means, or its default.
func TestOptionsAreExplained(t *testing.T) {
	for file, types := range map[string][]string{
		"options.go": {"Options"}, "engine/options.go": {"Options"}, "recovery.go": {"Recovery"}, "retries.go": {"Retries"},
	} {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range types {
			fields := parsed.Scope.Lookup(name).Decl.(*ast.TypeSpec).Type.(*ast.StructType).Fields.List
			for _, field := range fields {
				comment, isBool := field.Doc.Text(), false
				if id, ok := field.Type.(*ast.Ident); ok {
					isBool = id.Name == "bool"
				}
				said := regexp.MustCompile(`(?i)default|\bnil\b|\bzero\b`).MatchString(comment)
				if !isBool && !said {
					t.Errorf("%s: %s.%s does not say what its zero value means", file, name, field.Names)
				}
			}
		}
	}
}

// What the options have for requests may panic: that request is answered with 500, and
// nobody else is harmed.
func TestPanicsInRequests(t *testing.T) {
	type request struct{ transport, query string }
	first := []request{{"polling", ""}, {"websocket", ""}}
	unknown := []request{{"polling", "&sid=unknown"}, {"websocket", "&sid=unknown"}}
	for name, c := range map[string]struct {
		set      func(o *socketio.Options)
		requests []request
	}{
		"AllowRequest":   {func(o *socketio.Options) { o.AllowRequest = func(*http.Request) (any, error) { panic(1) } }, first},
		"GenerateID":     {func(o *socketio.Options) { o.GenerateID = func(*http.Request) (string, error) { panic(1) } }, first},
		"Headers":        {func(o *socketio.Options) { o.Headers = func(http.Header, *http.Request) { panic(1) } }, first},
		"InitialHeaders": {func(o *socketio.Options) { o.InitialHeaders = func(http.Header, *http.Request) { panic(1) } }, first},
		"AllowOrigin":    {func(o *socketio.Options) { o.AllowOrigin = func(string, *http.Request) bool { panic(1) } }, first},
		"OnConnectionError": {func(o *socketio.Options) {
			o.OnConnectionError = func(*http.Request, *engine.ConnectionError) { panic(1) }
		}, unknown},
		"CORS": {func(o *socketio.Options) {
			o.CORS = &socketio.CORS{AllowOrigin: func(string, *http.Request) bool { panic(1) }}
		}, append(first, unknown...)},
	} {
		t.Run(name, func(t *testing.T) {
			options := socketio.Options{Logger: silent}
			c.set(&options)
			srv := socketio.NewServer(options)
			h := serve(t, srv)
			for _, ask := range c.requests {
				r, err := http.NewRequest("GET", "http://"+h.addr+"/socket.io/?EIO=4&transport="+ask.transport+ask.query, nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Origin", "http://example.com")
				if ask.transport == "websocket" {
					r.Header.Set("Connection", "Upgrade")
					r.Header.Set("Upgrade", "websocket")
					r.Header.Set("Sec-WebSocket-Version", "13")
					r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
				}
				res, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatalf("%+v: %v", ask, err)
				}
				res.Body.Close()
				if res.StatusCode != http.StatusInternalServerError {
					t.Errorf("%+v: %s", ask, res.Status)
				}
			}
			if n := srv.Stats().Panics; n != uint64(len(c.requests)) {
				t.Errorf("Panics = %d, want %d", n, len(c.requests))
			}
		})
	}
}
