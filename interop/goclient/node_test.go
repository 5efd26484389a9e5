package goclient

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// node is a running Node.js program of this folder. It has said "listening <port>".
type node struct {
	URL  string
	port string
	cmd  *exec.Cmd
	in   io.Closer
	out  *bufio.Reader
}

// start runs a program of this folder until the test ends.
func start(t testing.TB, program string, options map[string]any, args ...string) *node {
	t.Helper()
	text, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", append([]string{program, string(text)}, args...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("node is needed for this test: %v", err)
	}
	n := &node{cmd: cmd, in: in, out: bufio.NewReader(out)}
	t.Cleanup(n.kill)
	line, err := n.out.ReadString('\n')
	if err != nil {
		t.Fatalf("%s said nothing: %v", program, err)
	}
	n.port = strings.TrimSpace(strings.TrimPrefix(line, "listening "))
	n.URL = "http://127.0.0.1:" + n.port
	return n
}

// kill ends the program without a goodbye.
func (n *node) kill() {
	if n.cmd == nil {
		return
	}
	n.cmd.Process.Kill()
	n.in.Close()
	n.cmd.Wait()
	n.cmd = nil
}
