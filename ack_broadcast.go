package socketio

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

// EmitWithAck sends an event to the selected clients and waits for their
// acknowledgements, until all have answered or ctx ends. It returns the answers that
// have arrived, in no particular order, beside the error if ctx has ended or some
// clients could not be sent to. Use a context with a time-out: clients need not answer.
// errors.Is(err, context.DeadlineExceeded) then tells that some have not, in time.
//
// The answers do not say whose they are. To know that, ask one by one what
// [Broadcast.FetchSockets] returns, with [RemoteSocket.EmitWithAck].
//
// Clients that leave without an answer are not waited for, and in a cluster neither
// are servers that leave. If this one leaves, because it is closed or the namespace is a
// dynamic one that is removed, the error is [cluster.ErrLeft]. About handlers see [Socket.EmitWithAck].
func (b Broadcast) EmitWithAck(ctx context.Context, name string, args ...any) ([]Args, error) {
	if ctx.Err() != nil {
		return nil, emitError(name, context.Cause(ctx))
	}
	ns := b.namespace
	id := ns.nextAckID()
	m, err := ns.encodeEvent(packet.Header{Event: name, ID: id, HasID: true}, args)
	if err != nil {
		return nil, err
	}
	c := &collector{remaining: 1, complete: make(chan struct{})}
	var left <-chan struct{}
	var request string
	if b.reachesOthers() {
		left = ns.requests.left
		request = ns.requests.begin(c)
		defer ns.requests.end(request)
		var passed packet.Args
		if passed, err = ns.clusterArgs(m); err == nil {
			err = b.publishRequest(ctx, c, &cluster.Message{
				Kind: cluster.Broadcast, RequestID: request, Timeout: timeLeft(ctx), Event: name, Args: passed,
			})
		}
	}
	selected := b.localSockets()
	watch := b.watching(name, m, args)
	_, full := b.deliverWithAck(m, selected, id, c, watch)
	watch.tell()
	defer beginWait(ctx, selected)()
	c.add(-1) // everything has been sent
	gaveUp := awaitAnswers(ctx, c.complete, left)
	if gaveUp != nil {
		for s := range selected.each {
			s.takeAck(id)
		}
		if ctx.Err() == context.Canceled { // the others know of a deadline
			ns.tellOfEnd(c.unanswered(), request)
		}
	}
	answers, complete := c.result()
	err = errors.Join(err, full)
	if !complete {
		err = errors.Join(err, fmt.Errorf("not all clients have answered: %w", gaveUp))
	}
	if err != nil {
		err = emitError(name, err)
	}
	return answers, err
}

// deliverWithAck queues a message for sockets of this server and sends it. Everyone
// who gets it answers to receiver. The error is that of deliver.
func (b Broadcast) deliverWithAck(m *frame.Message, to selection, id uint64, receiver countingReceiver, watch *emission) (sent int, err error) {
	var t tally
	for s := range to.each {
		receiver.add(1) // first: the answer may come before enqueue returns
		err := s.enqueue(m, b.options, id, receiver)
		t.add(s, err, watch)
		if err != nil {
			receiver.add(-1)
		}
	}
	to.flush()
	return t.queued, b.fullError(t)
}

// timeLeft returns how long ctx allows to wait, or 0 if it does not say.
func timeLeft(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	return max(time.Until(deadline), time.Millisecond)
}

// countingReceiver is told how many answers to expect.
type countingReceiver interface {
	ackReceiver
	add(n int)
}

// collector gathers the answers to one broadcast.
type collector struct {
	mu        sync.Mutex
	remaining int            // answers and client counts that are awaited, and one while sending
	nodes     map[string]int // what is awaited of each other server; awaitsCount at first
	answers   []Args
	complete  chan struct{} // closed when remaining is 0
}

// awaitsCount stands for a server that has not told how many clients it has reached.
const awaitsCount = -1

func (c *collector) resolve(_ *Socket, _ uint64, answer packet.Args, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.answers = append(c.answers, event.NewArgs(answer, nil))
	}
	c.addLocked(-1)
}

func (c *collector) add(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.addLocked(n)
}

func (c *collector) addLocked(n int) {
	c.remaining += n
	if c.remaining == 0 {
		close(c.complete)
	}
}

// result returns the answers, and whether they are all. Those that arrive later are not
// seen.
func (c *collector) result() (answers []Args, complete bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answers[:len(c.answers):len(c.answers)], c.remaining == 0
}

// expectNodes makes c wait for the servers that are in the cluster now.
func (c *collector) expectNodes(member cluster.Member) {
	c.mu.Lock() // until they are noted, so that none can leave in between
	defer c.mu.Unlock()
	c.nodes = make(map[string]int)
	for _, node := range member.Nodes() {
		c.nodes[node] = awaitsCount
		c.remaining++
	}
}

// counted is told how many clients another server has reached.
func (c *collector) counted(node string, clients int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if awaited, ok := c.nodes[node]; !ok || awaited != awaitsCount || clients < 0 {
		return
	}
	c.nodes[node] = clients
	c.addLocked(clients - 1)
}

// answered takes the answer of a client of another server, which may be that it has
// left without one.
func (c *collector) answered(node string, answer packet.Args, departed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.nodes[node] <= 0 {
		return
	}
	c.nodes[node]--
	if !departed {
		c.answers = append(c.answers, event.NewArgs(answer, nil))
	}
	c.addLocked(-1)
}

// unanswered returns the other servers of which something is awaited.
func (c *collector) unanswered() (nodes []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for node, awaited := range c.nodes {
		if awaited != 0 {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// tellOfEnd tells other servers that nobody waits for the answers of their clients any
// more. JavaScript nodes, which do not know that, take it for an answer to nothing.
func (ns *Namespace) tellOfEnd(nodes []string, request string) {
	for _, node := range nodes {
		ns.server.tasks.Go(func() {
			// If it fails, that server forgets the request when its clients have left.
			_ = ns.respond(node, &cluster.Message{Kind: cluster.BroadcastAck, RequestID: request, Departed: true})
		})
	}
}

// nodeLeft is told that nothing more will come from a server.
func (c *collector) nodeLeft(node string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	awaited, ok := c.nodes[node]
	if !ok {
		return
	}
	delete(c.nodes, node)
	if awaited == awaitsCount {
		awaited = 1
	}
	if awaited > 0 {
		c.addLocked(-awaited)
	}
}
