package proxies

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/go-socketio/socketio/interop/internal/nodejs"
)

// patience is how long anything here may take. Nothing should come near it.
const patience = time.Minute

// client is a running client.mjs.
type client struct {
	t    *testing.T
	in   io.WriteCloser
	out  *bufio.Scanner
	name string
}

// request is what client.mjs is asked for.
type request struct {
	URL             string            `json:"url"`
	Transports      []string          `json:"transports"`
	From            string            `json:"from"`
	CA              string            `json:"ca,omitempty"`
	ExtraHeaders    map[string]string `json:"extraHeaders,omitempty"`
	WithCredentials bool              `json:"withCredentials,omitempty"`
	Do              []string          `json:"do"`
}

func start(t *testing.T, r request) *client {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	p := nodejs.Start(t, ctx, "client.mjs", string(text))
	t.Cleanup(cancel) // first: it need not say goodbye
	return &client{t: t, in: p.In, out: bufio.NewScanner(p.Out), name: "the client at " + r.From}
}

// result waits until the client has done something, and decodes what came out of it.
func (c *client) result(action string, v any) {
	c.t.Helper()
	var line struct {
		Action string          `json:"action"`
		Result json.RawMessage `json:"result"`
	}
	if !c.out.Scan() {
		c.t.Fatalf("%s ended without having done %q", c.name, action)
	}
	if err := json.Unmarshal(c.out.Bytes(), &line); err != nil {
		c.t.Fatalf("%s said %q: %v", c.name, c.out.Text(), err)
	}
	if line.Action != action {
		c.t.Fatalf("%s has done %q, want %q", c.name, line.Action, action)
	}
	if err := json.Unmarshal(line.Result, v); err != nil {
		c.t.Fatalf("%s, %s: %v in %s", c.name, action, err, line.Result)
	}
}

// done waits until the client has done something that has no result.
func (c *client) done(action string) {
	c.t.Helper()
	c.result(action, new(any))
}

// goOn ends a "wait" of the client.
func (c *client) goOn() {
	c.t.Helper()
	if _, err := io.WriteString(c.in, "go on\n"); err != nil {
		c.t.Fatal(err)
	}
}
