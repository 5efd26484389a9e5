package proc

import (
	"os"
	"os/exec"
	"slices"
	"testing"
)

func TestCPUOfATreeIncludesItsChildren(t *testing.T) {
	// The shell stays, and has a child that waits for its input.
	cmd := exec.Command("sh", "-c", "cat; exit 0")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in.Write([]byte("x"))
	out.Read(make([]byte, 1)) // the child runs
	tree := NewTree(cmd.Process.Pid)
	if n := len(tree.pids()); n != 2 {
		t.Errorf("%d processes, want the shell and its child", n)
	}
	total, err := tree.CPU()
	if err != nil {
		t.Fatal(err)
	}
	alone, err := cpu(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if total <= alone {
		t.Errorf("CPU of the tree %v, of its root %v", total, alone)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.CPU(); err == nil {
		t.Error("no error for a process that has ended")
	}
}

func TestResidentGrowsWithTheMemoryInUse(t *testing.T) {
	tree := NewTree(os.Getpid())
	before, err := tree.Resident()
	if err != nil {
		t.Fatal(err)
	}
	const size = 64 << 20
	block := make([]byte, size)
	for i := range block {
		block[i] = 1
	}
	after, err := tree.Resident()
	if err != nil {
		t.Fatal(err)
	}
	if after-before < size/2 {
		t.Errorf("%d bytes before, %d after using %d more", before, after, size)
	}
	if !slices.Contains(block, 1) {
		t.Fatal("unreachable: it keeps the block alive")
	}
}

func TestMachine(t *testing.T) {
	m := ThisMachine()
	if m.Cores < 1 || m.MemoryGiB < 1 || m.Kernel == "" || m.Processor == "" || m.FileLimit == 0 {
		t.Errorf("%+v", m)
	}
	if busy, err := Busy(); err != nil || busy <= 0 {
		t.Errorf("busy %v, %v", busy, err)
	}
}
