// Package nodejs runs the programs for Node.js that tests talk to.
package nodejs

import (
	"context"
	"io"
	"os"
	"os/exec"
	"testing"
)

// Program is a running program. What it complains about goes where the test's complaints go.
type Program struct {
	In  io.WriteCloser
	Out io.Reader

	cmd *exec.Cmd // nil when it has ended
}

// Start runs a program of the test's folder until ctx ends. At the latest it ends with the
// test: its standard input does, which is its signal to go.
func Start(t testing.TB, ctx context.Context, args ...string) *Program {
	t.Helper()
	cmd := exec.CommandContext(ctx, "node", args...)
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
	p := &Program{In: in, Out: out, cmd: cmd}
	t.Cleanup(p.end)
	return p
}

// Kill ends the program without a goodbye.
func (p *Program) Kill() {
	if p.cmd != nil {
		p.cmd.Process.Kill()
		p.end()
	}
}

func (p *Program) end() {
	if p.cmd != nil {
		p.In.Close()
		p.cmd.Wait()
		p.cmd = nil
	}
}
