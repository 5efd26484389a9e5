package goclient

import (
	"bufio"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/interop/internal/nodejs"
)

// node is a running Node.js program of this folder. It has said "listening <port>".
type node struct {
	URL  string
	port string
	kill func() // ends it without a goodbye
	out  *bufio.Reader
}

// start runs a program of this folder until the test ends.
func start(t testing.TB, program string, options map[string]any, args ...string) *node {
	t.Helper()
	text, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	p := nodejs.Start(t, context.Background(), append([]string{program, string(text)}, args...)...)
	n := &node{kill: p.Kill, out: bufio.NewReader(p.Out)}
	t.Cleanup(n.kill)
	line, err := n.out.ReadString('\n')
	if err != nil {
		t.Fatalf("%s said nothing: %v", program, err)
	}
	n.port = strings.TrimSpace(strings.TrimPrefix(line, "listening "))
	n.URL = "http://127.0.0.1:" + n.port
	return n
}
