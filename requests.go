package socketio

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-socketio/socketio/cluster"
)

// requests are what this server has asked others and waits for.
type requests struct {
	mu   sync.Mutex
	byID map[string]request

	left    chan struct{} // closed when this server leaves the cluster: no answer will come
	leaving sync.Once
}

// request is something that other servers answer.
type request interface {
	// nodeLeft is told that nothing more will come from a server.
	nodeLeft(node string)
}

func (r *requests) begin(req request) (id string) {
	id = newID()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byID == nil {
		r.byID = make(map[string]request)
	}
	r.byID[id] = req
	return id
}

func (r *requests) end(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.byID, id)
}

func (r *requests) find(id string) request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byID[id]
}

func (r *requests) nodeLeft(node string) {
	r.mu.Lock()
	all := make([]request, 0, len(r.byID))
	for _, req := range r.byID {
		all = append(all, req)
	}
	r.mu.Unlock()
	for _, req := range all {
		req.nodeLeft(node)
	}
}

// giveUp ends the waiting for other servers, because this one leaves the cluster.
func (r *requests) giveUp() { r.leaving.Do(func() { close(r.left) }) }

// awaitAnswers returns nil when complete is closed, or else why it waits no longer: left,
// which may be nil, tells that this server leaves the cluster.
func awaitAnswers(ctx context.Context, complete, left <-chan struct{}) error {
	select {
	case <-complete:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-left:
		return cluster.ErrLeft
	}
}

// nodeTimeout is how long servers are waited for if the context does not say. It is
// that of the JavaScript adapters. Unlike clients, servers do answer.
const nodeTimeout = 5 * time.Second

// askNodes sends a request to the other servers and returns the answers, one of each
// server that has not left. If ctx ends before all have answered, or the bus fails,
// the error comes beside those that have arrived.
func (ns *Namespace) askNodes(ctx context.Context, m *cluster.Message) ([]*cluster.Message, error) {
	if ns.server.options.Bus == nil {
		return nil, nil
	}
	if ns.member == nil {
		return nil, ns.joining
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, nodeTimeout)
		defer cancel()
	}
	q := &question{awaited: make(map[string]bool), complete: make(chan struct{})}
	m.RequestID = ns.requests.begin(q)
	defer ns.requests.end(m.RequestID)
	q.expect(ns.member)
	if _, err := ns.member.Publish(ctx, m); err != nil {
		ns.busFailed(err)
		answers, _ := q.result()
		return answers, err
	}
	defer beginWait(ctx, selection{})()
	err := awaitAnswers(ctx, q.complete, ns.requests.left)
	answers, missing := q.result()
	if missing > 0 {
		return answers, fmt.Errorf("%d of %d servers have not answered: %w", missing, missing+len(answers), err)
	}
	return answers, nil
}

// question gathers the answers of other servers, one of each.
type question struct {
	mu       sync.Mutex
	awaited  map[string]bool
	answers  []*cluster.Message
	complete chan struct{} // closed when none is awaited
}

func (q *question) expect(member cluster.Member) {
	q.mu.Lock() // until they are noted, so that none can leave in between
	defer q.mu.Unlock()
	for _, node := range member.Nodes() {
		q.awaited[node] = true
	}
	if len(q.awaited) == 0 {
		close(q.complete)
	}
}

func (q *question) answered(m *cluster.Message) { q.done(m.Node, m) }

func (q *question) nodeLeft(node string) { q.done(node, nil) }

func (q *question) done(node string, answer *cluster.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.awaited[node] {
		return
	}
	delete(q.awaited, node)
	if answer != nil {
		q.answers = append(q.answers, answer)
	}
	if len(q.awaited) == 0 {
		close(q.complete)
	}
}

// result returns the answers, and how many servers have not answered. Answers that
// arrive later are not seen.
func (q *question) result() (answers []*cluster.Message, missing int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.answers[:len(q.answers):len(q.answers)], len(q.awaited)
}
