package goclient

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWebAssembly runs the client as WebAssembly, over the WebSocket and with the fetch of
// the JavaScript around it.
func TestWebAssembly(t *testing.T) {
	server := start(t, "server.mjs", nil)
	program := filepath.Join(t.TempDir(), "program.wasm")
	build := exec.Command("go", "build", "-o", program, "./wasm")
	build.Env = append(build.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")
	node := exec.Command("node", "wasm.mjs", run, program, server.URL)
	node.Args[0] = "browser" // if it finds "node" here net/http does not use fetch
	out, err := node.CombinedOutput()
	if got, want := strings.TrimSpace(string(out)), "800000 [1 2 3] websocket\n800000 [1 2 3] polling\n800000 [1 2 3] websocket"; err != nil || got != want {
		t.Errorf("%v: %q, want %q", err, got, want)
	}
}
