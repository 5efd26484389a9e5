package leak

import (
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m) }

func TestWaitReportsTheStackOfALeakedGoroutine(t *testing.T) {
	if left := Wait(patience); len(left) != 0 { // the test before this one has ended by now
		t.Fatalf("Wait = %q before anything was started", left)
	}
	started, stop, ended := make(chan bool), make(chan bool), make(chan bool)
	go forgotten(started, stop, ended)
	<-started
	left := Wait(0)
	if len(left) != 1 || !strings.Contains(left[0], "leak.forgotten") {
		t.Errorf("Wait = %q, want the stack of forgotten", left)
	}
	close(stop)
	<-ended
	if left := Wait(patience); len(left) != 0 {
		t.Errorf("Wait = %q after the goroutine ended, want nothing", left)
	}
}

func TestWaitGivesGoroutinesTimeToEnd(t *testing.T) {
	started, stop, ended := make(chan bool), make(chan bool), make(chan bool)
	go forgotten(started, stop, ended)
	<-started
	time.AfterFunc(10*time.Millisecond, func() { close(stop) })
	if left := Wait(patience); len(left) != 0 {
		t.Errorf("Wait = %q, want nothing", left)
	}
	<-ended
}

func forgotten(started, stop, ended chan bool) {
	close(started)
	<-stop
	close(ended)
}
