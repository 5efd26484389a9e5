package goclient

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/packet"
)

// A testCase is something that a client does with a server. The same cases are in
// client.mjs, and what comes out, as JSON, must be the same for every client, server
// and transport.
type testCase struct {
	name string
	want string
	run  func(e *env) any
}

var testCases = []testCase{
	{"welcome", `[{"auth":{"age":7,"user":"ann"},"recovered":false}]`, func(e *env) any {
		return e.connect("/", client.Options{Auth: struct {
			User string `json:"user"`
			Age  int    `json:"age"`
		}{"ann", 7}}).next("welcome")
	}},
	{"event and echo", `[1,"2",{"3":["4"]},null,true]`, func(e *env) any {
		s := e.connect("/", client.Options{})
		s.emit("echo", 1, "2", map[string]any{"3": []string{"4"}}, nil, true)
		return s.next("echo")
	}},
	{"event without arguments", `[]`, func(e *env) any {
		s := e.connect("/", client.Options{})
		s.emit("echo")
		return s.next("echo")
	}},
	{"acknowledgement", `[["a",1],[]]`, func(e *env) any {
		s := e.connect("/", client.Options{})
		return []any{s.ask("echo", "a", 1), s.ask("echo")}
	}},
	{"many acknowledgements", `1225`, func(e *env) any {
		s := e.connect("/", client.Options{})
		answers := make(chan float64)
		for i := range 50 {
			go func() { answers <- s.ask("echo", i)[0].(float64) }()
		}
		sum := 0.0
		for range 50 {
			sum += <-answers
		}
		return sum
	}},
	{"the server asks", `[null,"y","x"]`, func(e *env) any {
		s := e.connect("/", client.Options{})
		s.On("question", func(_ context.Context, _ *client.Socket, args client.Args) error {
			var a, b string
			if err := args.Decode(&a, &b); err != nil {
				return err
			}
			return args.Ack(b, a)
		})
		s.emit("question me", "x", "y")
		return s.next("answered")
	}},
	{"binary", `[["bytes:0001ff",{"deep":["bytes:0001ff","text"]},"bytes:"],["bytes:0001ff"]]`, func(e *env) any {
		s := e.connect("/", client.Options{})
		b := []byte{0, 1, 255}
		answer := s.ask("echo", b, map[string]any{"deep": []any{b, "text"}}, []byte{})
		s.emit("echo", b)
		return []any{answer, s.next("echo")}
	}},
	{"large payloads", `[300000,400000]`, func(e *env) any {
		s := e.connect("/", client.Options{})
		text := s.ask("echo", strings.Repeat("x", 300_000))[0].(string)
		binary := s.ask("echo", bytes.Repeat([]byte{7}, 400_000))[0].(string)
		return []any{len(text), (len(binary) - len("bytes:")) / 2}
	}},
	{"unicode", `["żółć 日本語 🚀\u2028\u0000\u001e",{"ключ":"знач"}]`, func(e *env) any {
		s := e.connect("/", client.Options{})
		return s.ask("echo", "żółć 日本語 🚀\u2028\x00\x1e", map[string]any{"ключ": "знач"})
	}},
	{"order", `true`, func(e *env) any {
		s := e.connect("/", client.Options{})
		s.emit("burst", 500)
		for i := range 500 {
			if s.next("number")[0] != float64(i) {
				return false
			}
		}
		return true
	}},
	{"another namespace", `[[{"auth":{"in":"custom"},"recovered":false}],["ns"]]`, func(e *env) any {
		s := e.connect("/custom", client.Options{Auth: map[string]any{"in": "custom"}})
		return []any{s.next("welcome"), s.ask("echo", "ns")}
	}},
	{"two namespaces over one connection", `[["main"],["custom"],["still here"]]`, func(e *env) any {
		a := e.connect("/", client.Options{})
		b := &socket{Socket: a.Client().Of("custom"), e: e}
		if err := b.Connect(e.ctx); err != nil {
			e.t.Fatal(err)
		}
		both := []any{a.ask("echo", "main"), b.ask("echo", "custom")}
		b.Disconnect()
		both = append(both, a.ask("echo", "still here"))
		if n := a.Client().Stats().Connections; n != 1 {
			e.t.Errorf("%d connections", n)
		}
		return both
	}},
	{"namespace that lets nobody in", `["not authorized",{"code":42}]`, func(e *env) any {
		return e.refusal("/admin", client.Options{Auth: map[string]any{"token": "wrong"}})
	}},
	{"namespace with the right token", `["in"]`, func(e *env) any {
		auth := func(context.Context, string) (any, error) { return map[string]any{"token": "secret"}, nil }
		return e.connect("/admin", client.Options{AuthFunc: auth}).ask("echo", "in")
	}},
	{"unknown namespace", `["Invalid namespace",null]`, func(e *env) any {
		return e.refusal("/nowhere", client.Options{})
	}},
	{"rooms", `["news"]`, func(e *env) any {
		s := e.connect("/", client.Options{})
		s.ask("join", "r1")
		s.emit("to room", "r1", "news")
		return s.next("from room")
	}},
	{"the server disconnects", `["io server disconnect",false]`, func(e *env) any {
		s := e.connect("/", client.Options{})
		s.emit("leave me")
		return []any{s.reason(), s.Active()}
	}},
	{"the server closes the connection", `["io server disconnect",false]`, func(e *env) any {
		s := e.connect("/", client.Options{})
		s.emit("close me")
		return []any{s.reason(), s.Active()}
	}},
	{"the connection is dropped", `"transport close"`, func(e *env) any {
		s := e.connect("/", client.Options{DisableReconnect: true})
		s.emit("drop me")
		return s.reason()
	}},
	{"the client disconnects", `["io client disconnect",false]`, func(e *env) any {
		s := e.connect("/", client.Options{})
		s.Disconnect()
		return []any{s.reason(), s.Active()}
	}},
	{"query and headers", `["4","a b&c","yes"]`, func(e *env) any {
		s := e.connect("/", client.Options{
			Query:  map[string]string{"q": "a b&c"},
			Header: map[string][]string{"X-Test": {"yes"}},
		})
		about := s.ask("describe")[0].(map[string]any)
		query, headers := about["query"].(map[string]any), about["headers"].(map[string]any)
		return []any{query["EIO"], query["q"], headers["x-test"]}
	}},
	{"timeout of an acknowledgement", `"timed out"`, func(e *env) any {
		s := e.connect("/", client.Options{AckTimeout: 50 * time.Millisecond})
		if _, err := s.EmitWithAck(e.ctx, "swallow"); !errors.Is(err, client.ErrAckTimeout) {
			e.t.Errorf("error %v", err)
		}
		return "timed out"
	}},
}

// env is where a case runs.
type env struct {
	t          testing.TB
	ctx        context.Context
	url        string
	transports []string
	codec      packet.Codec // nil is JSON
}

// socket is a connected socket that keeps what arrives.
type socket struct {
	*client.Socket
	e       *env
	events  map[string]chan []any
	reasons chan string
}

// patience is for what never happens if all is well.
const patience = 20 * time.Second

func (e *env) connect(namespace string, o client.Options) *socket {
	e.t.Helper()
	s, err := e.tryConnect(namespace, o)
	if err != nil {
		e.t.Fatal(err)
	}
	return s
}

func (e *env) tryConnect(namespace string, o client.Options) (*socket, error) {
	s := &socket{e: e, reasons: make(chan string, 10), events: map[string]chan []any{}}
	for _, name := range []string{"welcome", "echo", "message", "number", "answered", "from room", "upgraded"} {
		s.events[name] = make(chan []any, 1000)
	}
	o.Transports, o.Codec = e.transports, e.codec
	setup := o.Setup
	o.Setup = func(sock *client.Socket) {
		s.Socket = sock
		if setup != nil {
			setup(sock)
		}
		sock.OnAny(func(_ context.Context, _ *client.Socket, name string, args client.Args) {
			if c := s.events[name]; c != nil {
				c <- values(e.t, args)
			}
		})
		sock.OnDisconnect(func(_ context.Context, _ *client.Socket, d client.Disconnect) {
			s.reasons <- string(d.Reason)
		})
	}
	_, err := client.Connect(e.ctx, e.url+namespace, o)
	if err == nil {
		e.t.Cleanup(func() { s.Client().Shutdown(context.Background()) })
	}
	return s, err
}

func (e *env) refusal(namespace string, o client.Options) any {
	_, err := e.tryConnect(namespace, o)
	var failure *client.ConnectError
	var refused *client.RefusedError
	if !errors.As(err, &failure) || !errors.As(err, &refused) {
		e.t.Fatalf("error %v", err)
	}
	if failure.Step != client.StepJoin || failure.Fault != client.FaultServer {
		e.t.Errorf("step %s, fault %s", failure.Step, failure.Fault)
	}
	var data any
	if err := refused.Data(&data); err != nil {
		e.t.Error(err)
	}
	return []any{refused.Message, data}
}

func (s *socket) emit(name string, args ...any) {
	s.e.t.Helper()
	if err := s.Emit(name, args...); err != nil {
		s.e.t.Error(err)
	}
}

func (s *socket) ask(name string, args ...any) []any {
	answer, err := s.EmitWithAck(s.e.ctx, name, args...)
	if err != nil {
		s.e.t.Error(err)
		return []any{err.Error()}
	}
	return values(s.e.t, answer)
}

// next returns the arguments of the next event of the given name.
func (s *socket) next(name string) []any {
	select {
	case args := <-s.events[name]:
		return args
	case <-s.e.ctx.Done():
		s.e.t.Fatalf("no event %q", name)
		return nil
	}
}

func (s *socket) reason() string {
	select {
	case reason := <-s.reasons:
		return reason
	case <-s.e.ctx.Done():
		s.e.t.Fatal("not disconnected")
		return ""
	}
}

// values decodes all arguments, with binary data as text.
func values(t testing.TB, args client.Args) []any {
	list := make([]any, args.Len())
	for i := range list {
		if err := args.At(i, &list[i]); err != nil {
			t.Error(err)
		}
		list[i] = plain(list[i])
	}
	return list
}

func plain(v any) any {
	switch v := v.(type) {
	case []byte:
		return "bytes:" + hex.EncodeToString(v)
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = plain(v[name])
		}
	}
	return v
}

// sameJSON compares two values by what they mean as JSON.
func sameJSON(t testing.TB, got any, want string) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	json.Unmarshal(text, &a)
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	canonicalA, _ := json.Marshal(a)
	canonicalB, _ := json.Marshal(b)
	if !bytes.Equal(canonicalA, canonicalB) {
		t.Errorf("got  %.300s\nwant %.300s", canonicalA, canonicalB)
	}
}

// whenNotBusy emits a volatile event again and again until it is not dropped: what was
// sent before it may still be on its way out.
func whenNotBusy(emit func() error) error {
	for {
		err := emit()
		if !errors.Is(err, client.ErrDropped) {
			return err
		}
		runtime.Gosched()
	}
}
