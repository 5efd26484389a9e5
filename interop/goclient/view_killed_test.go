package goclient

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"testing"
)

// TestTheServersViewOfKilledClients: a program that dies says no goodbye.
func TestTheServersViewOfKilledClients(t *testing.T) {
	server := startViewer(t, map[string]any{})
	for _, transport := range []string{"polling", "websocket"} {
		t.Run(transport, func(t *testing.T) {
			arg, err := json.Marshal(map[string]any{"url": server.URL, "transports": []string{transport}})
			if err != nil {
				t.Fatal(err)
			}
			ours := program{URL: server.URL, Transport: transport, IsKilled: true}.command(t)
			for name, cmd := range map[string]*exec.Cmd{"official client": exec.Command("node", "killed.mjs", string(arg)), "Go client": ours} {
				cmd.Stderr = os.Stderr
				if err := cmd.Run(); err == nil {
					t.Errorf("%s was not killed", name)
				}
				// A client that dies between two polls is missed when it does not answer a ping.
				want := map[string][]string{"polling": {"transport error", "ping timeout"}, "websocket": {"transport close"}}[transport]
				v := server.nextViews(t, 1)[0]
				if !slices.Contains(want, v.End) || len(v.Reasons) != 1 || v.Reasons[0] != "/ "+v.End {
					t.Errorf("%s: the server sees %q, and %q at the end; want %q", name, v.Reasons, v.End, want)
				}
			}
		})
	}
}
