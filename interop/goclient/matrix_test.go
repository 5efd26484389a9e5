package goclient

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	socketio "github.com/go-socketio/socketio"
)

// TestMatrix runs the cases with every client against every server over every
// transport.
func TestMatrix(t *testing.T) {
	servers := map[string]string{
		"official server": start(t, "server.mjs", nil).URL,
		"our server":      "http://" + startGo(t, socketio.Options{}, "127.0.0.1:0").addr,
	}
	transports := map[string][]string{
		"polling":   {"polling"},
		"websocket": {"websocket"},
		"upgrade":   {"polling", "websocket"},
	}
	for server, url := range servers {
		for transport, list := range transports {
			t.Run("Go client/"+server+"/"+transport, func(t *testing.T) {
				t.Parallel()
				for _, c := range testCases {
					t.Run(c.name, func(t *testing.T) {
						ctx, cancel := context.WithTimeout(context.Background(), patience)
						defer cancel()
						sameJSON(t, c.run(&env{t, ctx, url, list}), c.want)
					})
				}
			})
			t.Run("official client/"+server+"/"+transport, func(t *testing.T) {
				t.Parallel()
				results := runOfficialClient(t, url, list)
				for _, c := range testCases {
					t.Run(c.name, func(t *testing.T) { sameJSON(t, results[c.name], c.want) })
				}
			})
		}
	}
}

// runOfficialClient runs all cases in one program.
func runOfficialClient(t *testing.T, url string, transports []string) map[string]any {
	var names []string
	for _, c := range testCases {
		names = append(names, c.name)
	}
	return runCases(t, url, transports, names)
}

// runCases runs some cases with the official client, and returns what came out.
func runCases(t *testing.T, url string, transports, names []string) map[string]any {
	t.Helper()
	arg, err := json.Marshal(map[string]any{"url": url, "transports": transports, "cases": names})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "client.mjs", string(arg))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("client.mjs: %v, after %s", err, strings.TrimSpace(string(out)))
	}
	results := make(map[string]any)
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var line struct {
			Name   string
			Result any
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		results[line.Name] = line.Result
	}
	return results
}
