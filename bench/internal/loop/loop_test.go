package loop

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

// recorder is a handler that keeps what it is told.
type recorder struct {
	opened   bool
	received []byte
	closed   error
	consume  func(data []byte) int // nil consumes everything
	onOpen   func(c *Conn) error
	on       func(c *Conn, data []byte) error
}

func (r *recorder) Opened(c *Conn) error {
	r.opened = true
	if r.onOpen != nil {
		return r.onOpen(c)
	}
	return nil
}

func (r *recorder) Received(c *Conn, data []byte) (int, error) {
	n := len(data)
	if r.consume != nil {
		n = r.consume(data)
	}
	r.received = append(r.received, data[:n]...)
	if r.on != nil {
		return n, r.on(c, data[:n])
	}
	return n, nil
}

func (r *recorder) Closed(_ *Conn, err error) error {
	r.closed = err
	return nil
}

// serve accepts connections, each in a goroutine of its own, until the test ends.
func serve(t *testing.T, handle func(net.Conn)) *Loop {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	l, err := New(listener.Addr().(*net.TCPAddr).AddrPort())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// until runs the loop until done returns true.
func until(t *testing.T, l *Loop, done func() bool) {
	t.Helper()
	err := l.Run(time.Millisecond, func(time.Duration) (bool, error) { return done(), t.Context().Err() })
	if err != nil {
		t.Fatal(err)
	}
}

func dial(t *testing.T, l *Loop, r *recorder) *Conn {
	t.Helper()
	c, err := l.Dial(r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMoreThanTheSocketBuffersHoldComesBack(t *testing.T) {
	l := serve(t, func(c net.Conn) { io.Copy(c, c) })
	want := bytes.Repeat([]byte("0123456789abcde\n"), 1<<20)
	r := &recorder{onOpen: func(c *Conn) error { return c.Write(want) }}
	dial(t, l, r)
	until(t, l, func() bool { return len(r.received) >= len(want) })
	if !bytes.Equal(r.received, want) {
		t.Error("what came back differs")
	}
}

func TestWhatIsNotConsumedComesAgain(t *testing.T) {
	l := serve(t, func(c net.Conn) { io.Copy(c, c) })
	var first []byte
	r := &recorder{onOpen: func(c *Conn) error { return c.Write([]byte("abc")) }}
	r.consume = func(data []byte) int {
		if len(data) < 6 { // wait for all of it
			return 0
		}
		first = append([]byte(nil), data...)
		return len(data)
	}
	c := dial(t, l, r)
	until(t, l, func() bool { return len(c.in) == 3 })
	if err := c.Write([]byte("def")); err != nil {
		t.Fatal(err)
	}
	until(t, l, func() bool { return first != nil })
	if string(first) != "abcdef" || len(c.in) != 0 {
		t.Errorf("got %q, and kept %q", first, c.in)
	}
}

func TestAnswersToOneReadLeaveInOnePiece(t *testing.T) {
	got := make(chan string, 1)
	l := serve(t, func(c net.Conn) {
		c.Write([]byte("go"))
		b := make([]byte, 100)
		n, _ := c.Read(b)
		got <- string(b[:n])
	})
	r := &recorder{on: func(c *Conn, _ []byte) error {
		return errors.Join(c.Write([]byte("one")), c.Write([]byte("two")), c.Write([]byte("three")))
	}}
	dial(t, l, r)
	until(t, l, func() bool { return len(got) > 0 })
	if text := <-got; text != "onetwothree" {
		t.Errorf("the first read brought %q", text)
	}
}

func TestPausedConnectionReadsNothing(t *testing.T) {
	l := serve(t, func(c net.Conn) { io.Copy(c, c) })
	paused := &recorder{onOpen: func(c *Conn) error { return errors.Join(c.Write([]byte("x")), c.Pause()) }}
	c := dial(t, l, paused)
	until(t, l, func() bool { return paused.opened })
	// By the time that others have had an answer, it would have had one.
	for range 3 {
		other := &recorder{onOpen: func(c *Conn) error { return c.Write([]byte("y")) }}
		dial(t, l, other)
		until(t, l, func() bool { return len(other.received) > 0 })
	}
	if len(paused.received) > 0 {
		t.Fatalf("received %q", paused.received)
	}
	if err := c.Resume(); err != nil {
		t.Fatal(err)
	}
	until(t, l, func() bool { return string(paused.received) == "x" })
}

func TestTheEndIsReported(t *testing.T) {
	l := serve(t, func(c net.Conn) { c.Write([]byte("bye")) })
	r := &recorder{}
	dial(t, l, r)
	if l.Open() != 1 {
		t.Errorf("%d connections open", l.Open())
	}
	until(t, l, func() bool { return r.closed != nil })
	if string(r.received) != "bye" || r.closed != io.EOF || l.Open() != 0 {
		t.Errorf("received %q, closed with %v, %d open", r.received, r.closed, l.Open())
	}
}

func TestARefusedConnectionIsReported(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr).AddrPort()
	listener.Close()
	l, err := New(netip.AddrPortFrom(address.Addr(), address.Port()))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := &recorder{}
	dial(t, l, r)
	until(t, l, func() bool { return r.closed != nil })
	if r.closed != syscall.ECONNREFUSED || r.opened {
		t.Errorf("closed with %v, opened %v", r.closed, r.opened)
	}
}

func TestClosedConnectionHearsNothingMore(t *testing.T) {
	l := serve(t, func(c net.Conn) { io.Copy(c, c) })
	r := &recorder{onOpen: func(c *Conn) error { return c.Write([]byte("ab")) }}
	r.consume = func(data []byte) int { return 1 }
	r.on = func(c *Conn, _ []byte) error {
		c.Close()
		c.Close()
		return nil
	}
	c := dial(t, l, r)
	until(t, l, func() bool { return len(r.received) > 0 })
	if l.Open() != 0 {
		t.Errorf("%d connections open", l.Open())
	}
	if err := c.Write([]byte("x")); err == nil {
		t.Error("no error from writing to a closed connection")
	}
	// Its descriptor is free for the next one, which is not mistaken for it.
	next := &recorder{onOpen: func(c *Conn) error { return c.Write([]byte("z")) }}
	dial(t, l, next)
	until(t, l, func() bool { return len(next.received) > 0 })
	if len(r.received) != 1 || r.closed != nil {
		t.Errorf("received %q, closed with %v", r.received, r.closed)
	}
}

func TestAnErrorOfAHandlerEndsTheLoop(t *testing.T) {
	l := serve(t, func(c net.Conn) { c.Write([]byte("x")) })
	want := errors.New("enough")
	dial(t, l, &recorder{on: func(*Conn, []byte) error { return want }})
	err := l.Run(time.Millisecond, func(time.Duration) (bool, error) { return false, t.Context().Err() })
	if err != want {
		t.Errorf("got %v", err)
	}
}
