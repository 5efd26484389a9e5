package cluster

import (
	"context"
	"errors"
	"time"
)

// SessionStore is what a [Member] is as well if its bus can keep what clients need to
// recover their connection at any node: a log of events, and the sessions of clients
// that are disconnected. Nodes whose bus has none recover the clients that come back
// to the same node.
//
// Offsets are the business of the store. Every message of the log has one, none is
// empty, and they are ordered.
type SessionStore interface {
	// Retain says how much is to be kept. It is called once, before anything else. The
	// members of a group may differ; then the store keeps what any of them asks for.
	Retain(Retention)

	// Start is the end of the log when the member joined. The messages of the log that
	// come after it, and no others, are delivered to the member.
	Start() string

	// PublishLogged is Publish for a message that belongs in the log. It calls deliver
	// with the offset, when the member has been given every message of the log before
	// this one and none after it, never at the same time as [Receiver.Deliver], and
	// before it returns. If it returns an error deliver has not been called, and will
	// not be.
	PublishLogged(ctx context.Context, m *Message, deliver func(offset string)) error

	// Since returns the messages of the log after an offset, in order. If it cannot
	// return all of them, or there is no such offset, the error is [ErrNotRetained].
	Since(ctx context.Context, offset string) ([]Logged, error)

	// Compare tells which of two offsets comes first: the result is negative, 0 or
	// positive. ok is false if one of them is no offset of the log. It does not wait.
	Compare(a, b string) (order int, ok bool)

	// Save keeps a session until it expires or is restored.
	Save(ctx context.Context, s *Session) error

	// Restore returns a session and forgets it, in one step: whoever asks next gets
	// nil, as for a session that does not exist.
	Restore(ctx context.Context, id string) (*Session, error)
}

// ErrNotRetained is returned by [SessionStore.Since] for what is not in the log.
var ErrNotRetained = errors.New("cluster: not in the log, or not any more")

// Retention bounds what a [SessionStore] keeps for a namespace.
type Retention struct {
	// Age is how long messages stay in the log.
	Age time.Duration
	// Bytes bounds the log.
	Bytes int
	// Sessions is how many sessions are kept; the oldest make room for new ones.
	Sessions int
}

// Logged is a message of the log.
type Logged struct {
	Offset  string
	Message *Message
}

// Session is what a client gets back when it recovers its connection.
type Session struct {
	// ID is a secret that the client knows: the pid of the protocol.
	ID string
	// SocketID is the id of its socket.
	SocketID string
	// Rooms are the rooms of the socket.
	Rooms []string
	// Data is what the application has kept with the socket, as JSON; nil if it has
	// kept nothing.
	Data []byte
	// State is what else the server knows; nothing that a store need understand.
	State []byte
	// Expires is when the store forgets the session.
	Expires time.Time
}
