package scenario

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/bench/internal/client"
	"github.com/go-socketio/socketio/bench/internal/proc"
	"github.com/go-socketio/socketio/bench/internal/serve"
	"github.com/go-socketio/socketio/bench/internal/wire"
)

// liar is a server whose answers go through a function that may spoil them.
type liar struct {
	// answer returns the payloads that are sent for message n, counted from 0 over all
	// clients; the message is text.
	answer func(n int, message string) []string
	// closeAt is the message at which the connection is closed, if it is positive.
	closeAt int
}

func (s liar) start(t *testing.T) Target {
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
			go s.serve(conn)
		}
	}()
	return Target{
		Address: netip.MustParseAddrPort(listener.Addr().String()),
		Process: proc.NewTree(os.Getpid()),
		Debug:   silent{},
	}
}

func (s liar) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	if _, err := http.ReadRequest(in); err != nil {
		return
	}
	io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
	conn.Write(frameOf(`0{"sid":"a"}`))
	for n := -1; ; n++ {
		message, err := readMessage(in)
		if err != nil || s.closeAt > 0 && n == s.closeAt {
			return
		}
		if n < 0 {
			conn.Write(frameOf(`40{"sid":"b"}`))
			continue
		}
		for _, answer := range s.answer(n, message) {
			conn.Write(frameOf(answer))
		}
	}
}

func frameOf(payload string) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0x81, 126}, uint16(len(payload)))
	return append(b, payload...)
}

// readMessage reads a short text frame of a client.
func readMessage(in *bufio.Reader) (string, error) {
	var head [6]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return "", err
	}
	payload := make([]byte, head[1]&0x7f)
	if _, err := io.ReadFull(in, payload); err != nil {
		return "", err
	}
	for i := range payload {
		payload[i] ^= head[2+i%4]
	}
	return string(payload), nil
}

// silent is the debug port of a server that has none.
type silent struct{}

func (silent) Stats(context.Context) (serve.Stats, error) {
	return serve.Stats{}, errors.ErrUnsupported
}
func (silent) CollectGarbage(context.Context) error         { return errors.ErrUnsupported }
func (silent) Profile(context.Context, time.Duration) error { return errors.ErrUnsupported }
func honest(_ int, message string) []string                 { return []string{message} }
func spoilAt(at int, spoil func(string) []string) func(int, string) []string {
	return func(n int, message string) []string {
		if n == at {
			return spoil(message)
		}
		return []string{message}
	}
}

func runEcho(t *testing.T, s liar, patience time.Duration) (Sample, error) {
	l := echo{1, 2, stringEvent("echo", 64)}
	scenario := Scenario{Name: "test", run: l.run}
	return scenario.Run(t.Context(), s.start(t), Config{Measure: 50 * time.Millisecond, Patience: patience})
}

func TestAnHonestServerPasses(t *testing.T) {
	sample, err := runEcho(t, liar{answer: honest}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if sample.Operations == 0 || sample.ServerCPU <= 0 || sample.GeneratorCPU <= 0 || sample.LatencyP99 < sample.LatencyP50 ||
		sample.LatencyP50 <= 0 || sample.Connections != 1 {
		t.Errorf("%+v", sample)
	}
}

func TestALyingServerIsFound(t *testing.T) {
	var kept string
	for name, c := range map[string]struct {
		server liar
		want   string
	}{
		"a wrong byte": {liar{answer: spoilAt(10, func(m string) []string {
			return []string{strings.Replace(m, "fox", "fux", 1)}
		})}, "a wrong answer"},
		"the same answer twice": {liar{answer: spoilAt(10, func(m string) []string { return []string{m, m} })}, "a wrong answer"},
		"answers that change places": {liar{answer: func(n int, m string) []string {
			switch n {
			case 10:
				kept = m
				return nil
			case 11:
				return []string{m, kept}
			}
			return []string{m}
		}}, "a wrong answer"},
		"an answer that nobody asked for": {liar{answer: spoilAt(0, func(m string) []string {
			next := strings.Replace(m, "1000000000 ", "1000000001 ", 1)
			return []string{m, next, strings.Replace(m, "1000000000 ", "1000000002 ", 1), "3", "4"}
		})}, ""},
		"the end of the connection": {liar{answer: honest, closeAt: 5}, "closed the connection"},
		"no packet at all":          {liar{answer: spoilAt(3, func(string) []string { return []string{""} })}, "a wrong answer"},
	} {
		_, err := runEcho(t, c.server, 0)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestAnAnswerTooManyIsFound(t *testing.T) {
	l := echo{1, 1, stringEvent("echo", 64)}
	r := &echoRun{echo: l, state: make([]pending, 1)}
	err := r.receive(&client.WebSocket{}, wire.Text, l.frames[0].want(0, 0))
	if err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("got %v", err)
	}
}

func TestALostMessageIsFound(t *testing.T) {
	lost := liar{answer: func(n int, m string) []string {
		if n >= 4 {
			return nil
		}
		return []string{m}
	}}
	if _, err := runEcho(t, lost, 100*time.Millisecond); !errors.Is(err, ErrLost) {
		t.Errorf("got %v, want ErrLost", err)
	}
}

func TestACancelledRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := echo{1, 1, stringEvent("echo", 64)}
	server := liar{answer: func(n int, m string) []string {
		if n == 3 {
			cancel()
		}
		return []string{m}
	}}
	_, err := Scenario{Name: "test", run: l.run}.Run(ctx, server.start(t), Config{Measure: time.Hour})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
