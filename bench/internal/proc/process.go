// Package proc reads the operating system's account of processes and of the machine.
package proc

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// Tree is a process with all that descend from it.
type Tree struct{ root int }

// NewTree returns the tree of the process with the given id.
func NewTree(pid int) Tree { return Tree{pid} }

// CPU is the processor time, user and system, that the processes of the tree have
// used so far, with all their threads, ended or not. Processes that have ended are
// missing: a server is expected to keep its own.
func (t Tree) CPU() (time.Duration, error) {
	var sum time.Duration
	for _, pid := range t.pids() {
		d, err := cpu(pid)
		if err != nil {
			return 0, fmt.Errorf("reading the CPU time of process %d: %w", pid, err)
		}
		sum += d
	}
	return sum, nil
}

// cpu reads the CPU-time clock of a process, which has nanoseconds where
// /proc/<pid>/stat has ticks of 10 ms. The id of the clock is that of
// clock_getcpuclockid(3).
func cpu(pid int) (time.Duration, error) {
	const schedulerClock = 2
	id := ^uintptr(pid)<<3 | schedulerClock
	var ts syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, id, uintptr(unsafe.Pointer(&ts)), 0); errno != 0 {
		return 0, errno
	}
	return time.Duration(ts.Nano()), nil
}

// Resident is the memory of the tree that is in RAM, in bytes.
func (t Tree) Resident() (int64, error) {
	var sum int64
	for _, pid := range t.pids() {
		n, err := resident(pid)
		if err != nil {
			return 0, fmt.Errorf("reading the memory of process %d: %w", pid, err)
		}
		sum += n
	}
	return sum, nil
}

// resident reads smaps_rollup, which is exact; the counters of statm lag behind.
func resident(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte("Rss:")); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(string(rest)), " kB"), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("no Rss in %q", text)
}

// pids returns the ids of the tree.
func (t Tree) pids() []int {
	all := []int{t.root}
	for i := 0; i < len(all); i++ {
		tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", all[i]))
		if err != nil {
			continue
		}
		for _, task := range tasks {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", all[i], task.Name()))
			if err != nil {
				continue
			}
			for field := range strings.FieldsSeq(string(text)) {
				if pid, err := strconv.Atoi(field); err == nil {
					all = append(all, pid)
				}
			}
		}
	}
	return all
}

// Busy is the processor time that the whole machine has spent on anything so far,
// in units of 10 ms.
func Busy() (time.Duration, error) {
	f, err := os.Open("/proc/stat")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	line, err := bufio.NewReader(f).ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("reading /proc/stat: %w", err)
	}
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, fmt.Errorf("/proc/stat begins with %q", line)
	}
	var ticks int64
	for i, field := range fields[1:9] {
		const idle, wait = 3, 4
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("/proc/stat begins with %q", line)
		}
		if i != idle && i != wait {
			ticks += n
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// Self is the processor time that this process has used so far.
func Self() (time.Duration, error) { return cpu(0) }
