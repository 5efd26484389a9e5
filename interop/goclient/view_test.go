package goclient

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// view is what the official server sees of one connection: see recorder.mjs.
type view struct {
	Requests   []string                     // each kind once, in the order in which they came first
	Headers    map[string]map[string]string // of each kind
	Upgrade    []string                     // the engine's events
	Packets    []string                     // but the answers to pings, which depend on the time
	Handshakes []handshake                  // socket.handshake in each namespace
	Reasons    []string                     // for which each namespace was left
	End        string                       // why the connection ended
}

type handshake struct {
	Namespace       string
	Auth            any
	Query           map[string]string
	Path            string
	XDomain, Secure bool
	Recovered       bool
}

// TestTheServersView compares what the official server sees of both clients, case by
// case, request by request and packet by packet.
func TestTheServersView(t *testing.T) {
	for parser, codec := range map[string]packet.Codec{"": packet.JSON, "msgpack": msgpack.Codec} {
		server := startViewer(t, map[string]any{"parser": parser})
		for _, transport := range []string{"polling", "websocket"} {
			for _, c := range testCases {
				t.Run(parser+"/"+transport+"/"+c.name, func(t *testing.T) {
					if why := differs[c.name]; why != "" {
						t.Skip(why)
					}
					server.compare(t, "client.mjs", c.name, []string{transport}, parser, codec, 1, func(e *env) { c.run(e) })
				})
			}
		}
	}
}

// TestTheServersViewOfConnections does the same for what clients do with connections.
func TestTheServersViewOfConnections(t *testing.T) {
	plain := startViewer(t, map[string]any{"cookie": true})
	restoring := startViewer(t, map[string]any{"connectionStateRecovery": map[string]any{}})
	for _, c := range viewCases {
		lists := [][]string{c.transports}
		if c.transports == nil {
			lists = [][]string{{"polling"}, {"websocket"}}
		}
		server := plain
		if c.name == "recovery" {
			server = restoring
		}
		for _, transports := range lists {
			t.Run(strings.Join(transports, "+")+"/"+c.name, func(t *testing.T) {
				server.compare(t, "view.mjs", c.name, transports, "", packet.JSON, max(c.connections, 1), c.run)
			})
		}
	}
}

// differs has the cases in which the clients do not say the same in the same order.
var differs = map[string]string{
	"many acknowledgements": "the Go client asks from many goroutines",
}

// numbered finds the id of an acknowledgement in a packet of a case in which that is not
// the same: the server numbers its questions across all clients, and docs/client.md says
// why retried events have ids of their own.
var numbered = map[string]*regexp.Regexp{
	"the server asks": regexp.MustCompile(`^message (3\d+|.*"id":\d+)`),
	"retries":         regexp.MustCompile(`^message 2\d+`),
	"retries in vain": regexp.MustCompile(`^message 2\d+`),
}

func startViewer(t *testing.T, options map[string]any) *node {
	maps.Copy(options, map[string]any{"view": true, "pingInterval": 500, "pingTimeout": 500})
	return start(t, "server.mjs", options)
}

// compare runs a case with the official client, then with ours, and compares what the
// server has seen of so many connections.
func (n *node) compare(t *testing.T, program, name string, transports []string, parser string, codec packet.Codec, connections int, run func(e *env)) {
	runProgram(t, program, map[string]any{"url": n.URL, "transports": transports, "cases": []string{name}, "parser": parser, "patient": true})
	official := n.nextViews(t, connections)
	t.Run("Go", func(t *testing.T) { // so that what it leaves for the end happens now
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		run(&env{t, ctx, n.URL, transports, codec})
	})
	ours := n.nextViews(t, connections)
	for i := range connections {
		if name == "the server closes the connection" {
			// Both ends close; who is first depends on the time.
			ours[i].End, official[i].End = "", ""
		}
		if id := numbered[name]; id != nil {
			forgetIDs(ours[i], id)
			forgetIDs(official[i], id)
		}
		forgetDifferences(t, ours[i], ourHeaders)
		forgetDifferences(t, official[i], officialHeaders)
		compareViews(t, ours[i], official[i])
	}
}

func forgetIDs(v view, id *regexp.Regexp) {
	for i, p := range v.Packets {
		v.Packets[i] = id.ReplaceAllString(p, "message with an id")
	}
}

func compareViews(t *testing.T, ours, official view) {
	t.Helper()
	a, b := reflect.ValueOf(ours), reflect.ValueOf(official)
	for i := range a.NumField() {
		if got, want := a.Field(i).Interface(), b.Field(i).Interface(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the server sees\n%.2000v of ours, and\n%.2000v of the official client", a.Type().Field(i).Name, got, want)
		}
	}
}

// Headers in which the clients differ, by the transport; docs/client.md says why.
var (
	ourHeaders = map[string]map[string]string{
		"polling": {"user-agent": "Go-http-client/1.1", "accept-encoding": "gzip"},
		"websocket": {"user-agent": "Go-http-client/1.1", "accept-encoding": "gzip",
			"sec-websocket-extensions": "permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
	}
	officialHeaders = map[string]map[string]string{
		"polling":   {"user-agent": "node-XMLHttpRequest", "connection": "close"},
		"websocket": {"sec-websocket-extensions": "permessage-deflate; client_max_window_bits"},
	}
)

// forgetDifferences takes out what is known to be different, and puts into one order what
// comes over several connections.
func forgetDifferences(t *testing.T, v view, known map[string]map[string]string) {
	t.Helper()
	slices.Sort(v.Requests[1:])
	for line, headers := range v.Headers {
		transport := "polling"
		if strings.Contains(line, "transport=websocket") {
			transport = "websocket"
		}
		for name, value := range known[transport] {
			if headers[name] != value {
				t.Errorf("%s: header %s is %q, want %q", line, name, headers[name], value)
			}
			delete(headers, name)
		}
	}
}

func (n *node) nextViews(t *testing.T, count int) (views []view) {
	t.Helper()
	for range count {
		line, err := n.out.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		var v view
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		views = append(views, v)
	}
	return views
}
