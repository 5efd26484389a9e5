package goclient

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	socketio "github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
)

// restartable is a server that can be killed, and started again at the same address.
type restartable struct {
	url     string
	kill    func()
	restart func()
}

// restartables starts one of each kind.
func restartables(t *testing.T) map[string]*restartable {
	official := start(t, "server.mjs", nil)
	ours := startGo(t, socketio.Options{}, "127.0.0.1:0")
	port := official.port
	r := map[string]*restartable{
		"official server": {url: official.URL},
		"our server":      {url: "http://" + ours.addr},
	}
	r["official server"].kill = func() { official.kill() }
	r["official server"].restart = func() { official = start(t, "server.mjs", nil, port) }
	r["our server"].kill = func() { ours.kill() }
	r["our server"].restart = func() { ours = startGo(t, socketio.Options{}, ours.addr) }
	return r
}

// TestReconnect kills the server under a connected client, which emits meanwhile, and
// starts it again.
func TestReconnect(t *testing.T) {
	for _, transports := range [][]string{{"polling"}, {"websocket"}, {"polling", "websocket"}} {
		for name, server := range restartables(t) {
			path := name + "/" + strings.Join(transports, "+")
			t.Run("official client/"+path, func(t *testing.T) { officialReconnects(t, server, transports) })
			t.Run("Go client/"+path, func(t *testing.T) { goReconnects(t, server, transports) })
		}
	}
}

func officialReconnects(t *testing.T, server *restartable, transports []string) {
	arg, err := json.Marshal(map[string]any{"url": server.url, "transports": transports})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "reconnect.mjs", string(arg))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { in.Close(); cmd.Process.Kill(); cmd.Wait() }()
	lines := bufio.NewScanner(out)
	next := func() string {
		lines.Scan()
		return lines.Text()
	}
	if got := next(); got != "connect" {
		t.Fatalf("%q", got)
	}
	server.kill()
	if got := next(); got != "disconnect transport close" && got != "disconnect transport error" {
		t.Errorf("%q", got)
	}
	server.restart()
	for _, want := range []string{"connect", "echo while offline"} {
		if got := next(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func goReconnects(t *testing.T, server *restartable, transports []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	said := make(chan string, 100)
	s, err := client.Connect(ctx, server.url, client.Options{
		Transports:        transports,
		ReconnectDelay:    20 * time.Millisecond,
		ReconnectDelayMax: 100 * time.Millisecond,
		Setup: func(s *client.Socket) {
			s.OnConnect(func(context.Context, *client.Socket) { said <- "connect" })
			s.OnDisconnect(func(_ context.Context, _ *client.Socket, d client.Disconnect) {
				said <- fmt.Sprint("disconnect ", d.Reason, " ", d.Final)
			})
			s.On("echo", func(_ context.Context, _ *client.Socket, args client.Args) error {
				var text string
				err := args.Decode(&text)
				said <- "echo " + text
				return err
			})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Client().Shutdown(context.Background())
	next := func() string {
		select {
		case line := <-said:
			return line
		case <-ctx.Done():
			t.Fatal("nothing happened")
			return ""
		}
	}
	if got := next(); got != "connect" {
		t.Fatalf("%q", got)
	}
	id := s.ID()
	answer := make(chan error)
	go func() {
		_, err := s.EmitWithAck(ctx, "swallow")
		answer <- err
	}()
	if _, err := s.EmitWithAck(ctx, "echo"); err != nil { // so "swallow" has been sent
		t.Error(err)
	}
	server.kill()
	if err := <-answer; !errors.Is(err, client.ErrDisconnected) {
		t.Errorf("pending acknowledgement: %v", err)
	}
	if got := next(); got != "disconnect transport close false" && got != "disconnect transport error false" {
		t.Errorf("%q", got)
	}
	if err := s.Emit("echo", "while offline"); err != nil {
		t.Error(err)
	}
	if err := s.Offline(client.OfflineFail).Emit("echo", "not queued"); !errors.Is(err, client.ErrNotConnected) {
		t.Errorf("with OfflineFail: %v", err)
	}
	if err := s.Volatile().Emit("echo", "volatile"); !errors.Is(err, client.ErrDropped) {
		t.Errorf("volatile: %v", err)
	}
	waited := make(chan error)
	go func() { waited <- s.Offline(client.OfflineWait).EmitContext(ctx, "echo", "waited") }()
	server.restart()
	for _, want := range []string{"connect", "echo while offline", "echo waited"} {
		if got := next(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if err := <-waited; err != nil {
		t.Errorf("with OfflineWait: %v", err)
	}
	if s.ID() == id || s.ID() == "" {
		t.Errorf("the id is %q after %q", s.ID(), id)
	}
	if n := s.Client().Stats().Connections; n != 2 {
		t.Errorf("%d connections", n)
	}
}

// TestRetries sends events to an official server that acknowledges every third of them
// only: they arrive in order, and each has its answer.
func TestRetries(t *testing.T) {
	server := start(t, "server.mjs", nil)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	e := &env{t, ctx, server.URL, []string{"websocket"}, nil}
	s := e.connect("/", client.Options{Retries: 3, AckTimeout: 30 * time.Millisecond})
	type result struct {
		i    int
		args []any
	}
	results := make(chan result)
	for i := range 3 {
		go func() { results <- result{i, s.ask("third time", i)} }()
	}
	for range 3 {
		if r := <-results; r.args[0] != float64(r.i) {
			t.Errorf("event %d was answered with %v", r.i, r.args)
		}
	}
	if _, err := s.Retry(1).EmitWithAck(ctx, "swallow"); !errors.Is(err, client.ErrAckTimeout) {
		t.Errorf("an event that is never acknowledged: %v", err)
	}
	if err := s.Emit("swallow"); err != nil {
		t.Error(err)
	}
	s.ask("echo", "the queue goes on")
	if n := s.Client().Stats().Lost; n != 1 {
		t.Errorf("%d events lost, want the one that nobody waited for", n)
	}
}
