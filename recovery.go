package socketio

import (
	"container/list"
	"crypto/rand"
	"encoding/base64"
	"time"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/internal/deadline"
	"github.com/go-socketio/socketio/internal/eventlog"
)

// Recovery gives clients that lose their connection, and come back soon, their socket
// back: its id, its rooms, its data, and the events that they have missed. Set
// [Options.Recovery] to turn it on; the zero value has the defaults of the official
// server. Zero and negative values mean the default.
//
// Events without acknowledgement, unless they are volatile, are kept in a log for
// that, and every client receives their position in the log as one more argument, a
// string. That is fixed by the protocol: handlers in the client must not mind it. What
// middleware emits is not in the log, and has no position.
type Recovery struct {
	// MaxDisconnection is how long a client may be away. Default 2 min; a year is the most.
	MaxDisconnection time.Duration
	// MaxBytes bounds the log of each namespace, in bytes of encoded events. If more is
	// emitted in the time that clients may be away, those who were away when the log
	// was given what it has forgotten begin a new session. Default 16 MiB.
	MaxBytes int
	// MaxSessions bounds how many disconnected clients of each namespace are waited
	// for; those that have been away for longest make room. Default 100,000.
	MaxSessions int
	// RunMiddleware runs the middleware of the namespace for clients that come back too.
	// It sees the socket as it will be, [Socket.Recovered] included. By default, as in
	// the official server, it is skipped.
	RunMiddleware bool
	// OnLost is told of each disconnected client that is no longer waited for, when
	// [Disconnect.Recoverable] had promised otherwise: after that, either the client
	// recovers or OnLost is called. It is called in a goroutine of its own and may
	// block; a panic is caught. In a cluster whose bus keeps the sessions, nobody knows
	// which server a client will come back to, and OnLost is not told of those that do
	// not come back at all. Nil means that only the counts tell.
	OnLost func(LostSession)
}

// LostSession describes a client to [Recovery.OnLost] that will not get back what it
// had.
type LostSession struct {
	Namespace string     // its name
	SocketID  string     // the client will get another one
	Rooms     []string   // when it was disconnected, its own one first
	Data      any        // see [Socket.SetData]
	Reason    LostReason // why it is lost
}

// LostReason says why the session of a client that was disconnected cannot be
// recovered.
type LostReason string

// The reasons for losing a session.
const (
	// LostExpired: the client has been away for longer than [Recovery.MaxDisconnection].
	LostExpired LostReason = "expired"
	// LostEvicted: [Recovery.MaxSessions] was reached, or [Options.MaxDynamicNamespaces],
	// and the client's namespace had to make room for another.
	LostEvicted LostReason = "evicted"
	// LostEvents: the client came back, but not everything that it has missed is there:
	// [Recovery.MaxBytes] was reached, or all of it is more than [Options.MaxQueue]
	// allows, or the client does not say what it has received last.
	LostEvents LostReason = "events lost"
	// LostRefused: the client came back, and middleware refused it.
	LostRefused LostReason = "refused"
	// LostUnsaved: the bus of the cluster did not take the session, or its data could
	// not be encoded.
	LostUnsaved LostReason = "not saved"
	// LostShutdown: the server was closed, and no bus keeps the sessions. It is not
	// counted, because the counts end with the server.
	LostShutdown LostReason = "server shutdown"
)

const (
	defaultMaxDisconnection = 2 * time.Minute
	longestDisconnection    = 365 * 24 * time.Hour
	defaultMaxLogBytes      = 16 << 20
	defaultMaxSessions      = 100_000
)

func (o Recovery) completed() Recovery {
	if o.MaxDisconnection <= 0 {
		o.MaxDisconnection = defaultMaxDisconnection
	}
	o.MaxDisconnection = min(o.MaxDisconnection, longestDisconnection)
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxLogBytes
	}
	if o.MaxSessions <= 0 {
		o.MaxSessions = defaultMaxSessions
	}
	return o
}

// recoverable reports whether a client that is disconnected for this reason may
// recover: not if it was done on purpose.
func (r Reason) recoverable() bool {
	switch r {
	case ReasonClientDisconnect, ReasonServerDisconnect, ReasonParseError:
		return false
	}
	return true
}

// recovery is connection state recovery in one namespace. Two steps, each made under
// the namespace's lock, make it exact:
//
//	recovery.emit    an event gets its offset, enters the log, and is queued for all
//	Namespace.admit  what a client has missed is queued, and the reply; it is a member
//
// so an event is either missed or received, never both or neither. If the bus of the
// cluster keeps the log, the bus decides on the order of events, all servers deliver
// them in that order, and the position is how far this one has come.
type recovery struct {
	namespace *Namespace
	options   Recovery
	quantum   time.Duration        // see recoverySession.quiet
	store     cluster.SessionStore // keeps the log and the sessions; nil if they are here
	blank     string               // what stands in the place of an offset, see stamp
	timer     deadline.Entry

	// Guarded by the lock of the namespace.
	position string // the offset of the last event of the log that was delivered here

	// Used if they are kept here.
	log     *eventlog.Log[logged]
	waiting map[string]*list.Element
	order   list.List // of *recoverySession, those that expire first in front
	armed   time.Time // when the timer expires; zero if it is not set

	// Used if the bus keeps them.
	recovering map[*recoverySession]struct{} // those that wait for it
	moved      chan struct{}                 // closed when position has changed; nil while nobody waits
}

func newRecovery(ns *Namespace) *recovery {
	options := ns.server.options.Recovery
	if options == nil {
		return nil
	}
	r := &recovery{
		namespace: ns,
		options:   options.completed(),
		blank:     newBlank(),
	}
	// What was sent before a client answered a ping it has received. So what it may have
	// missed was sent at most this long before its disconnection:
	engine := ns.server.engine.Options()
	unsure := engine.PingInterval + 2*engine.PingTimeout
	age := r.options.MaxDisconnection + unsure
	r.quantum = age / quietIntervals
	age += r.quantum
	if store, ok := ns.member.(cluster.SessionStore); ok {
		store.Retain(cluster.Retention{Age: age, Bytes: r.options.MaxBytes, Sessions: r.options.MaxSessions})
		r.store = store
		r.position = store.Start()
		r.recovering = make(map[*recoverySession]struct{})
		return r
	}
	r.waiting = make(map[string]*list.Element)
	r.log = eventlog.New[logged](age, r.options.MaxBytes)
	r.position = r.log.End()
	return r
}

// newBlank returns a secret of the length of an offset.
func newBlank() string {
	var b [eventlog.OffsetLen]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])[:eventlog.OffsetLen]
}

// compare is that of the log.
func (r *recovery) compare(a, b string) (order int, ok bool) {
	if r.store != nil {
		return r.store.Compare(a, b)
	}
	return r.log.Compare(a, b)
}

// keep waits for the client of a session to come back. The namespace is locked.
func (r *recovery) keep(k *recoverySession, now time.Time) {
	k.phase = sessionWaiting
	k.expires = now.Add(r.options.MaxDisconnection)
	if r.store != nil {
		return
	}
	r.waiting[k.pid] = r.order.PushBack(k)
	for r.order.Len() > r.options.MaxSessions {
		r.lose(LostEvicted, r.forget(r.order.Front()))
	}
	r.arm(k.expires)
}

// take ends waiting for a client, if it is waited for. The namespace is locked.
func (r *recovery) take(pid string, now time.Time) *recoverySession {
	r.expire(now)
	if e := r.waiting[pid]; e != nil {
		return r.forget(e)
	}
	return nil
}

func (r *recovery) forget(e *list.Element) *recoverySession {
	k := r.order.Remove(e).(*recoverySession)
	delete(r.waiting, k.pid)
	k.phase = sessionOver
	return k
}

// expire gives up waiting for those who have been away for too long. The namespace
// is locked.
func (r *recovery) expire(now time.Time) {
	var expired []*recoverySession
	for front := r.order.Front(); front != nil && !front.Value.(*recoverySession).expires.After(now); front = r.order.Front() {
		expired = append(expired, r.forget(front))
	}
	if len(expired) > 0 {
		r.lose(LostExpired, expired...)
	}
}

// trimInterval is how often the log is trimmed when nothing is appended.
const trimInterval = time.Second

// Expire forgets what has become too old.
func (r *recovery) Expire(now time.Time) {
	ns := r.namespace
	ns.mu.Lock()
	defer ns.mu.Unlock()
	r.armed = time.Time{}
	r.expire(now)
	if left := r.log.Trim(now); left > 0 {
		r.arm(now.Add(max(left, trimInterval)))
	}
	if front := r.order.Front(); front != nil {
		r.arm(front.Value.(*recoverySession).expires)
	}
}

// arm makes the timer expire no later than at the given time.
func (r *recovery) arm(at time.Time) {
	if r.armed.IsZero() || at.Before(r.armed) {
		r.armed = at
		r.namespace.server.deadlines.Set(&r.timer, r, at)
	}
}

// lose counts sessions that cannot be recovered, and tells the application.
func (r *recovery) lose(reason LostReason, lost ...*recoverySession) {
	server := r.namespace.server
	switch n := uint64(len(lost)); reason {
	case LostExpired:
		server.recovery.expired.Add(n)
	case LostEvicted:
		server.recovery.evicted.Add(n)
	case LostEvents:
		server.recovery.incomplete.Add(n)
	case LostRefused:
		server.recovery.refused.Add(n)
	case LostUnsaved:
		server.recovery.unsaved.Add(n)
	}
	if r.options.OnLost == nil {
		return
	}
	told := make([]LostSession, len(lost))
	for i, k := range lost {
		told[i] = LostSession{r.namespace.name, k.sid, ownFirst(k.sid, k.rooms, k.leftOwn), k.load(), reason}
	}
	server.tasks.Go(func() {
		for _, l := range told {
			r.tell(l)
		}
	})
}

// isOver reports whether no client can come back any more, because the server that
// keeps the sessions is closed.
func (r *recovery) isOver() bool { return r.store == nil && r.namespace.server.closing.Err() != nil }

// loseAll gives up waiting for those who are away, when the server has been closed or the
// namespace removed. r may be nil.
func (r *recovery) loseAll(reason LostReason) {
	if r == nil || r.store != nil {
		return
	}
	r.namespace.mu.Lock()
	defer r.namespace.mu.Unlock()
	r.expire(time.Now())
	var lost []*recoverySession
	for r.order.Len() > 0 {
		lost = append(lost, r.forget(r.order.Front()))
	}
	if len(lost) > 0 {
		r.lose(reason, lost...)
	}
}

func (r *recovery) tell(l LostSession) {
	defer func() {
		if v := recover(); v != nil {
			r.namespace.server.panicked(v, "namespace", l.Namespace, "socket", l.SocketID, "event", "OnLost")
		}
	}()
	r.options.OnLost(l)
}

// awaitsClients reports whether disconnected clients may come back. r may be nil.
func (r *recovery) awaitsClients() bool {
	if r == nil || r.store != nil {
		return false
	}
	r.namespace.mu.Lock()
	defer r.namespace.mu.Unlock()
	r.expire(time.Now())
	return r.order.Len() > 0
}
