// Package official runs the official clients for Node, socket.io-client and
// engine.io-client, against our servers and against the chat example.
package official

import (
	"bufio"
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// transports are the ways in which a client may connect.
var transports = []string{"polling", "websocket", "polling,websocket"}

// node runs a program of this folder to its end.
func node(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		t.Errorf("node %v: %v\n%s", args, err, output.Bytes())
	}
}

// echo sends everything back.
type echo struct{ session *engine.Session }

func (e echo) ReceiveText(data []byte) {
	if string(data) == "bye" {
		e.session.Close(engine.ReasonForcedClose)
		return
	}
	var b frame.Builder
	b.BeginText()
	b.Buf = append(b.Buf, data...)
	b.EndText()
	e.session.Send(b.Message(), engine.SendOptions{})
}

func (e echo) ReceiveBinary(data []byte) {
	var b frame.Builder
	b.Binary(data)
	e.session.Send(b.Message(), engine.SendOptions{})
}

func (e echo) EndBatch()                   {}
func (e echo) Closed(engine.Reason, error) {}

func TestEngineClient(t *testing.T) {
	srv := engine.NewServer(engine.Options{}, func(s *engine.Session) engine.Receiver { return echo{s} })
	web := httptest.NewServer(srv)
	defer web.Close()
	defer srv.Close()
	for _, list := range transports {
		t.Run(list, func(t *testing.T) { node(t, "engine.mjs", web.URL, list) })
	}
}

// Official clients handle an event that comes with the handshake when they have joined.
func TestInitialPacket(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{InitialPacket: frame.Control(frame.Data, `2["welcome",1]`)})
	srv.OnConnect(func(_ context.Context, s *socketio.Socket) { s.Emit("hello") })
	web := httptest.NewServer(srv)
	defer web.Close()
	defer srv.Close()
	for _, list := range transports {
		t.Run(list, func(t *testing.T) { node(t, "initial.mjs", web.URL, list) })
	}
}

// Two official clients play a conversation through the chat example.
func TestConversation(t *testing.T) {
	program := filepath.Join(t.TempDir(), "chat")
	if out, err := exec.Command("go", "build", "-o", program, "../../examples/chat").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, list := range transports {
		t.Run(list, func(t *testing.T) { node(t, "conversation.mjs", startChat(t, program), list) })
	}
}

// startChat starts the chat on a free port and returns its address.
func startChat(t *testing.T, program string) (url string) {
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "PORT=0")
	output, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the chat: %v", err)
		}
	})
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if _, url, ok := strings.Cut(lines.Text(), "chat on "); ok {
			return url
		}
	}
	t.Fatal("the chat did not start")
	return ""
}
