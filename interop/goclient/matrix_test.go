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
	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// TestMatrix runs the cases with every client against every server over every
// transport, with both wire formats.
func TestMatrix(t *testing.T) {
	codecs := map[string]packet.Codec{"": packet.JSON, "msgpack": msgpack.Codec}
	transports := map[string][]string{
		"polling":   {"polling"},
		"websocket": {"websocket"},
		"upgrade":   {"polling", "websocket"},
	}
	for parser, codec := range codecs {
		servers := map[string]string{
			"official server": start(t, "server.mjs", map[string]any{"parser": parser}).URL,
			"our server":      "http://" + startGo(t, socketio.Options{Codec: codec}, "127.0.0.1:0").addr,
		}
		for server, url := range servers {
			for transport, list := range transports {
				path := strings.TrimSuffix(server+"/"+transport+"/"+parser, "/")
				t.Run("Go client/"+path, func(t *testing.T) {
					t.Parallel()
					for _, c := range testCases {
						t.Run(c.name, func(t *testing.T) {
							ctx, cancel := context.WithTimeout(context.Background(), patience)
							defer cancel()
							sameJSON(t, c.run(&env{t, ctx, url, list, codec}), c.want)
						})
					}
				})
				t.Run("official client/"+path, func(t *testing.T) {
					t.Parallel()
					results := runOfficialClient(t, url, list, parser)
					for _, c := range testCases {
						t.Run(c.name, func(t *testing.T) { sameJSON(t, results[c.name], c.want) })
					}
				})
			}
		}
	}
}

// runOfficialClient runs all cases in one program.
func runOfficialClient(t *testing.T, url string, transports []string, parser string) map[string]any {
	var names []string
	for _, c := range testCases {
		names = append(names, c.name)
	}
	return runCases(t, url, transports, names, parser)
}

// runCases runs some cases with the official client, and returns what came out.
func runCases(t *testing.T, url string, transports, names []string, parser string) map[string]any {
	t.Helper()
	return runProgram(t, "client.mjs", map[string]any{"url": url, "transports": transports, "cases": names, "parser": parser})
}

// runProgram runs a program with cases, and returns what came out of each.
func runProgram(t *testing.T, program string, options map[string]any) map[string]any {
	t.Helper()
	arg, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", program, string(arg))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%s: %v, after %s", program, err, strings.TrimSpace(string(out)))
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
