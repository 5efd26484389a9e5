// Package cheatsheet runs every row of the server's side of docs/cheatsheet.md and looks
// at what official clients receive. There is one file for each table.
package cheatsheet

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/internal/leak"
	"github.com/go-socketio/socketio/interop/internal/doctable"
)

func TestMain(m *testing.M) { leak.Main(m) }

// patience is for what never happens if all is well.
const patience = 20 * time.Second

// audience are the clients of audience.mjs: a, b and c of one server, d of another one
// in the same cluster, and e, which is c in another namespace.
type audience struct {
	*doctable.Table
	t          *testing.T
	ctx        context.Context
	srv, other *socketio.Server
	sockets    map[string]*socketio.Socket
	orders     *json.Encoder
	reports    *json.Decoder
}

// report is something that has happened to a client.
type report struct {
	Who, Event string
	Args       []json.RawMessage
}

// String leaves out what is usual, so that "a b" means that both have got the event
// hello, without arguments.
func (r report) String() string {
	words := []string{r.Who}
	if r.Event != "hello" {
		words = append(words, r.Event)
	}
	for _, arg := range r.Args {
		words = append(words, string(arg))
	}
	return strings.Join(words, " ")
}

// newAudience connects them, for the rows of a table of the page, which are tried in the
// given file.
func newAudience(t *testing.T, heading, file string) *audience {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	a := &audience{
		Table:   doctable.Open(t, "../../../docs/cheatsheet.md", heading, 2, file),
		t:       t,
		ctx:     ctx,
		sockets: make(map[string]*socketio.Socket),
	}
	bus := cluster.NewMemory()
	var urls []string
	start := func() *socketio.Server {
		srv := socketio.NewServer(socketio.Options{Bus: bus})
		srv.Of("/admin").OnConnect(func(_ context.Context, s *socketio.Socket) { s.Join("room1") })
		web := httptest.NewServer(srv)
		t.Cleanup(web.Close)
		t.Cleanup(func() { srv.Close() })
		urls = append(urls, web.URL)
		return srv
	}
	a.srv, a.other = start(), start()
	a.startClients(urls)
	for range 5 {
		a.find(a.next("connect"))
	}
	a.sockets["a"].Join("room1")
	a.sockets["b"].Join("room1", "room2")
	a.sockets["c"].Join("room3")
	a.sockets["d"].Join("room1")
	return a
}

func (a *audience) startClients(urls []string) {
	cmd := exec.CommandContext(a.ctx, "node", append([]string{"audience.mjs"}, urls...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		a.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		a.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		a.t.Fatalf("node is needed for this test: %v", err)
	}
	a.t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	a.orders, a.reports = json.NewEncoder(in), json.NewDecoder(bufio.NewReader(out))
}

// find looks up the socket of a client that reports its connection.
func (a *audience) find(r report) {
	a.t.Helper()
	var id string
	if err := json.Unmarshal(r.Args[0], &id); err != nil {
		a.t.Fatal(err)
	}
	for _, ns := range []*socketio.Namespace{a.srv.Of("/"), a.other.Of("/"), a.srv.Of("/admin")} {
		if s, ok := ns.Socket(id); ok {
			a.sockets[r.Who] = s
			return
		}
	}
	a.t.Fatalf("no socket of %s", r.Who)
}

// next returns the next report, which has to be of the given event.
func (a *audience) next(event string) report {
	a.t.Helper()
	r := a.read()
	if r.Event != event {
		a.t.Fatalf("%s, want %s", r, event)
	}
	return r
}

func (a *audience) read() (r report) {
	a.t.Helper()
	if err := a.reports.Decode(&r); err != nil {
		a.t.Fatalf("no report: %v", err)
	}
	return r
}

// tell gives a client an order: see audience.mjs.
func (a *audience) tell(who, do string, args ...any) {
	a.t.Helper()
	if err := a.orders.Encode(map[string]any{"who": who, "do": do, "args": args}); err != nil {
		a.t.Fatal(err)
	}
}

// heard does something and returns what the clients report until the servers have told
// all of them that this was it.
func (a *audience) heard(do func() error) string {
	a.t.Helper()
	if err := do(); err != nil {
		a.t.Error(err)
	}
	a.srv.Emit("end")
	a.srv.Of("/admin").Emit("end")
	waiting := make(map[string]bool)
	for who, s := range a.sockets {
		if s.Connected() {
			waiting[who] = true
		}
	}
	var heard []string
	for len(waiting) > 0 {
		switch r := a.read(); r.Event {
		case "end":
			delete(waiting, r.Who)
		default:
			heard = append(heard, r.String())
		}
	}
	slices.Sort(heard)
	return strings.Join(heard, ", ")
}

// expect does something and compares what the clients report with what is wanted.
func (a *audience) expect(want string, do func() error) {
	a.t.Helper()
	if got := a.heard(do); got != want {
		a.t.Errorf("%s: %q, want %q", a.Row(), got, want)
	}
}
