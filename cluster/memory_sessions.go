package cluster

import (
	"container/list"
	"context"
	"fmt"
	"time"
)

// Memory keeps a log and sessions for those namespaces whose nodes ask for it. They
// stay when all nodes have left, so that a server can take the place of another, until
// they are too old.

// memorySessions are the disconnected clients of one namespace.
type memorySessions struct {
	limit int
	byID  map[string]*list.Element
	order list.List // of *Session, those that expire first in front
}

func (m *memoryMember) Retain(r Retention) {
	m.bus.mu.Lock()
	defer m.bus.mu.Unlock()
	m.group.retained = true
	m.group.log.Limit(r.Age, r.Bytes)
	m.group.sessions.limit = max(m.group.sessions.limit, r.Sessions)
}

func (m *memoryMember) Start() string { return m.start }

// PublishLogged waits while a node has too many messages to take, and then for the
// messages before this one that its own node has to take.
func (m *memoryMember) PublishLogged(ctx context.Context, msg *Message, deliver func(offset string)) error {
	if m.hasLeft() {
		return ErrLeft
	}
	msg.Node = m.node
	for _, other := range m.bus.members(m.group) {
		if err := other.awaitSpace(ctx); err != nil {
			return fmt.Errorf("cluster: node %s does not take messages: %w", other.node, err)
		}
	}
	delivered := make(chan struct{})
	m.append(msg, func(offset string) {
		defer close(delivered)
		deliver(offset)
	})
	select {
	case <-delivered:
		return nil
	case <-m.done:
	}
	select {
	case <-delivered:
		return nil
	default:
		return ErrLeft
	}
}

// append adds a message to the log and to the queue of every node, which therefore
// all have it in the same order.
func (m *memoryMember) append(msg *Message, own func(offset string)) {
	m.bus.mu.Lock()
	defer m.bus.mu.Unlock()
	log := m.group.log
	offset := log.Next()
	log.Append(offset, msg, msg.size(), time.Now())
	for _, member := range m.group.members {
		d := memoryDelivery{message: msg, offset: offset}
		if member == m {
			d = memoryDelivery{own: own, offset: offset}
		}
		// It does not wait, so the context does not matter.
		_ = member.put(context.Background(), d, false)
	}
}

// size is about the memory that a message of the log occupies.
func (m *Message) size() int {
	n := len(m.Event) + m.Args.Size()
	for _, rooms := range [][]string{m.Selection.Rooms, m.Selection.Except} {
		for _, room := range rooms {
			n += 16 + len(room)
		}
	}
	return n
}

func (m *memoryMember) Since(_ context.Context, offset string) ([]Logged, error) {
	m.bus.mu.Lock()
	defer m.bus.mu.Unlock()
	entries, ok := m.group.log.Since(offset)
	if !ok {
		return nil, ErrNotRetained
	}
	messages := make([]Logged, len(entries))
	for i, e := range entries {
		messages[i] = Logged{e.Offset, e.Event}
	}
	return messages, nil
}

func (m *memoryMember) Compare(a, b string) (order int, ok bool) {
	m.bus.mu.Lock()
	defer m.bus.mu.Unlock()
	return m.group.log.Compare(a, b)
}

func (m *memoryMember) Save(_ context.Context, s *Session) error {
	m.bus.mu.Lock()
	defer m.bus.mu.Unlock()
	m.group.sessions.save(s, time.Now())
	if m.bus.groups[m.namespace] == nil { // the last node has left before it has saved all
		m.bus.groups[m.namespace] = m.group
	}
	return nil
}

func (m *memoryMember) Restore(_ context.Context, id string) (*Session, error) {
	m.bus.mu.Lock()
	defer m.bus.mu.Unlock()
	return m.group.sessions.take(id, time.Now()), nil
}

func (s *memorySessions) save(session *Session, now time.Time) {
	s.take(session.ID, now)
	if s.byID == nil {
		s.byID = make(map[string]*list.Element)
	}
	after := s.order.Back()
	for after != nil && after.Value.(*Session).Expires.After(session.Expires) {
		after = after.Prev()
	}
	if after == nil {
		s.byID[session.ID] = s.order.PushFront(session)
	} else {
		s.byID[session.ID] = s.order.InsertAfter(session, after)
	}
	for s.order.Len() > s.limit {
		s.remove(s.order.Front())
	}
}

// take removes a session, and those that have expired.
func (s *memorySessions) take(id string, now time.Time) *Session {
	s.expire(now)
	if e := s.byID[id]; e != nil {
		return s.remove(e)
	}
	return nil
}

func (s *memorySessions) expire(now time.Time) {
	for front := s.order.Front(); front != nil && !front.Value.(*Session).Expires.After(now); front = s.order.Front() {
		s.remove(front)
	}
}

func (s *memorySessions) remove(e *list.Element) *Session {
	session := s.order.Remove(e).(*Session)
	delete(s.byID, session.ID)
	return session
}
