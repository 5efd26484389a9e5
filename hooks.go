package socketio

import (
	"context"
	"log/slog"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/packet"
)

// What [Options.Hooks] may be.
type (
	// ConnectionHook is told of the connections of clients.
	ConnectionHook interface {
		ConnectionOpened(*engine.Session)
		ConnectionClosed(s *engine.Session, reason Reason, err error)
	}

	// UpgradeHook is told when the connection of a client has changed from polling to
	// WebSocket, which is before anything that comes over that, and before
	// ConnectionClosed.
	UpgradeHook interface {
		ConnectionUpgraded(*engine.Session)
	}

	// SocketHook is told of sockets, before the handlers of OnConnect and OnDisconnect
	// run, in the same goroutine.
	SocketHook interface {
		SocketConnected(*Socket)
		SocketDisconnected(*Socket, Disconnect)
	}

	// PacketHook is told of the events and acknowledgements that clients send, when
	// they arrive, and of those that are queued for clients, for each recipient.
	PacketHook interface {
		PacketReceived(*Socket, PacketInfo)
		PacketSent(*Socket, PacketInfo)
	}

	// DropHook is told of each event that was not sent to a client: the error is
	// [ErrDropped] for a volatile one, or [ErrQueueFull]. With [QueueDropVolatile],
	// events that are dropped after they have been queued are only counted, in
	// [Stats.VolatileDropped].
	DropHook interface {
		EventDropped(s *Socket, event string, err error)
	}

	// InboxHook is told when so many events of a client wait for their handlers that
	// nothing more is read from it, and when that is over: see [Options.MaxInbox].
	InboxHook interface {
		InboxFull(*Socket)
		InboxRelaxed(*Socket)
	}

	// EventHook is called before packet middleware and handlers run for an event. They
	// get the context that it returns, which must come from ctx; the function that it
	// returns is called when they have returned, with the first of their errors.
	EventHook interface {
		StartEvent(ctx context.Context, s *Socket, event string) (context.Context, func(err error))
	}

	// BusHook is told when the bus of the cluster has not done what a namespace wanted.
	BusHook interface {
		BusFailed(ns *Namespace, err error)
	}
)

// PacketInfo describes a packet to a [PacketHook].
type PacketInfo struct {
	Type  packet.Type // packet.Event or packet.Ack
	Event string      // of an event
	Size  int         // in bytes, about: encoded, with attachments
}

// hooks are those that the application has. Each may be nil.
type hooks struct {
	server     *Server
	connection ConnectionHook
	upgrade    UpgradeHook
	socket     SocketHook
	packet     PacketHook
	drop       DropHook
	inbox      InboxHook
	event      EventHook
	bus        BusHook
}

func newHooks(s *Server, v any) hooks {
	h := hooks{server: s}
	h.connection, _ = v.(ConnectionHook)
	h.upgrade, _ = v.(UpgradeHook)
	h.socket, _ = v.(SocketHook)
	h.packet, _ = v.(PacketHook)
	h.drop, _ = v.(DropHook)
	h.inbox, _ = v.(InboxHook)
	h.event, _ = v.(EventHook)
	h.bus, _ = v.(BusHook)
	if v != nil && h == (hooks{server: s}) {
		s.options.Logger.Warn("Options.Hooks implements none of the hooks: are its methods declared on a pointer?")
	}
	return h
}

// watchOutgoing reports whether somebody wants to know what is sent.
func (h *hooks) watchOutgoing() bool { return h.packet != nil || h.drop != nil }

// caught is deferred around each call of a hook.
func (h *hooks) caught() {
	if v := recover(); v != nil {
		h.server.panicked(v, "event", "Options.Hooks")
	}
}

func (h *hooks) connectionOpened(s *engine.Session) {
	if h.connection != nil {
		defer h.caught()
		h.connection.ConnectionOpened(s)
	}
}

func (h *hooks) connectionUpgraded(s *engine.Session) {
	if h.upgrade != nil {
		defer h.caught()
		h.upgrade.ConnectionUpgraded(s)
	}
}

func (h *hooks) connectionClosed(s *engine.Session, reason Reason, err error) {
	if h.connection != nil {
		defer h.caught()
		h.connection.ConnectionClosed(s, reason, err)
	}
}

func (h *hooks) socketConnected(s *Socket) {
	if h.socket != nil {
		defer h.caught()
		h.socket.SocketConnected(s)
	}
}

func (h *hooks) socketDisconnected(s *Socket, d Disconnect) {
	if h.socket != nil {
		defer h.caught()
		h.socket.SocketDisconnected(s, d)
	}
}

func (h *hooks) packetReceived(s *Socket, p *packet.Packet) {
	if h.packet != nil {
		defer h.caught()
		h.packet.PacketReceived(s, PacketInfo{p.Type, p.Event, p.Args.Size()})
	}
}

func (h *hooks) packetSent(s *Socket, p PacketInfo) {
	if h.packet != nil {
		defer h.caught()
		h.packet.PacketSent(s, p)
	}
}

func (h *hooks) eventDropped(s *Socket, event string, err error) {
	if h.drop != nil {
		defer h.caught()
		h.drop.EventDropped(s, event, err)
	}
}

func (h *hooks) inboxFull(s *Socket) {
	if h.inbox != nil {
		defer h.caught()
		h.inbox.InboxFull(s)
	}
}

func (h *hooks) inboxRelaxed(s *Socket) {
	if h.inbox != nil {
		defer h.caught()
		h.inbox.InboxRelaxed(s)
	}
}

// startEvent returns the context for handlers, and what is to be called with their
// error; nil if there is nothing.
func (h *hooks) startEvent(ctx context.Context, s *Socket, event string) (handlers context.Context, done func(error)) {
	defer h.caught()
	handlers = ctx // also if the hook panics
	started, end := h.event.StartEvent(ctx, s, event)
	if started != nil {
		handlers = started
	}
	return handlers, end
}

func (h *hooks) endEvent(done func(error), err error) {
	if done != nil {
		defer h.caught()
		done(err)
	}
}

// busFailed counts and reports a failure of the bus, if err is one.
func (ns *Namespace) busFailed(err error) {
	if err == nil {
		return
	}
	s := ns.server
	s.busErrors.Add(1)
	s.report(slog.LevelWarn, "the bus of the cluster failed", "namespace", ns.name, "error", err)
	if s.hooks.bus != nil {
		defer s.hooks.caught()
		s.hooks.bus.BusFailed(ns, err)
	}
}
