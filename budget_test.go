package socketio_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/event"
)

// Budgets: what the operations of bench/CONTRACT.md allocate, from the read of the
// server's connection to its write. They are what it is now, so that nothing is added
// by accident.

// budget is what one operation may cost.
type budget struct{ allocs, bytes uint64 }

func (b budget) check(t *testing.T, f func()) {
	t.Helper()
	got := cost(b, f)
	if got.allocs > b.allocs {
		t.Errorf("%d allocations, more than %d", got.allocs, b.allocs)
	}
	if got.bytes > b.bytes {
		t.Errorf("%d bytes allocated, more than %d", got.bytes, b.bytes)
	}
}

// cost returns what the whole process allocates while f runs once. As in
// [testing.AllocsPerRun] there is one processor, and the average is rounded down; of
// several it is the least, because what else goes on in the process can only add to it.
// No more are taken than it needs to be within the expected.
func cost(expected budget, f func()) budget {
	const runs = 100
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection would empty pools
	least := budget{1 << 63, 1 << 63}
	for range 10 {
		f() // what is allocated once
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			f()
		}
		runtime.ReadMemStats(&after)
		least.allocs = min(least.allocs, (after.Mallocs-before.Mallocs)/runs)
		least.bytes = min(least.bytes, (after.TotalAlloc-before.TotalAlloc)/runs)
		if least.allocs <= expected.allocs && least.bytes <= expected.bytes {
			break
		}
	}
	return least
}

func skipBudget(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
}

// budgetObject is the object of bench/CONTRACT.md.
type budgetObject struct {
	Seq    int64    `json:"seq"`
	Client int64    `json:"client"`
	User   string   `json:"user"`
	Text   string   `json:"text"`
	Tags   []string `json:"tags"`
	Read   bool     `json:"read"`
}

const objectText = `{"seq":1000000,"client":1000,"user":"ada","text":"one hundred and twenty-eight bytes, about","tags":["a","bc"],"read":false}`

// budgetServer has the handlers of bench/servers/ours.
func budgetServer() *socketio.Server {
	srv := socketio.NewServer(socketio.Options{PingInterval: time.Hour})
	text, object := event.New[string]("string"), event.New[budgetObject]("json")
	binary, ack := event.New[[]byte]("binary"), event.NewCall[string, string]("ack")
	srv.On("echo", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		return s.Emit("echo", args)
	})
	socketio.On(srv, text, func(ctx context.Context, s *socketio.Socket, v string) error {
		return text.Emit(ctx, s, v)
	})
	socketio.On(srv, object, func(ctx context.Context, s *socketio.Socket, v budgetObject) error {
		return object.Emit(ctx, s, v)
	})
	socketio.On(srv, binary, func(ctx context.Context, s *socketio.Socket, v []byte) error {
		return binary.Emit(ctx, s, v)
	})
	socketio.Handle(srv, ack, func(_ context.Context, _ *socketio.Socket, v string) (string, error) {
		return v, nil
	})
	srv.On("join", func(_ context.Context, s *socketio.Socket, args socketio.Args) error {
		var room string
		return errors.Join(args.At(0, &room), s.Join(room), args.Ack())
	})
	srv.On("room", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		var room string
		if err := args.At(0, &room); err != nil {
			return err
		}
		return srv.To(room).Emit("room", args)
	})
	srv.On("broadcast", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
		return srv.Emit("broadcast", args)
	})
	return srv
}

func TestBudgets(t *testing.T) {
	skipBudget(t)
	text64, text16K := strings.Repeat("x", 64), strings.Repeat("x", 16<<10)
	echo := []ws.Frame{textFrame(`42["echo","` + text64 + `"]`)}
	long := []ws.Frame{textFrame(`42["echo","` + text16K + `"]`)}
	longString := []ws.Frame{textFrame(`42["string","` + text16K + `"]`)}
	text := []ws.Frame{textFrame(`42["string","` + text64 + `"]`)}
	object := []ws.Frame{textFrame(`42["json",` + objectText + `]`)}
	call := []ws.Frame{textFrame(`421["ack","` + text64 + `"]`)}
	answer := []ws.Frame{textFrame(`431["` + text64 + `"]`)}
	binary := []ws.Frame{
		textFrame(`451-["binary",{"_placeholder":true,"num":0}]`),
		ws.NewBinaryFrame(make([]byte, 1<<10)),
	}
	room := []ws.Frame{textFrame(`42["room","room","` + text64 + `"]`)}
	broadcast := []ws.Frame{textFrame(`42["broadcast","` + text64 + `"]`)}
	for _, test := range []struct {
		name    string
		clients int // the first one sends, all of them receive
		send    []ws.Frame
		expect  []ws.Frame
		budget
	}{
		// The bytes that came; the handler's Args as an argument, and the slice of it; the
		// buffer and the message that leave.
		{"echo passed on", 1, echo, echo, budget{5, 432}},
		// The payload where it is decoded to, its bytes, and the payload as an argument.
		{"echo of a string", 1, text, text, budget{7, 416}},
		// The list in the object, which grows to one and to two; a copy that encoding takes.
		{"echo of a struct", 1, object, object, budget{9, 864}},
		// Besides what a string costs: the function that replies, and whether it has been called.
		{"acknowledgement", 1, call, answer, budget{9, 456}},
		// Two messages come; the packet that waits for the second.
		{"binary", 1, binary, binary, budget{8, 2688}},
		// The bytes that came are those that leave.
		{"16 KiB passed on", 1, long, long, budget{5, 18784}},
		{"16 KiB string", 1, longString, longString, budget{6, 18720}},
		// The queue grows to one, two, four and eight.
		{"eight in flight", 1, slices.Repeat(echo, 8), slices.Repeat(echo, 8), budget{8*5 + 4, 3696}},
		// Nothing for each of those who receive.
		{"broadcast to 100", 100, broadcast, broadcast, budget{5, 464}},
		// The room's name, and where it is decoded to; the selection, and what it selects.
		{"room of ten", 10, room, room, budget{9, 512}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := serve(t, budgetServer())
			clients := make([]*wire, test.clients)
			for i := range clients {
				c := h.connect()
				c.join("/", "")
				c.send(`420["join","room"]`)
				c.expect(`430[]`)
				clients[i] = newWire(t, c.conn)
			}
			send, expect := fromClient(test.send...), fromServer(test.expect...)
			test.check(t, func() {
				clients[0].write(send)
				for _, c := range clients {
					c.expect(expect)
				}
			})
		})
	}
}

// The server asks and waits for the answer.
func TestBudgetOfEmitWithAck(t *testing.T) {
	skipBudget(t)
	srv := budgetServer()
	connected := sockets(srv.Of("/"))
	c := serve(t, srv).connect()
	c.join("/", "")
	s := await(t, connected, "the socket")
	w := newWire(t, c.conn)
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.answer()
	}()
	args := []any{strings.Repeat("x", 64)}
	// The buffer and the message that go out; who waits, and the channel it waits on; the
	// bytes that come back.
	budget{5, 464}.check(t, func() {
		if answer, err := s.EmitWithAck(t.Context(), "question", args...); err != nil || answer.Len() != 1 {
			t.Fatalf("%d arguments, %v", answer.Len(), err)
		}
	})
	w.conn.Close()
	<-done
}

// answer answers the short questions of the server until the connection is closed.
func (w *wire) answer() {
	header, answer := w.buf[:2], make([]byte, 0, 100)
	for {
		if _, err := io.ReadFull(w.conn, header); err != nil {
			return
		}
		question := w.buf[2:][:header[1]]
		if _, err := io.ReadFull(w.conn, question); err != nil {
			return
		}
		id := question[2:bytes.IndexByte(question, '[')]
		answer = append(answer[:0], 0x81, 0, 0, 0, 0, 0) // masked with zeros, which changes nothing
		answer = append(append(append(answer, "43"...), id...), `["yes"]`...)
		answer[1] = 0x80 | byte(len(answer)-6)
		if _, err := w.conn.Write(answer); err != nil {
			return
		}
	}
}

// As in a browser, a GET waits on one connection while another one brings the POST.
// Nearly all of it is net/http's.
func TestBudgetOfPolling(t *testing.T) {
	skipBudget(t)
	h := serve(t, budgetServer())
	p := h.poll()
	p.send("40")
	p.receive()
	message := `42["echo","` + strings.Repeat("x", 64) + `"]`
	target := strings.TrimPrefix(p.url, "http://"+h.addr) + " HTTP/1.1\r\nHost: " + h.addr + "\r\n" + browserHeader
	get := []byte("GET " + target + "\r\n")
	post := []byte("POST " + target + "Content-Type: text/plain;charset=UTF-8\r\n" +
		"Content-Length: " + strconv.Itoa(len(message)) + "\r\n\r\n" + message)
	polls, posts := h.dialWire(), h.dialWire()
	ok, echo := []byte("\r\n\r\nok"), []byte("\r\n\r\n"+message)
	budget{86, 8400}.check(t, func() {
		polls.write(get)
		posts.write(post)
		posts.readTo(ok)
		polls.readTo(echo)
	})
}

// A client connects, joins and is gone. Opening a TCP connection, which costs both ends
// something, is not counted.
func TestBudgetOfConnecting(t *testing.T) {
	skipBudget(t)
	srv := budgetServer()
	left := disconnects(srv.Of("/"))
	addr, bare := serve(t, srv).tcpAddr(), acceptAndClose(t)
	upgrade := upgradeRequest(addr.String())
	w := &wire{t: t, buf: make([]byte, 4<<10)}
	tcp := cost(budget{}, func() { // the least of all attempts
		w.dial(bare)
		w.conn.Read(w.buf)
		w.conn.Close()
	})
	// Half of the bytes are the buffers of net/http, which does not get them back.
	budget{tcp.allocs + 106, tcp.bytes + 17500}.check(t, func() {
		w.dial(addr)
		w.join(upgrade)
		w.conn.Close()
		<-left
	})
}

// acceptAndClose returns an address where connections are accepted and closed.
func acceptAndClose(t *testing.T) *net.TCPAddr {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().(*net.TCPAddr)
}
