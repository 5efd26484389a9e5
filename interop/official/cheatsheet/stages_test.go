package cheatsheet

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
)

// ours are two of our servers.
type ours struct {
	t          *testing.T
	ctx        context.Context
	srv, other *socketio.Server
	addresses  []string
	sockets    map[string]*socketio.Socket
	rows       map[string]func() error
	audience   *audience

	mu       sync.Mutex
	tellings []string
}

// rooms are those that the sockets of the clients are in. The official servers of stage.mjs
// have the same.
var rooms = map[string][]string{"a": {"room1"}, "b": {"room1", "room2"}, "c": {"room3"}, "d": {"room1"}, "e": {"room1"}}

// newOurs starts the servers, and connects the audience.
func newOurs(t *testing.T) *ours {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	p := &ours{t: t, ctx: ctx, sockets: make(map[string]*socketio.Socket)}
	bus := cluster.NewMemory()
	start := func() *socketio.Server {
		srv := socketio.NewServer(socketio.Options{Bus: bus})
		srv.Of("/admin")
		web := httptest.NewServer(srv)
		t.Cleanup(web.Close)
		t.Cleanup(func() { srv.Close() })
		p.addresses = append(p.addresses, web.URL)
		return srv
	}
	p.srv, p.other = start(), start()
	p.srv.On("sync", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack() })
	p.audience = newAudience(t, ctx, p)
	return p
}

func (p *ours) urls() []string { return p.addresses }

func (p *ours) name(who, id string) {
	for _, ns := range []*socketio.Namespace{p.srv.Of("/"), p.other.Of("/"), p.srv.Of("/admin")} {
		if s, ok := ns.Socket(id); ok {
			p.sockets[who] = s
			p.check(s.Join(rooms[who]...))
			return
		}
	}
	p.t.Fatalf("no socket of %s", who)
}

func (p *ours) perform(row string) { p.check(p.rows[row]()) }

func (p *ours) hello(room string) { p.check(p.srv.To(room).Emit("hello")) }

func (p *ours) end() {
	p.check(p.srv.Emit("end"))
	p.check(p.srv.Of("/admin").Emit("end"))
}

func (p *ours) check(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Error(err)
	}
}

// tell notes what comes out of a row. Any goroutine may call it.
func (p *ours) tell(what ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tellings = append(p.tellings, what...)
}

func (p *ours) told() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	told := p.tellings
	p.tellings = nil
	return told
}

// official are two official servers, which stage.mjs has in one process.
type official struct {
	t         *testing.T
	program   program
	addresses []string
	tellings  []string
}

func newOfficial(t *testing.T, ctx context.Context, file string) *official {
	p := &official{t: t, program: startProgram(t, ctx, file)}
	var ready struct{ URLs []string }
	p.program.read(t, &ready)
	p.addresses = ready.URLs
	return p
}

func (p *official) urls() []string { return p.addresses }

func (p *official) name(who, id string) { p.order(map[string]any{"do": "name", "who": who, "id": id}) }

func (p *official) perform(row string) { p.order(map[string]any{"do": "perform", "row": row}) }

func (p *official) hello(room string) { p.order(map[string]any{"do": "hello", "room": room}) }

func (p *official) end() { p.order(map[string]any{"do": "end"}) }

// order has the program do something: see stage.mjs.
func (p *official) order(order any) {
	p.t.Helper()
	p.program.tell(p.t, order)
	var answer struct{ Told []string }
	p.program.read(p.t, &answer)
	p.tellings = append(p.tellings, answer.Told...)
}

func (p *official) told() []string {
	told := p.tellings
	p.tellings = nil
	return told
}
