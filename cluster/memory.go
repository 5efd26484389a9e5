package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/go-socketio/socketio/internal/eventlog"
)

// maxQueued is how many messages may wait for one node before publishers wait.
const maxQueued = 1024

// ErrLeft is returned to a node that has closed its [Member], and to those who wait there
// for the answers of others.
var ErrLeft = errors.New("cluster: the node has left")

// Memory is a [Bus] between the servers of one process. Each node in each namespace
// has a goroutine, which ends with [Member.Close]. Its members are a [SessionStore].
type Memory struct {
	mu     sync.Mutex
	groups map[string]*memoryGroup
	swept  time.Time // when groups that nobody needs were last looked for
}

// sweepInterval is how often groups without members are looked at.
const sweepInterval = time.Second

// memoryGroup is the nodes of one namespace, and what they keep there. The lock of
// the bus guards it.
type memoryGroup struct {
	members  []*memoryMember // replaced when it changes
	retained bool            // what follows is wanted
	log      *eventlog.Log[*Message]
	sessions memorySessions
}

// NewMemory returns a bus without nodes.
func NewMemory() *Memory { return &Memory{groups: make(map[string]*memoryGroup)} }

// Join adds a node. It does not fail.
func (b *Memory) Join(namespace string, r Receiver) (Member, error) {
	id := make([]byte, 8)
	rand.Read(id)
	m := &memoryMember{
		bus: b, namespace: namespace, node: hex.EncodeToString(id), receiver: r,
		space: make(chan struct{}), done: make(chan struct{}),
	}
	m.changed.L = &m.mu
	b.mu.Lock()
	b.sweep(time.Now())
	g := b.groups[namespace]
	if g == nil {
		g = &memoryGroup{log: eventlog.New[*Message](0, 0)}
		b.groups[namespace] = g
	}
	g.members = append(slices.Clip(g.members), m)
	m.group, m.start = g, g.log.End()
	b.mu.Unlock()
	go m.deliver()
	return m, nil
}

// remove takes m out of its group and returns those that remain.
func (b *Memory) remove(m *memoryMember) []*memoryMember {
	b.mu.Lock()
	defer b.mu.Unlock()
	g := m.group
	g.members = slices.DeleteFunc(slices.Clone(g.members), func(other *memoryMember) bool { return other == m })
	now := time.Now()
	b.drop(m.namespace, g, now)
	b.sweep(now)
	return g.members
}

// drop forgets a group that has no members and keeps nothing.
func (b *Memory) drop(namespace string, g *memoryGroup, now time.Time) {
	if len(g.members) == 0 && (!g.retained || g.isEmpty(now)) && b.groups[namespace] == g {
		delete(b.groups, namespace)
	}
}

// sweep forgets the groups that keep nothing any more.
func (b *Memory) sweep(now time.Time) {
	if now.Sub(b.swept) < sweepInterval {
		return
	}
	b.swept = now
	for namespace, g := range b.groups {
		b.drop(namespace, g, now)
	}
}

// isEmpty reports whether a group keeps nothing, after forgetting what is too old.
func (g *memoryGroup) isEmpty(now time.Time) bool {
	g.sessions.expire(now)
	return g.log.Trim(now) <= 0 && g.sessions.order.Len() == 0
}

func (b *Memory) members(g *memoryGroup) []*memoryMember {
	b.mu.Lock()
	defer b.mu.Unlock()
	return g.members
}

// memoryMember is one node in one namespace. Its queue is filled by the others and
// emptied by its goroutine.
type memoryMember struct {
	bus       *Memory
	group     *memoryGroup
	namespace string
	node      string
	start     string // the end of the log when it joined
	receiver  Receiver

	mu      sync.Mutex
	changed sync.Cond // the queue is no longer empty, or the node has left
	queue   []memoryDelivery
	space   chan struct{} // closed, and replaced, when the queue has been emptied
	left    bool

	done chan struct{} // closed when the goroutine has ended
}

// memoryDelivery is a message, or a call for the node's own message, or the news that
// a node has left.
type memoryDelivery struct {
	message *Message
	own     func(offset string)
	offset  string // of what is in the log
	gone    string
}

func (m *memoryMember) Node() string { return m.node }

func (m *memoryMember) Nodes() []string {
	var nodes []string
	for _, other := range m.bus.members(m.group) {
		if other != m {
			nodes = append(nodes, other.node)
		}
	}
	return nodes
}

// Publish waits while a node has too many messages to take.
func (m *memoryMember) Publish(ctx context.Context, msg *Message) (string, error) {
	if m.hasLeft() {
		return "", ErrLeft
	}
	msg.Node = m.node
	var failed error
	for _, other := range m.bus.members(m.group) {
		if other == m {
			continue
		}
		if err := other.put(ctx, memoryDelivery{message: msg}, true); err != nil {
			failed = fmt.Errorf("cluster: node %s does not take messages: %w", other.node, err)
		}
	}
	return "", failed
}

func (m *memoryMember) Respond(ctx context.Context, node string, msg *Message) error {
	if m.hasLeft() {
		return ErrLeft
	}
	msg.Node = m.node
	for _, other := range m.bus.members(m.group) {
		if other.node == node {
			return other.put(ctx, memoryDelivery{message: msg}, false)
		}
	}
	return fmt.Errorf("cluster: no node %s in namespace %s", node, m.namespace)
}

func (m *memoryMember) Close() error {
	m.mu.Lock()
	if m.left {
		m.mu.Unlock()
		<-m.done
		return nil
	}
	m.left = true
	m.queue = nil
	m.changed.Signal()
	close(m.space)
	m.mu.Unlock()
	for _, other := range m.bus.remove(m) {
		// It does not wait, so the context does not matter.
		_ = other.put(context.Background(), memoryDelivery{gone: m.node}, false)
	}
	<-m.done
	return nil
}

func (m *memoryMember) hasLeft() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.left
}

// put appends to the queue, perhaps after waiting for space. What is sent to a node
// that has left is lost, as it would be if it had left a moment later.
func (m *memoryMember) put(ctx context.Context, d memoryDelivery, wait bool) error {
	for {
		m.mu.Lock()
		if m.left {
			m.mu.Unlock()
			return nil
		}
		if !wait || len(m.queue) < maxQueued {
			m.queue = append(m.queue, d)
			m.changed.Signal()
			m.mu.Unlock()
			return nil
		}
		m.mu.Unlock()
		if err := m.awaitSpace(ctx); err != nil {
			return err
		}
	}
}

// awaitSpace waits until the queue is not full, or the node has left.
func (m *memoryMember) awaitSpace(ctx context.Context) error {
	for {
		m.mu.Lock()
		full, space := len(m.queue) >= maxQueued && !m.left, m.space
		m.mu.Unlock()
		if !full {
			return nil
		}
		select {
		case <-space:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// deliver hands the queue to the receiver until the node leaves.
func (m *memoryMember) deliver() {
	defer close(m.done)
	for {
		m.mu.Lock()
		for len(m.queue) == 0 && !m.left {
			m.changed.Wait()
		}
		if m.left {
			m.mu.Unlock()
			return
		}
		batch := m.queue
		m.queue = nil
		close(m.space)
		m.space = make(chan struct{})
		m.mu.Unlock()
		for _, d := range batch {
			switch {
			case d.message != nil:
				m.receiver.Deliver(d.message, d.offset)
			case d.own != nil:
				d.own(d.offset)
			default:
				m.receiver.NodeLeft(d.gone)
			}
		}
	}
}
