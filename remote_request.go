package socketio

import (
	"errors"
	"sync"
	"time"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/deadline"
	"github.com/go-socketio/socketio/packet"
)

// remoteRequests are what other servers have asked clients of this one, and not all of
// these have answered.
type remoteRequests struct {
	mu   sync.Mutex // below that of a remoteRequest
	byID map[string]*remoteRequest
}

func (all *remoteRequests) add(r *remoteRequest) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.byID == nil {
		all.byID = make(map[string]*remoteRequest)
	}
	all.byID[r.requestID] = r
}

func (all *remoteRequests) remove(r *remoteRequest) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.byID[r.requestID] == r {
		delete(all.byID, r.requestID)
	}
}

// end forgets a request, because the server that has asked waits no longer.
func (all *remoteRequests) end(id string) {
	all.mu.Lock()
	r := all.byID[id]
	delete(all.byID, id)
	all.mu.Unlock()
	if r != nil {
		r.forget()
	}
}

// nodeLeft forgets what a server has asked that has left.
func (all *remoteRequests) nodeLeft(node string) {
	var over []*remoteRequest
	all.mu.Lock()
	for id, r := range all.byID {
		if r.node == node {
			over = append(over, r)
			delete(all.byID, id)
		}
	}
	all.mu.Unlock()
	for _, r := range over {
		r.forget()
	}
}

// remoteRequest takes the answers of this server's clients to the server that has
// asked for them.
type remoteRequest struct {
	namespace *Namespace
	node      string
	requestID string
	ackID     uint64
	sockets   selection
	timeout   deadline.Entry // forgets those that do not answer

	mu        sync.Mutex
	remaining int                // answers; negative while clients are faster than deliver
	counted   bool               // the client count has been sent, which comes first
	early     []*cluster.Message // the answers that came before
}

func (r *remoteRequest) deliver(b Broadcast, m *frame.Message, timeout time.Duration, watch *emission) error {
	sent, err := b.deliverWithAck(m, r.sockets, r.ackID, r, watch)
	err = errors.Join(err, r.respond(&cluster.Message{Kind: cluster.BroadcastClientCount, ClientCount: sent}))
	for _, answer := range r.expect(sent, timeout) {
		r.pass(answer)
	}
	return err
}

// expect notes how many answers there will be, and returns those that are there.
func (r *remoteRequest) expect(answers int, timeout time.Duration) (early []*cluster.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counted = true
	r.remaining += answers
	switch {
	case r.remaining == 0:
		r.requests().remove(r)
	case timeout > 0:
		r.deadlines().Set(&r.timeout, r, time.Now().Add(timeout))
	}
	early, r.early = r.early, nil
	return early
}

// add does nothing: the answers are counted by the server that has asked.
func (r *remoteRequest) add(int) {}

func (r *remoteRequest) resolve(_ *Socket, _ uint64, answer packet.Args, err error) {
	m := &cluster.Message{Kind: cluster.BroadcastAck, Args: answer, Departed: err != nil}
	if r.note(m) {
		r.pass(m)
	}
}

// note counts an answer, and reports whether it may be passed on now.
func (r *remoteRequest) note(answer *cluster.Message) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remaining--
	if !r.counted {
		r.early = append(r.early, answer)
		return false
	}
	if r.remaining == 0 {
		r.deadlines().Clear(&r.timeout)
		r.requests().remove(r)
	}
	return true
}

// pass sends an answer to the server that has asked.
func (r *remoteRequest) pass(answer *cluster.Message) {
	if err := r.respond(answer); err != nil {
		r.namespace.server.options.Logger.Debug("nobody takes an acknowledgement any more", "namespace", r.namespace.name, "node", r.node, "error", err)
	}
}

func (r *remoteRequest) respond(m *cluster.Message) error {
	m.RequestID = r.requestID
	return r.namespace.respond(r.node, m)
}

// Expire gives up waiting, since the server that has asked does so too.
func (r *remoteRequest) Expire(time.Time) {
	r.requests().remove(r)
	r.forget()
}

// forget forgets the clients that have not answered.
func (r *remoteRequest) forget() {
	r.deadlines().Clear(&r.timeout)
	for s := range r.sockets.each {
		s.takeAck(r.ackID)
	}
}

func (r *remoteRequest) requests() *remoteRequests { return &r.namespace.remoteRequests }

func (r *remoteRequest) deadlines() *deadline.Queue { return r.namespace.server.deadlines }
