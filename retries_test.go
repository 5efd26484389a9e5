package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/event"
)

// retrying is a client that sends events again, over any number of connections.
type retrying struct {
	*client
	host *host
	nsp  string // empty, or with a comma behind it
	rid  string
}

func (h *host) retrying(nsp string) *retrying {
	h.t.Helper()
	r := &retrying{host: h, nsp: nsp}
	if r.connect("40"+nsp) != "" {
		h.t.Fatal("there was a memory before")
	}
	return r
}

// connect opens a connection and sends the CONNECT packet. It returns the rid of before,
// if the server knows it, and else nothing.
func (r *retrying) connect(packet string) (known string) {
	r.host.t.Helper()
	r.client = r.host.connect()
	r.send(packet)
	reply := r.receive()
	var granted struct{ SID, RID string }
	payload, ok := strings.CutPrefix(reply, "40"+r.nsp)
	if !ok || json.Unmarshal([]byte(payload), &granted) != nil || len(granted.SID) != 20 || len(granted.RID) != 20 {
		r.t.Fatalf("reply %q", reply)
	}
	if granted.RID == r.rid {
		known = r.rid
	}
	r.rid = granted.RID
	return known
}

// comeBack connects again. The connection of before stays as it is. It reports whether
// the server remembers the client.
func (r *retrying) comeBack() bool {
	r.host.t.Helper()
	return r.connect(fmt.Sprintf(`40%s{"rid":%q}`, r.nsp, r.rid)) != ""
}

// mustComeBack is for a client that has sent a retried event.
func (r *retrying) mustComeBack() {
	r.host.t.Helper()
	if !r.comeBack() {
		r.t.Fatal("the server does not remember the client")
	}
}

// barrier returns when all that was sent before has been handled: it expects nothing
// but the answer of a handler with an ordinary id.
func (r *retrying) barrier() {
	r.host.t.Helper()
	r.send("42" + r.nsp + `7["echo"]`)
	r.expect("43" + r.nsp + "7[]")
}

// withRetries returns a server that counts: the answer to "count" is the number of its
// runs and its arguments.
func withRetries(o socketio.Options) (srv *socketio.Server, runs func() int) {
	if o.Retries == nil {
		o.Retries = new(socketio.Retries)
	}
	srv = socketio.NewServer(o)
	return srv, counting(srv)
}

func counting(srv *socketio.Server) (runs func() int) {
	var mu sync.Mutex
	n := 0
	srv.On("count", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		mu.Lock()
		n++
		now := n
		mu.Unlock()
		return args.Ack(now, args)
	})
	echo(srv)
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

func TestRetriesAreOffByDefault(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	counting(srv)
	c := serve(t, srv).connect()
	c.send(`40{"rid":"x"}`)
	if reply := c.receive(); strings.Contains(reply, "rid") {
		t.Errorf("reply %s", reply)
	}
	c.send(`421073741824["count"]`, `421073741824["count"]`)
	c.expect(`431073741824[1]`, `431073741824[2]`)
	if stats := srv.Stats().Retries; stats != (socketio.RetryStats{}) {
		t.Errorf("%+v", stats)
	}
}

// An event is handled once, and its repeats are answered, on the same connection and on
// others.
func TestRetriedEvents(t *testing.T) {
	for _, recovery := range []*socketio.Recovery{nil, new(socketio.Recovery)} {
		srv, runs := withRetries(socketio.Options{Recovery: recovery})
		r := serve(t, srv).retrying("")
		if n := srv.Stats().Retries.Memories; n != 0 {
			t.Errorf("%d memories of a client that has sent nothing", n)
		}
		r.send(`421073741824["count","a"]`)
		r.expect(`431073741824[1,"a"]`)
		r.send(`421073741824["count","a"]`, `421073741824["count","a"]`)
		r.expect(`431073741824[1,"a"]`, `431073741824[1,"a"]`)
		for range 2 {
			r.mustComeBack()
			r.send(`421073741824["count","a"]`)
			r.expect(`431073741824[1,"a"]`)
		}
		r.send(`421073741825["count","b"]`)
		r.expect(`431073741825[2,"b"]`)
		r.send(`421073741824["count","a"]`) // late
		r.barrier()
		r.mustComeBack()
		r.send(`421073741824["count","a"]`)
		r.barrier()
		r.send(`421073741825["count","b"]`)
		r.expect(`431073741825[2,"b"]`)
		stats, want := srv.Stats().Retries, socketio.RetryStats{Memories: 1, Bytes: len("..431073741825[2,'b']"), Answered: 5, Ignored: 2}
		if runs() != 2 || stats != want {
			t.Errorf("%d runs, %+v, want %+v", runs(), stats, want)
		}
	}
}

// The first event may be on its way over a connection that the client has given up.
func TestRetryOfAnEventThatIsLate(t *testing.T) {
	srv, runs := withRetries(socketio.Options{})
	r := serve(t, srv).retrying("")
	first := r.client
	r.mustComeBack()
	r.send(`421073741824["count"]`)
	r.expect(`431073741824[1]`)
	first.send(`421073741824["count"]`, `427["echo"]`)
	first.expect(`431073741824[1]`, `437[]`)
	if runs() != 1 {
		t.Errorf("%d runs", runs())
	}
}

// Ids of other clients, and of events that are sent once, are nothing but ids.
func TestIDsThatAreNotRetried(t *testing.T) {
	srv, _ := withRetries(socketio.Options{})
	r := serve(t, srv).retrying("")
	n := 0
	for _, id := range []string{"0", "5", "1073741823", "2147483648", "9007199254740991"} {
		for range 2 {
			n++
			r.send("42" + id + `["count"]`)
			r.expect(fmt.Sprintf("43%s[%d]", id, n))
		}
	}
	// Events without an id are not answered.
	r.send(`42["echo"]`, `42["echo"]`)
	r.expect(`42["echo"]`, `42["echo"]`)
	if stats := srv.Stats().Retries; stats != (socketio.RetryStats{}) {
		t.Errorf("%+v", stats)
	}
}

// Ids begin anew behind the last one; and a client may leave some out.
func TestRetryIDsWrap(t *testing.T) {
	srv, runs := withRetries(socketio.Options{})
	r := serve(t, srv).retrying("")
	for i, id := range []string{"1500000000", "2000000000", "2147483647", "1073741824", "1073741830"} {
		r.send("42" + id + `["count"]`)
		r.expect(fmt.Sprintf("43%s[%d]", id, i+1))
	}
	for _, id := range []string{"2147483647", "1073741824", "1073741829"} {
		r.send("42" + id + `["count"]`)
	}
	r.barrier()
	if runs() != 5 {
		t.Errorf("%d runs", runs())
	}
}

// A repeat of an event that is being handled is not handled, and the answer goes to the
// connection that the client has then, whether the server knows that the one of
// before has ended or not.
func TestRepeatWhileRunning(t *testing.T) {
	for _, closed := range []bool{true, false} {
		for _, back := range []bool{true, false} {
			srv, _ := withRetries(socketio.Options{})
			left := disconnects(srv.Of("/"))
			running, finish, failed := make(chan bool, 10), make(chan bool), make(chan error, 10)
			srv.On("slow", func(ctx context.Context, _ *socketio.Socket, args socketio.Args) error {
				running <- true
				<-finish
				err := args.Ack([]byte{1, 2}, "done")
				failed <- err
				return err
			})
			r := serve(t, srv).retrying("")
			r.send(`421073741824["slow"]`)
			await(t, running, "the handler")
			first := r.client
			if closed {
				first.conn.Close()
			}
			if back {
				r.mustComeBack()
				r.send(`421073741824["slow"]`)
				r.barrier() // ignored
			}
			if closed && !back {
				// The server sees it when the events before are handled.
				close(finish)
				await(t, left, "the disconnect")
				r.mustComeBack()
				r.send(`421073741824["slow"]`)
			} else {
				close(finish)
			}
			r.expect(`461-1073741824[{"_placeholder":true,"num":0},"done"]`)
			if got := r.receiveBinary(); string(got) != "\x01\x02" {
				t.Errorf("attachment % x", got)
			}
			if err := await(t, failed, "the acknowledgement"); err != nil {
				t.Errorf("closed %v, back %v: Ack: %v", closed, back, err)
			}
			r.send(`421073741824["slow"]`) // answered
			r.expect(`461-1073741824[{"_placeholder":true,"num":0},"done"]`)
			r.receiveBinary()
			if len(running) != 0 {
				t.Error("handled again")
			}
			if back && !closed { // the connection of before is alive, and has nothing to do with it
				first.send(`427["echo"]`)
				first.expect("437[]")
			}
		}
	}
}

// Handlers of an event that is waiting behind others, when the connection ends, run.
func TestRepeatOfAnEventThatWaits(t *testing.T) {
	srv, runs := withRetries(socketio.Options{})
	running, finish := make(chan bool), make(chan bool)
	srv.On("slow", func(context.Context, *socketio.Socket, socketio.Args) error {
		running <- true
		<-finish
		return nil
	})
	r := serve(t, srv).retrying("")
	srv.Of("/other")
	r.send(`42["slow"]`, `421073741824["count"]`, "40/other,")
	await(t, running, "the handler")
	if reply := r.receive(); !strings.HasPrefix(reply, "40/other,") { // so what came before has arrived
		t.Fatalf("reply %q", reply)
	}
	r.conn.Close()
	r.mustComeBack()
	r.send(`421073741824["count"]`)
	r.barrier()
	if runs() != 0 {
		t.Error("the repeat was handled")
	}
	close(finish)
	r.expect(`431073741824[1]`)
}

// What failed is remembered like any other answer, unless the connection's end may be
// the reason for it.
func TestRetriedEventsThatFail(t *testing.T) {
	srv, _ := withRetries(socketio.Options{Logger: silent})
	left := disconnects(srv.Of("/"))
	running := make(chan bool, 10)
	first := true
	srv.On("context", func(ctx context.Context, _ *socketio.Socket, args socketio.Args) error {
		running <- true
		if !first {
			return args.Ack("done")
		}
		first = false
		<-ctx.Done()
		return ctx.Err()
	})
	srv.On("told", func(ctx context.Context, _ *socketio.Socket, _ socketio.Args) error {
		running <- true
		<-ctx.Done()
		return &event.Error{Message: "no such thing"}
	})
	srv.On("fails", func(context.Context, *socketio.Socket, socketio.Args) error {
		running <- true
		return errors.New("why")
	})
	h := serve(t, srv)
	r := h.retrying("")
	id := 1 << 30
	fail := func(name string, runs int, cut bool, answer string) {
		t.Helper()
		packet := fmt.Sprintf("42%d[%q]", id, name)
		r.send(packet)
		await(t, running, "the handler")
		if cut {
			r.conn.Close()
			await(t, left, "the disconnect")
			r.mustComeBack()
		} else {
			r.expect(fmt.Sprintf("43%d%s", id, answer))
		}
		r.send(packet)
		r.expect(fmt.Sprintf("43%d%s", id, answer))
		if len(running) != runs-1 {
			t.Errorf("%s: handled %d times more", name, len(running))
		}
		for range len(running) {
			<-running
		}
		id++
	}
	fail("fails", 1, false, `[{"error":"internal error"}]`)
	fail("told", 1, true, `[{"error":"no such thing"}]`)
	fail("context", 2, true, `["done"]`)
}

// A repeat of an event that nothing was registered for is as new.
func TestRetriedEventWithoutHandler(t *testing.T) {
	srv, runs := withRetries(socketio.Options{})
	r := serve(t, srv).retrying("")
	r.send(`421073741824["later"]`)
	r.barrier()
	r.send(`421073741824["later"]`)
	r.barrier()
	srv.On("later", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack("now") })
	for range 2 {
		r.send(`421073741824["later"]`)
		r.expect(`431073741824["now"]`)
	}
	if runs() != 0 || srv.Stats().Retries.Answered != 1 {
		t.Errorf("%+v", srv.Stats().Retries)
	}
}

// A secret is good for the client's own memory in its own namespace.
func TestRetrySecrets(t *testing.T) {
	srv, runs := withRetries(socketio.Options{})
	other := srv.Of("/other")
	other.On("count", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack("other") })
	h := serve(t, srv)
	r := h.retrying("")
	r.send(`421073741824["count"]`)
	r.expect(`431073741824[1]`)
	for _, auth := range []string{
		``, `{"rid":""}`, `{"rid":"x"}`, `{"rid":5}`, `{"rid":{}}`, `{"rid":["` + r.rid + `"]}`,
		`{"rid":"` + strings.Repeat("r", 100_000) + `"}`,
	} {
		c := &retrying{host: h, rid: r.rid}
		if c.connect("40"+auth) != "" {
			t.Errorf("%.50s is as good as the secret", auth)
		}
	}
	o := &retrying{host: h, nsp: "/other,", rid: r.rid}
	if o.comeBack() {
		t.Error("the secret is good for another namespace")
	}
	o.send(`42/other,1073741824["count"]`)
	o.expect(`43/other,1073741824["other"]`)
	// Both namespaces over one connection.
	r.mustComeBack()
	r.send(fmt.Sprintf(`40/other,{"rid":%q}`, o.rid))
	if reply := r.receive(); !strings.Contains(reply, o.rid) {
		t.Errorf("reply %q", reply)
	}
	r.send(`42/other,1073741824["count"]`, `421073741824["count"]`)
	got := map[string]bool{r.receive(): true, r.receive(): true}
	if !got[`43/other,1073741824["other"]`] || !got[`431073741824[1]`] || runs() != 1 {
		t.Errorf("%d runs, received %v", runs(), got)
	}
	if stats := srv.Stats().Retries; stats.Memories != 2 || stats.Unknown != 3 {
		t.Errorf("%+v", stats)
	}
}

// Middleware that refuses a client leaves its memory as it is, also while another
// connection uses it.
func TestRetriesAndMiddleware(t *testing.T) {
	srv, runs := withRetries(socketio.Options{})
	refuse := false
	srv.Use(func(context.Context, *socketio.Socket) error {
		if refuse {
			return errors.New("no")
		}
		return nil
	})
	h := serve(t, srv)
	r := h.retrying("")
	r.send(`421073741824["count"]`)
	r.expect(`431073741824[1]`)
	refuse = true
	c := h.connect()
	c.send(fmt.Sprintf(`40{"rid":%q}`, r.rid))
	c.expect(`44{"message":"no"}`)
	r.send(`421073741825["count"]`)
	r.expect(`431073741825[2]`)
	refuse = false
	r.mustComeBack()
	r.send(`421073741825["count"]`)
	r.expect(`431073741825[2]`)
	if runs() != 2 {
		t.Errorf("%d runs", runs())
	}
}

func TestRetriesOverPolling(t *testing.T) {
	srv, runs := withRetries(socketio.Options{})
	h := serve(t, srv)
	rid := ""
	for range 2 {
		p := h.poll()
		p.send(fmt.Sprintf(`40{"rid":%q}`, rid))
		var granted struct{ RID string }
		if err := json.Unmarshal([]byte(strings.TrimPrefix(p.receive()[0], "40")), &granted); err != nil || rid != "" && granted.RID != rid {
			t.Fatalf("granted %+v, %v", granted, err)
		}
		rid = granted.RID
		p.send(`421073741824["count"]`, `421073741824["count"]`)
		if got := p.receive(); got[0] != `431073741824[1]` {
			t.Errorf("received %q", got)
		}
	}
	if runs() != 1 {
		t.Errorf("%d runs", runs())
	}
}
