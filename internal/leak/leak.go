// Package leak fails a test run that leaves goroutines behind.
//
// Call [Main] from the TestMain of every package that starts a goroutine:
//
//	func TestMain(m *testing.M) { leak.Main(m) }
package leak

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is how long goroutines that are on their way out may take.
const patience = 5 * time.Second

// Main runs the tests and exits with their result, or with 1 if they passed but
// left goroutines running.
func Main(m *testing.M) {
	code := m.Run()
	if code == 0 {
		http.DefaultClient.CloseIdleConnections()
		if left := Wait(patience); len(left) > 0 {
			fmt.Fprintf(os.Stderr, "%d goroutines leaked:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
			code = 1
		}
	}
	os.Exit(code)
}

// Wait returns as soon as no goroutine but the caller's and those of the test
// run itself is left; or, after the given time, with the stacks of those that are.
func Wait(patience time.Duration) []string {
	pause := time.Millisecond
	for deadline := time.Now().Add(patience); ; pause = min(2*pause, 100*time.Millisecond) {
		left := running()
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
		time.Sleep(pause)
	}
}

// running returns the stacks of all goroutines that count as leaked.
func running() []string {
	buf := make([]byte, 1<<16)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	var left []string
	stacks := strings.Split(string(buf), "\n\n")
	for _, stack := range stacks[1:] { // the first one is the caller's
		if !expected(stack) {
			left = append(left, strings.TrimSpace(stack))
		}
	}
	return left
}

// expected reports whether a goroutine belongs to the runtime or to the test run.
func expected(stack string) bool {
	for _, own := range []string{
		"testing.(*M).", "testing.RunTests", "testing.runTests", "testing.(*T).Run(",
		"testing.(*F).Fuzz", "testing.runFuzzing", "internal/fuzz.",
		"os/signal.signal_recv", "os/signal.loop", "runtime.ensureSigM",
	} {
		if strings.Contains(stack, own) {
			return true
		}
	}
	return false
}
