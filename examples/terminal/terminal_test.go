package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// startChat runs the chat example.
func startChat(t *testing.T) (url string) {
	program := filepath.Join(t.TempDir(), "chat")
	if out, err := exec.Command("go", "build", "-o", program, "../chat").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "PORT="+port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	url = "http://127.0.0.1:" + port
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s, err := client.Connect(ctx, url, client.Options{KeepTrying: true, ReconnectDelayMax: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	return url
}

// shell is a terminal that a test types into.
type shell struct {
	t    *testing.T
	in   *io.PipeWriter
	out  *bufio.Scanner
	done chan error
}

func open(t *testing.T, url, name string) *shell {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	s := &shell{t, inW, bufio.NewScanner(outR), make(chan error, 1)}
	go func() {
		err := run(ctx, url, JoinRequest{name, "lobby"}, inR, outW)
		outW.Close()
		s.done <- err
	}()
	return s
}

func (s *shell) types(line string) { io.WriteString(s.in, line+"\n") }

// shows waits for a line that contains the text.
func (s *shell) shows(text string) {
	s.t.Helper()
	for s.out.Scan() {
		if strings.Contains(s.out.Text(), text) {
			return
		}
	}
	s.t.Fatalf("%q was not shown", text)
}

func (s *shell) quits() {
	s.t.Helper()
	s.in.Close()
	for s.out.Scan() {
	}
	if err := <-s.done; err != nil {
		s.t.Error(err)
	}
}

func TestConversation(t *testing.T) {
	url := startChat(t)
	ann := open(t, url, "Ann")
	ann.shows("you are in lobby with Ann")
	ann.types("Is anybody there?")
	ann.shows("Ann: Is anybody there?")
	bob := open(t, url, "Bob")
	bob.shows("Ann: Is anybody there?")
	bob.shows("you are in lobby with Ann, Bob")
	ann.shows("here now: Ann, Bob")
	bob.types("Yes \x1b[2J!")
	ann.shows("Bob: Yes  [2J!")
	bob.types("/who")
	bob.shows("here now: Ann, Bob")
	bob.types("/join nowhere")
	bob.shows("There is no such room.")
	bob.types("/join gophers")
	bob.shows("you are in gophers with Bob")
	bob.quits()
	second := open(t, url, "Ann")
	for second.out.Scan() {
	}
	if err := <-second.done; err == nil || !strings.Contains(err.Error(), "Somebody of that name") {
		t.Errorf("a second Ann: %v", err)
	}
	ann.quits()
}
