package socketio

import (
	"context"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/event"
)

// OtherServers are the other servers of the cluster, which can be told and asked
// things: JavaScript's serverSideEmit. They handle it with [Namespace.OnServer],
// [OnServer] or [HandleServer]. A server that is alone has no others: then nothing is
// sent, and a question is answered by nobody at once. OtherServers is a small value;
// its methods may be called from any goroutine.
type OtherServers struct{ namespace *Namespace }

// OtherServers returns the other servers of the cluster, as this namespace sees them.
func (ns *Namespace) OtherServers() OtherServers { return OtherServers{ns} }

// OtherServers returns the other servers of the cluster: see [Namespace.OtherServers].
func (s *Server) OtherServers() OtherServers { return s.main.OtherServers() }

// Emit sends an event to the other servers. The error is a [*packet.EncodeError],
// [ErrReservedEvent] for the names connect, connection and new_namespace, or that of
// the bus.
func (o OtherServers) Emit(name string, args ...any) error {
	return o.EmitContext(o.namespace.server.onBus, name, args...)
}

// EmitContext does what Emit does. The context bounds how long the bus may take.
func (o OtherServers) EmitContext(ctx context.Context, name string, args ...any) error {
	m, err := o.message(name, args)
	if err != nil {
		return emitError(name, err)
	}
	ns := o.namespace
	switch {
	case ns.server.options.Bus == nil:
		return nil
	case ns.member == nil:
		err = ns.joining
	default:
		_, err = ns.member.Publish(ctx, m)
		ns.busFailed(err)
	}
	if err != nil {
		return emitError(name, err)
	}
	return nil
}

// EmitWithAck sends an event to the other servers and returns their answers, one of
// each, in no particular order. Servers that leave are not waited for. If ctx ends
// before all have answered, or the bus fails, or this server leaves the cluster
// ([cluster.ErrLeft]), the answers that have arrived come beside the error. A context without a deadline means 5 seconds.
func (o OtherServers) EmitWithAck(ctx context.Context, name string, args ...any) ([]Args, error) {
	m, err := o.message(name, args)
	if err != nil {
		return nil, emitError(name, err)
	}
	m.Timeout = timeLeft(ctx)
	messages, err := o.namespace.askNodes(ctx, m)
	answers := make([]Args, len(messages))
	for i, answer := range messages {
		answers[i] = event.NewArgs(answer.Args, nil)
	}
	if err != nil {
		err = emitError(name, err)
	}
	return answers, err
}

func (o OtherServers) message(name string, args []any) (*cluster.Message, error) {
	if reservedAmongServers(name) {
		return nil, ErrReservedEvent
	}
	encoded, err := o.namespace.encodeArgs(name, args)
	return &cluster.Message{Kind: cluster.ServerSideEmit, Event: name, Args: encoded}, err
}

// reservedAmongServers reports whether JavaScript servers would take an event of this
// name for something else.
func reservedAmongServers(event string) bool {
	return event == "connect" || event == "connection" || event == "new_namespace"
}
