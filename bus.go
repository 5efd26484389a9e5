package socketio

import (
	"context"
	"errors"
	"log/slog"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/packet"
)

// reachesOthers reports whether the selection may include sockets of other servers.
func (b Broadcast) reachesOthers() bool {
	return b.namespace.server.options.Bus != nil && !b.local && !(b.targeted && len(b.rooms) == 0)
}

// publish sends an operation on the selected sockets to the other servers.
func (b Broadcast) publish(ctx context.Context, m *cluster.Message) error {
	if !b.reachesOthers() {
		return nil
	}
	if b.namespace.member == nil {
		return b.namespace.joining
	}
	_, err := b.namespace.member.Publish(ctx, b.address(m))
	b.namespace.busFailed(err)
	return err
}

// address fills in whom a message is for, and how it is to be sent.
func (b Broadcast) address(m *cluster.Message) *cluster.Message {
	m.Selection = cluster.Selection{Rooms: b.rooms, Except: b.except}
	m.Volatile = b.options.Volatile
	m.NoCompress = b.options.NoCompress
	return m
}

// publishRequest is publish for what the other servers answer to c.
func (b Broadcast) publishRequest(ctx context.Context, c *collector, m *cluster.Message) error {
	if member := b.namespace.member; member != nil {
		c.expectNodes(member)
	}
	err := b.publish(ctx, m)
	if err != nil && b.namespace.member != nil {
		for _, node := range b.namespace.member.Nodes() { // who knows which of them has got it
			c.nodeLeft(node)
		}
	}
	return err
}

// respond answers another server. It can be called from the goroutines of the bus and of
// clients, so it does not wait for long, and not at all when the server is closed.
func (ns *Namespace) respond(node string, m *cluster.Message) error {
	ctx, cancel := context.WithTimeout(ns.server.onBus, nodeTimeout)
	defer cancel()
	return ns.member.Respond(ctx, node, m)
}

// busReceiver does what other servers ask for.
type busReceiver struct{ *Namespace }

// Deliver takes a message of another server.
func (ns *busReceiver) Deliver(m *cluster.Message, offset string) {
	<-ns.inCluster
	b := Broadcast{
		namespace: ns.Namespace,
		rooms:     m.Selection.Rooms,
		targeted:  len(m.Selection.Rooms) > 0,
		except:    m.Selection.Except,
		local:     true,
		fromBus:   true,
		options:   engine.SendOptions{Volatile: m.Volatile, NoCompress: m.NoCompress},
	}
	defer ns.holdRoomEvents()()
	var err error
	switch m.Kind {
	case cluster.Broadcast:
		err = b.relay(m, offset)
	case cluster.SocketsJoin:
		err = b.Join(m.Rooms...)
	case cluster.SocketsLeave:
		err = b.Leave(m.Rooms...)
	case cluster.DisconnectSockets:
		if m.Close {
			err = b.DisconnectConn()
		} else {
			err = b.Disconnect()
		}
	case cluster.FetchSockets:
		err = b.describeSockets(m)
	case cluster.ServerSideEmit:
		ns.serverEvent(m)
	case cluster.BroadcastClientCount:
		if c, ok := ns.requests.find(m.RequestID).(*collector); ok {
			c.counted(m.Node, m.ClientCount)
		}
	case cluster.BroadcastAck:
		if c, ok := ns.requests.find(m.RequestID).(*collector); ok {
			c.answered(m.Node, m.Args, m.Departed)
		} else if m.Departed {
			ns.remoteRequests.end(m.RequestID)
		}
	case cluster.FetchSocketsResponse, cluster.ServerSideEmitResponse:
		if q, ok := ns.requests.find(m.RequestID).(*question); ok {
			q.answered(m)
		}
	}
	if err != nil {
		ns.server.report(slog.LevelWarn, "an operation of another server failed", "namespace", ns.name, "node", m.Node, "error", err)
	}
}

// NodeLeft stops waiting for a server, and for what that has asked.
func (ns *busReceiver) NodeLeft(node string) {
	ns.requests.nodeLeft(node)
	ns.remoteRequests.nodeLeft(node)
}

// relay emits what another server has broadcast to the clients of this one.
func (b Broadcast) relay(m *cluster.Message, offset string) error {
	if r := b.namespace.recovery; r != nil && r.logs(m, offset) {
		return r.relay(b, m, offset)
	}
	h := packet.Header{Event: m.Event}
	if m.RequestID == "" {
		encoded, err := b.namespace.encodeEvent(h, []any{m.Args})
		if err != nil {
			return err
		}
		return b.deliver(encoded, b.watching(m.Event, encoded, []any{m.Args}))
	}
	h.ID, h.HasID = b.namespace.nextAckID(), true
	encoded, err := b.namespace.encodeEvent(h, []any{m.Args})
	if err != nil {
		return errors.Join(err, b.namespace.respond(m.Node,
			&cluster.Message{Kind: cluster.BroadcastClientCount, RequestID: m.RequestID}))
	}
	r := &remoteRequest{namespace: b.namespace, node: m.Node, requestID: m.RequestID, ackID: h.ID}
	r.sockets = b.localSockets()
	b.namespace.remoteRequests.add(r)
	watch := b.watching(m.Event, encoded, []any{m.Args})
	err = r.deliver(b, encoded, m.Timeout, watch)
	watch.tell()
	return err
}
