package socketio

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

// RemoteSocket is a socket of the cluster, at this server or at another one, as it was
// when [Broadcast.FetchSockets] found it: what it tells does not change. What it does,
// it does to the socket, if that is still there. It may be used from any goroutine.
type RemoteSocket struct {
	namespace *Namespace
	node      string
	local     *Socket // nil if it is at another server
	info      cluster.SocketInfo
	data      any // of a local socket
}

// FetchSockets returns the selected sockets of all servers, those of this server
// first. Servers that leave are not waited for. If ctx ends before the others have
// answered, or the bus fails, or this server leaves the cluster ([cluster.ErrLeft]), the
// sockets that are known are returned beside the error. A context without a deadline means 5 seconds.
//
// To act on the sockets it is not needed: see [Broadcast.Join], [Broadcast.Leave] and
// [Broadcast.Disconnect]. For the sockets of this server see [Broadcast.Sockets].
func (b Broadcast) FetchSockets(ctx context.Context) ([]*RemoteSocket, error) {
	var all []*RemoteSocket
	for s := range b.localSockets().each {
		all = append(all, s.snapshot())
	}
	if !b.reachesOthers() {
		return all, nil
	}
	answers, err := b.namespace.askNodes(ctx, &cluster.Message{
		Kind:      cluster.FetchSockets,
		Selection: cluster.Selection{Rooms: b.rooms, Except: b.except},
	})
	for _, answer := range answers {
		for _, info := range answer.Sockets {
			all = append(all, &RemoteSocket{namespace: b.namespace, node: answer.Node, info: info})
		}
	}
	if err != nil {
		err = fmt.Errorf("socketio: fetch sockets: %w", err)
	}
	return all, err
}

// snapshot returns what FetchSockets says of a socket of this server.
func (s *Socket) snapshot() *RemoteSocket {
	h := s.Handshake()
	return &RemoteSocket{
		namespace: s.namespace,
		local:     s,
		data:      s.Data(),
		info: cluster.SocketInfo{
			ID:    s.id,
			Rooms: s.Rooms(),
			Handshake: cluster.Handshake{
				Time: h.Time(), Address: h.Address(), URL: h.URL(), Query: h.Query(), Header: h.Header(),
				Secure: h.Secure(), CrossDomain: h.CrossDomain(), Auth: h.auth,
			},
		},
	}
}

// describeSockets answers a server that fetches sockets.
func (b Broadcast) describeSockets(m *cluster.Message) error {
	answer := &cluster.Message{Kind: cluster.FetchSocketsResponse, RequestID: m.RequestID}
	var errs []error
	for s := range b.localSockets().each {
		r := s.snapshot()
		data, err := r.encodedData()
		if err != nil {
			errs = append(errs, fmt.Errorf("the data of socket %s: %w", s.id, err))
		}
		r.info.Data = data
		answer.Sockets = append(answer.Sockets, r.info)
	}
	errs = append(errs, b.namespace.respond(m.Node, answer))
	return errors.Join(errs...)
}

// ID returns the socket's id, which is also the name of its own room.
func (r *RemoteSocket) ID() string { return r.info.ID }

// Local returns the socket itself, if it belongs to this server.
func (r *RemoteSocket) Local() (s *Socket, ok bool) { return r.local, r.local != nil }

// Node returns the id of the socket's server in the cluster; empty for this one.
func (r *RemoteSocket) Node() string { return r.node }

// Rooms returns the rooms that the socket was in, its own one first. They must not be
// changed.
func (r *RemoteSocket) Rooms() []string { return r.info.Rooms }

// Handshake returns what the client sent when it connected. It must not be changed.
func (r *RemoteSocket) Handshake() cluster.Handshake { return r.info.Handshake }

// Data decodes what the application keeps with the socket, see [Socket.SetData], into
// the value that dst points to. Data of another server has travelled as JSON, binary
// parts aside; data of this server is copied as it is if the type fits. If there is
// none, dst is left alone. The error is a [*packet.DecodeError] or
// [*packet.EncodeError].
func (r *RemoteSocket) Data(dst any) error {
	if r.local != nil && r.data != nil {
		to := reflect.ValueOf(dst)
		from := reflect.ValueOf(r.data)
		if to.Kind() == reflect.Pointer && !to.IsNil() && from.Type().AssignableTo(to.Type().Elem()) {
			to.Elem().Set(from)
			return nil
		}
	}
	data, err := r.encodedData()
	if err != nil || data.Len() == 0 {
		return err
	}
	return data.Decode(0, dst)
}

// encodedData returns the data as one argument, or no argument if there is none.
func (r *RemoteSocket) encodedData() (packet.Args, error) {
	if r.local == nil || r.data == nil {
		return r.info.Data, nil
	}
	return r.namespace.encodeArgs("SetData", []any{r.data})
}

func (r *RemoteSocket) room() Broadcast { return r.namespace.To(r.info.ID) }

// Emit sends an event to the client: see [Broadcast.Emit].
func (r *RemoteSocket) Emit(name string, args ...any) error { return r.room().Emit(name, args...) }

// EmitContext is [RemoteSocket.Emit] with a context: see [Broadcast.EmitContext].
func (r *RemoteSocket) EmitContext(ctx context.Context, name string, args ...any) error {
	return r.room().EmitContext(ctx, name, args...)
}

// EmitWithAck sends an event to the client and waits for its answer. If the client
// has left, or leaves, the error is an [ErrDisconnected].
func (r *RemoteSocket) EmitWithAck(ctx context.Context, name string, args ...any) (Args, error) {
	if r.local != nil {
		return r.local.EmitWithAck(ctx, name, args...)
	}
	answers, err := r.room().EmitWithAck(ctx, name, args...)
	switch {
	case len(answers) > 0:
		return answers[0], nil
	case err != nil:
		return event.Args{}, err
	default:
		return event.Args{}, emitError(name, ErrDisconnected)
	}
}

// Join puts the socket into rooms: see [Broadcast.Join].
func (r *RemoteSocket) Join(rooms ...string) error { return r.room().Join(rooms...) }

// Leave takes the socket out of rooms: see [Broadcast.Leave].
func (r *RemoteSocket) Leave(rooms ...string) error { return r.room().Leave(rooms...) }

// Disconnect takes the socket out of its namespace: see [Socket.Disconnect].
func (r *RemoteSocket) Disconnect() error { return r.room().Disconnect() }

// DisconnectConn disconnects the client and closes its connection: see
// [Socket.DisconnectConn].
func (r *RemoteSocket) DisconnectConn() error { return r.room().DisconnectConn() }
