package cheatsheet

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/interop/internal/nodejs"
)

// audience are the clients of audience.mjs: a, b and c of one server, d of another one
// in the same cluster, and e, which is c in another namespace.
type audience struct {
	t         *testing.T
	stage     stage
	program   program
	connected map[string]bool
	heard     []string // what has been reported since the row began
}

// stage is a cluster of two servers that the audience watches: ours, or the official ones.
type stage interface {
	urls() []string
	// name says which socket is that of a client, and puts it into its rooms.
	name(who, id string)
	// perform does what a row shows.
	perform(row string)
	// hello emits "hello" to a room, and end "end" to everybody.
	hello(room string)
	end()
	// told returns what the servers have noted since the last call.
	told() []string
}

// report is something that has happened to a client.
type report struct {
	Who, Event string
	Args       []json.RawMessage
}

// String leaves out what is usual, so that "a" means that a has got the event hello,
// without arguments.
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

func newAudience(t *testing.T, ctx context.Context, s stage) *audience {
	a := &audience{t: t, stage: s, connected: make(map[string]bool)}
	a.program = startProgram(t, ctx, append([]string{"audience.mjs"}, s.urls()...)...)
	a.await("connect", 5)
	return a
}

// tell gives a client an order: see audience.mjs.
func (a *audience) tell(who, do string, args ...any) {
	a.t.Helper()
	a.program.tell(a.t, map[string]any{"who": who, "do": do, "args": args})
}

// read takes a report. It keeps what belongs to the row.
func (a *audience) read() (r report) {
	a.t.Helper()
	a.program.read(a.t, &r)
	switch r.Event {
	case "end":
	case "connect":
		var id string
		if err := json.Unmarshal(r.Args[0], &id); err != nil {
			a.t.Fatal(err)
		}
		a.connected[r.Who] = true
		a.stage.name(r.Who, id)
	case "disconnect":
		delete(a.connected, r.Who)
		fallthrough
	default:
		a.heard = append(a.heard, r.String())
	}
	return r
}

// await reads until an event has happened so many times.
func (a *audience) await(event string, times int) {
	a.t.Helper()
	for times > 0 {
		if a.read().Event == event {
			times--
		}
	}
}

// ask has client a ask something, and awaits the answer.
func (a *audience) ask(args ...any) {
	a.t.Helper()
	a.tell("a", "ask", args...)
	a.await("answer", 1)
}

// rejoin has client a leave, if it has not, and join again.
func (a *audience) rejoin() {
	a.t.Helper()
	a.tell("a", "connect")
	a.await("connect", 1)
}

// watch tries a row, and compares what the clients report, until the servers have told all
// of them that this was it, and what the servers note, with what is wanted.
func (a *audience) watch(r row) {
	a.t.Helper()
	a.heard = nil
	a.stage.perform(r.what)
	if r.then != nil {
		r.then(a)
	}
	a.stage.end()
	a.await("end", len(a.connected))
	slices.Sort(a.heard)
	if heard := strings.Join(a.heard, ", "); heard != r.heard {
		a.t.Errorf("%s: the clients heard %q, want %q", r.what, heard, r.heard)
	}
	if told := strings.Join(a.stage.told(), ", "); told != r.told {
		a.t.Errorf("%s: the servers told %q, want %q", r.what, told, r.told)
	}
}

// program is a program for Node.js of this folder that reads and writes JSON lines.
type program struct {
	in  *json.Encoder
	out *json.Decoder
}

// startProgram runs a program until the test ends.
func startProgram(t *testing.T, ctx context.Context, args ...string) program {
	t.Helper()
	p := nodejs.Start(t, ctx, args...)
	return program{json.NewEncoder(p.In), json.NewDecoder(p.Out)}
}

func (p program) tell(t *testing.T, order any) {
	t.Helper()
	if err := p.in.Encode(order); err != nil {
		t.Fatal(err)
	}
}

func (p program) read(t *testing.T, v any) {
	t.Helper()
	if err := p.out.Decode(v); err != nil {
		t.Fatalf("the program says nothing more: %v", err)
	}
}
