package socketio

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-socketio/socketio/packet"
)

// A client that leaves while its CONNECT packet is handled does not take its session
// with it.
func TestSessionOfASocketThatIsGone(t *testing.T) {
	srv := NewServer(Options{Recovery: &Recovery{}})
	defer srv.Close()
	r := srv.main.recovery
	k := newRecoverySession(newID())
	k.since = r.position
	k.last, k.end = k.since, k.since
	r.keep(k, time.Now())
	gone := newSocket(srv.main, &conn{server: srv}, packet.Args{})
	gone.state = stateGone
	r.recover(gone, recoveryRequest{PID: k.pid})
	if gone.recovered || k.phase != sessionWaiting {
		t.Error("the session is used up")
	}
	s := newSocket(srv.main, &conn{server: srv}, packet.Args{})
	r.recover(s, recoveryRequest{PID: k.pid})
	if !s.recovered || s.recovery != k || s.id != k.sid {
		t.Error("not recovered")
	}
}

// What is forgotten about rooms is not guessed.
func TestRoomChangesAreBounded(t *testing.T) {
	positions := func(n int) string { return fmt.Sprintf("%09d", n) }
	compare := func(a, b string) (int, bool) {
		switch {
		case a < b:
			return -1, true
		case a > b:
			return 1, true
		}
		return 0, true
	}
	now := time.Now()
	k := newRecoverySession("sid")
	k.admitted(positions(0), now)
	for i := 1; i <= maxRoomChanges+10; i++ {
		k.sent(positions(i), positions(i-1), now, time.Minute)
		k.changed(positions(i), "room", i%2 == 0, now, time.Minute)
	}
	k.end = positions(maxRoomChanges + 10)
	if len(k.changes) != maxRoomChanges {
		t.Errorf("%d changes", len(k.changes))
	}
	if _, ok := k.resumeFrom(positions(9), compare); ok {
		t.Error("recovers across forgotten changes")
	}
	if start, ok := k.resumeFrom(positions(10), compare); !ok || start != positions(10) {
		t.Errorf("resume from %q, %v", start, ok)
	}
	k.changed(k.end, "room", true, now.Add(time.Hour), time.Minute)
	if len(k.changes) != 1 {
		t.Errorf("%d changes after an hour", len(k.changes))
	}
	if _, ok := k.resumeFrom(positions(maxRoomChanges+9), compare); ok {
		t.Error("recovers across changes of long ago")
	}
	if _, ok := k.resumeFrom(k.last, compare); !ok {
		t.Error("does not recover though nothing was missed")
	}
	if _, ok := k.resumeFrom(positions(maxRoomChanges+11), compare); ok {
		t.Error("has received what was never sent")
	}
}
