package goclient

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
)

// view is what the official server sees of one connection.
type view struct {
	Query   map[string]string
	Packets []string // but the answers to pings, which depend on the time
}

// TestTheServersView compares what the official server sees of both clients, case by
// case and packet by packet.
func TestTheServersView(t *testing.T) {
	server := start(t, "server.mjs", map[string]any{"view": true, "pingInterval": 500, "pingTimeout": 500})
	for _, transport := range []string{"polling", "websocket"} {
		for _, c := range testCases {
			t.Run(transport+"/"+c.name, func(t *testing.T) {
				if why := differs[c.name]; why != "" {
					t.Skip(why)
				}
				runCases(t, server.URL, []string{transport}, []string{c.name}, "")
				official := server.nextView(t)
				t.Run("Go", func(t *testing.T) {
					ctx, cancel := context.WithTimeout(context.Background(), patience)
					defer cancel()
					c.run(&env{t, ctx, server.URL, []string{transport}, nil})
				})
				if ours := server.nextView(t); !reflect.DeepEqual(ours, official) {
					t.Errorf("the server sees\n%.2000v of ours, and\n%.2000v of the official client", ours, official)
				}
			})
		}
	}
}

// differs has the cases in which the clients do not say the same in the same order.
var differs = map[string]string{
	"many acknowledgements": "the Go client asks from many goroutines",
	"the server asks":       "the server numbers its questions across all clients",
}

func (n *node) nextView(t *testing.T) (v view) {
	t.Helper()
	line, err := n.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
