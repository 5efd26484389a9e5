package socketio

import (
	"container/list"
	"sync"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/deadline"
	"github.com/go-socketio/socketio/packet"
)

// Retries makes the server recognise events that a client sends again because it has
// seen no acknowledgement: the handlers run once, and the repeat gets the answer that
// was given the first time. Set [Options.Retries] to turn it on. Zero and negative
// values mean the default.
//
// It takes a client that gives all tries of an event the same acknowledgement id, as
// the Go client of this module does with its option Retries. The ids of such events
// are from 2^30 up to 2^31, one event is on its way at a time, and the id of the next
// is greater. For each client and namespace the server remembers the last of these
// ids and its answer, also when the client comes back over another connection. To
// find that again the client is given a secret, as the member rid of the answer to its
// CONNECT packet; other clients ignore it.
//
// A [Handler] must acknowledge: the repeats of an event that is never acknowledged are
// ignored. For typed handlers the server does. If a handler returns an error that is no
// [*event.Error] after the client was disconnected, that error is taken to be the end of
// its context, and the next repeat is handled as if it were the first. A handler that
// must not be interrupted uses [context.WithoutCancel].
//
// The memory is that of one server. A client that comes back to another one, or after a
// restart, or whose memory had to make room, may have its last event handled twice.
type Retries struct {
	// MaxAge is for how long the memory is kept after the client's last connection has
	// ended. Default 2 min.
	MaxAge time.Duration
	// MaxMemories bounds how many clients are remembered, connected or not, counted
	// for each namespace that they are in. Those count that have sent such an event. If
	// there are more, those go whose last event or connection was longest ago. Default
	// 100,000.
	MaxMemories int
	// MaxBytes bounds the answers that are remembered, in bytes as they are sent. If
	// there are more, clients are forgotten as with MaxMemories. An answer that is
	// larger than that is not remembered at all. Default 16 MiB.
	MaxBytes int
}

const (
	defaultRetriesMaxAge   = 2 * time.Minute
	defaultRetriesMemories = 100_000
	defaultRetriesMaxBytes = 16 << 20
)

func (o Retries) completed() Retries {
	if o.MaxAge <= 0 {
		o.MaxAge = defaultRetriesMaxAge
	}
	if o.MaxMemories <= 0 {
		o.MaxMemories = defaultRetriesMemories
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultRetriesMaxBytes
	}
	return o
}

// RetryStats are counts about [Retries], for an operator. Those in the first group are
// about this moment, the others since the server was made.
type RetryStats struct {
	// Memories is the number of clients that are remembered.
	Memories int
	// Bytes is the size of the remembered answers.
	Bytes int

	// Answered counts repeats that got the answer of before, Ignored those of an event
	// that is being handled, or after which another one has come.
	Answered, Ignored uint64
	// Unknown counts clients that came back with a secret that is not there: it has
	// expired, had to make room, is of another server, or they had sent no such event.
	Unknown uint64
	// Expired counts clients that were forgotten because of [Retries.MaxAge], Evicted
	// those because of MaxMemories or MaxBytes.
	Expired, Evicted uint64
}

// The acknowledgement ids of events that may be repeated. They count up, and begin
// anew behind the last one.
const (
	firstRetryID = 1 << 30
	endRetryID   = 1 << 31
)

func isRetryID(id uint64) bool { return id >= firstRetryID && id < endRetryID }

// isNewer reports whether the retry id a comes after b, which is less than half of
// the range away.
func isNewer(a, b uint64) bool { return int32(uint32(a-b)<<2) > 0 }

// retryMemories are what a server remembers of its clients' retried events.
type retryMemories struct {
	options   Retries
	deadlines *deadline.Queue

	mu    sync.Mutex              // below that of a socket
	byRID map[string]*retryMemory // those that are kept, and those of connected clients
	order list.List               // those that are kept, and were used last at the back
	stats RetryStats
}

// retryMemory is what is remembered of one client in one namespace. The socket that
// uses it has it from the beginning; it is kept, and counts, from the first retried
// event on. What is no longer kept has been forgotten, and can be kept again.
//
// The lock of the memories guards all but the first three.
type retryMemory struct {
	memories  *retryMemories
	rid       string // the secret by which the client asks for it
	namespace string

	users   int           // connected sockets: an event may still arrive from an old one
	place   *list.Element // nil if it is not kept
	socket  *Socket       // the client's latest, while it is connected
	expires time.Time     // while there is none
	timer   deadline.Entry

	state  retryState
	last   uint64         // the greatest id; nothing in retryNone
	answer *frame.Message // in retryAnswered
}

type retryState uint8

const (
	retryNone      retryState = iota // whatever comes is new
	retryRunning                     // the last event waits for its handlers, or they have not answered
	retryAnswered                    // they have
	retryUnhandled                   // they have not, and will not: it is as new
)

func newRetryMemories(o *Retries, deadlines *deadline.Queue) *retryMemories {
	if o == nil {
		return nil
	}
	return &retryMemories{options: o.completed(), deadlines: deadlines, byRID: make(map[string]*retryMemory)}
}

// find returns the memory that a client asks for with the auth of its CONNECT packet,
// or else a new one.
func (r *retryMemories) find(namespace string, auth packet.Args) *retryMemory {
	var wanted struct {
		RID string `json:"rid"`
	}
	if auth.Len() > 0 && auth.Decode(0, &wanted) == nil && wanted.RID != "" {
		r.mu.Lock()
		defer r.mu.Unlock()
		if m := r.byRID[wanted.RID]; m != nil && m.namespace == namespace {
			return m
		}
		r.stats.Unknown++
	}
	return &retryMemory{memories: r, rid: newID(), namespace: namespace}
}

// attach is told that the client has a socket now. It takes the place of one that the
// server may believe to be alive.
func (m *retryMemory) attach(s *Socket) {
	r := m.memories
	r.mu.Lock()
	defer r.mu.Unlock()
	m.socket = s
	m.users++
	r.byRID[m.rid] = m
	if m.place != nil {
		r.deadlines.Clear(&m.timer)
		r.order.MoveToBack(m.place)
	}
}

// detach is told that a socket has ended.
func (m *retryMemory) detach(s *Socket) {
	r := m.memories
	r.mu.Lock()
	defer r.mu.Unlock()
	m.users--
	defer r.unlist(m)
	if m.socket != s {
		return
	}
	m.socket = nil
	if m.place != nil {
		r.order.MoveToBack(m.place)
		r.setExpiry(m)
	}
}

func (r *retryMemories) setExpiry(m *retryMemory) {
	m.expires = time.Now().Add(r.options.MaxAge)
	r.deadlines.Set(&m.timer, m, m.expires)
}

// Expire forgets a client that has not come back.
func (m *retryMemory) Expire(now time.Time) {
	r := m.memories
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.place != nil && m.socket == nil && !m.expires.After(now) {
		r.forget(m)
		r.stats.Expired++
	}
}

// begin is told of an event with a retry id, and reports whether its handlers are to
// run. If they have run, answer is what they have answered.
func (m *retryMemory) begin(id uint64) (fresh bool, answer *frame.Message) {
	r := m.memories
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case m.state == retryNone || isNewer(id, m.last) || id == m.last && m.state == retryUnhandled:
		r.dropAnswer(m)
		m.state, m.last = retryRunning, id
		r.keep(m)
		return true, nil
	case id == m.last && m.state == retryAnswered:
		r.keep(m)
		r.stats.Answered++
		return false, m.answer
	default:
		r.stats.Ignored++
		return false, nil
	}
}

// finish remembers the answer to an event, and returns the socket it is for: that of
// the present connection, or nil. It reports whether the answer is remembered.
func (m *retryMemory) finish(id uint64, answer *frame.Message) (to *Socket, kept bool) {
	r := m.memories
	r.mu.Lock()
	defer r.mu.Unlock()
	if id != m.last || m.state != retryRunning {
		return m.socket, false
	}
	if answer.Size() > r.options.MaxBytes {
		r.forget(m)
		r.stats.Evicted++
		return m.socket, false
	}
	m.state, m.answer = retryAnswered, answer
	r.stats.Bytes += answer.Size()
	r.makeRoom()
	return m.socket, true
}

// abandon is told that the handlers of an event will not answer it.
func (m *retryMemory) abandon(id uint64) {
	m.memories.mu.Lock()
	defer m.memories.mu.Unlock()
	if id == m.last && m.state == retryRunning {
		m.state = retryUnhandled
	}
}

// keep keeps a memory that is used. The caller holds the lock, as for what follows.
func (r *retryMemories) keep(m *retryMemory) {
	if m.place != nil {
		r.order.MoveToBack(m.place)
		return
	}
	m.place = r.order.PushBack(m)
	r.byRID[m.rid] = m
	if m.socket == nil { // it has ended just now
		r.setExpiry(m)
	}
	r.makeRoom()
}

func (r *retryMemories) makeRoom() {
	for r.order.Len() > r.options.MaxMemories || r.stats.Bytes > r.options.MaxBytes {
		r.forget(r.order.Front().Value.(*retryMemory))
		r.stats.Evicted++
	}
}

func (r *retryMemories) forget(m *retryMemory) {
	r.dropAnswer(m)
	m.state = retryNone
	r.order.Remove(m.place)
	m.place = nil
	r.unlist(m)
	r.deadlines.Clear(&m.timer)
}

// unlist makes a memory impossible to find that nobody has and that is not kept.
func (r *retryMemories) unlist(m *retryMemory) {
	if m.users == 0 && m.place == nil {
		delete(r.byRID, m.rid)
	}
}

func (r *retryMemories) dropAnswer(m *retryMemory) {
	if m.answer != nil {
		r.stats.Bytes -= m.answer.Size()
		m.answer = nil
	}
}

// counts returns the counts. r may be nil.
func (r *retryMemories) counts() RetryStats {
	if r == nil {
		return RetryStats{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	stats := r.stats
	stats.Memories = r.order.Len()
	return stats
}
