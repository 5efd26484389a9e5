package socketio

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"github.com/go-socketio/socketio/internal/eventlog"
	"github.com/go-socketio/socketio/packet"
)

// recoverySession is what a client keeps when it recovers its connection. It passes
// from the socket that ends to the socket that takes its place.
type recoverySession struct {
	pid string // the secret by which the client asks for it
	sid string // the id of its sockets

	mu   sync.Mutex
	data any // what Socket.SetData has kept

	// Guarded by the lock of the namespace. The positions are offsets of the log.
	phase   sessionPhase
	since   string    // where the log ended when the client was first admitted
	last    string    // the last event that was queued for the client; at first since
	lastAt  time.Time // when
	end     string    // where the log ended when the client was disconnected
	start   string    // where what it has missed begins, once it has come back
	quiet   []quiet
	changes []roomChange
	exact   string // the position since which no change is left out; empty if none is at all
	rooms   []string
	leftOwn bool
	holder  *Socket // whose it is; nil while the client is away
	expires time.Time
	saved   bool // the bus has it

	// While the bus keeps the log: what was fetched of it, and what was delivered since.
	fetched, recent []eventlog.Entry[logged]
	recentBytes     int
}

type sessionPhase uint8

const (
	sessionHeld    sessionPhase = iota // a socket has it
	sessionWaiting                     // the client is away
	sessionOver                        // it cannot be recovered
)

// quiet says that nothing was queued for the client between two positions. A client
// that has received the one before has missed nothing up to the other, although the
// log may have forgotten what the server has emitted to others in the meantime.
type quiet struct {
	Before, Until string
}

// quietIntervals is into how many parts the time is divided that the log covers. Only
// a pause that is longer than such a part is worth noting, so there are no more.
const quietIntervals = 8

// roomChange is a room that the socket has joined or left. Whether an event of the log
// was for the client depends on its rooms at that time.
type roomChange struct {
	Position string
	Room     string
	Joined   bool

	at time.Time
}

// maxRoomChanges bounds how many changes of rooms are remembered of one client.
const maxRoomChanges = 1024

func newRecoverySession(sid string) *recoverySession {
	return &recoverySession{pid: newID(), sid: sid}
}

func (k *recoverySession) load() any {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.data
}

func (k *recoverySession) store(v any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.data = v
}

// replaceStored keeps the value that JSON from the bus stands for instead.
func (k *recoverySession) replaceStored(raw packet.Raw, v any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now, ok := k.data.(packet.Raw); ok && bytes.Equal(now.JSON, raw.JSON) {
		k.data = v
	}
}

// admitted notes where in the log a new client begins.
func (k *recoverySession) admitted(position string, now time.Time) {
	k.since, k.last, k.lastAt = position, position, now
	k.changes = nil // made in middleware
}

// sent notes that an event was meant for the client. The log stood at previous before.
func (k *recoverySession) sent(offset, previous string, now time.Time, quantum time.Duration) {
	if now.Sub(k.lastAt) > quantum && k.last != previous {
		if len(k.quiet) > quietIntervals {
			k.quiet = slices.Delete(k.quiet, 0, 1)
		}
		k.quiet = append(k.quiet, quiet{k.last, previous})
	}
	k.last, k.lastAt = offset, now
}

// changed notes that the socket has joined or left a room. Changes are worth
// remembering as long as the log reaches back to them.
func (k *recoverySession) changed(position, room string, joined bool, now time.Time, age time.Duration) {
	old := 0
	for old < len(k.changes) && (now.Sub(k.changes[old].at) > age || len(k.changes)-old >= maxRoomChanges) {
		old++
	}
	if old > 0 {
		k.exact = k.changes[old-1].Position
		k.changes = slices.Delete(k.changes, 0, old)
	}
	k.changes = append(k.changes, roomChange{position, room, joined, now})
}

// resumeFrom returns the position after which to look for what the client has missed,
// given the last offset that it has received; empty if it has received none. ok is
// false if that makes no sense.
func (k *recoverySession) resumeFrom(offset string, compare func(a, b string) (int, bool)) (start string, ok bool) {
	if offset == "" {
		offset = k.since
	}
	if k.since != "" { // a server of another kind may have saved it
		// Official clients go on sending the last offset of a session that is over.
		if order, ok := compare(offset, k.since); !ok {
			return "", false
		} else if order < 0 {
			offset = k.since
		}
		if order, _ := compare(offset, k.last); order > 0 {
			return "", false // it was never sent
		}
	}
	start = offset
	if offset == k.last {
		start = k.end
	}
	for _, q := range k.quiet {
		if q.Before == offset {
			start = q.Until
		}
	}
	if k.exact != "" {
		if order, ok := compare(start, k.exact); !ok || order < 0 {
			return "", false
		}
	}
	return start, start != ""
}

// missed returns those events that are for a client that is now in the given rooms.
// The events are all of the log after k.start, up to now.
func (k *recoverySession) missed(events []eventlog.Entry[logged], joined []string, leftOwn bool) []missedEvent {
	rooms := make(map[string]bool, 1+len(joined))
	for _, room := range ownFirst(k.sid, joined, leftOwn) {
		rooms[room] = true
	}
	var missed []missedEvent
	changes := k.changes
	// Backwards, so that changes of rooms can be undone on the way.
	for i := len(events) - 1; i >= 0; i-- {
		for len(changes) > 0 && changes[len(changes)-1].Position == events[i].Offset {
			last := changes[len(changes)-1]
			rooms[last.Room] = !last.Joined
			changes = changes[:len(changes)-1]
		}
		if events[i].Event.isFor(k.sid, rooms) {
			previous := k.start
			if i > 0 {
				previous = events[i-1].Offset
			}
			missed = append(missed, missedEvent{&events[i].Event, events[i].Offset, previous})
		}
	}
	slices.Reverse(missed)
	return missed
}

type missedEvent struct {
	*logged
	offset, previous string
}
