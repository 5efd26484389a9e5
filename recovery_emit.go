package socketio

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/eventlog"
	"github.com/go-socketio/socketio/packet"
)

// logged is an event of the log: what was sent, and to whom.
type logged struct {
	message *frame.Message   // with its offset
	source  *cluster.Message // instead, if the bus keeps the log
	rooms   []string
	except  []string
	all     bool // no rooms means everybody
	direct  bool // for the socket that has the only room as its id, in it or not
	options engine.SendOptions
}

func newLogged(b Broadcast, direct *Socket, m *frame.Message) logged {
	return logged{message: m, rooms: b.rooms, except: b.except, all: !b.targeted, direct: direct != nil, options: b.options}
}

// isFor reports whether the event was for a socket that was in the given rooms.
func (e *logged) isFor(sid string, rooms map[string]bool) bool {
	if e.direct {
		return e.rooms[0] == sid
	}
	in := func(room string) bool { return rooms[room] }
	return (e.all || slices.ContainsFunc(e.rooms, in)) && !slices.ContainsFunc(e.except, in)
}

// size is about the memory that the event occupies.
func (e *logged) size() int {
	n := e.message.Size()
	for _, rooms := range [][]string{e.rooms, e.except} {
		for _, room := range rooms {
			n += 16 + len(room)
		}
	}
	return n
}

// emit emits an event that belongs in the log. If direct is not nil the event is for
// that socket, or the one in its place.
func (r *recovery) emit(ctx context.Context, b Broadcast, direct *Socket, name string, args []any) error {
	ns := r.namespace
	switch {
	case direct != nil && r.store == nil: // its client cannot be anywhere else
		return r.emitHere(b, direct, name, args)
	case b.reachesOthers():
	case r.store != nil || b.targeted && len(b.rooms) == 0:
		return b.emitUnlogged(ctx, name, args)
	default:
		return r.emitHere(b, direct, name, args)
	}
	m, err := ns.encodeEvent(packet.Header{Event: name}, args)
	if err != nil {
		return err
	}
	passed, err := ns.clusterArgs(m)
	if err != nil {
		return emitError(name, err)
	}
	msg := &cluster.Message{Kind: cluster.Broadcast, Event: name, Args: passed}
	if r.store == nil {
		err = b.publish(ctx, msg)
		if err != nil {
			err = emitError(name, err)
		}
		return errors.Join(err, r.emitHere(b, direct, name, []any{passed}))
	}
	var watch *emission
	var delivered error
	err = r.store.PublishLogged(ctx, b.address(msg), func(offset string) {
		watch, delivered = r.deliverLogged(b, direct, name, passed, offset)
	})
	watch.tell() // not before: who watches may emit too, and that waits for the bus
	ns.busFailed(err)
	if err != nil {
		err = errors.Join(err, b.deliver(m, b.watching(name, m, args)))
	}
	if err = errors.Join(err, delivered); err != nil {
		return emitError(name, err)
	}
	return nil
}

// logs reports whether an event of another server belongs in the log.
func (r *recovery) logs(m *cluster.Message, offset string) bool {
	return m.RequestID == "" && !m.Volatile && (r.store == nil || offset != "")
}

// relay emits an event of another server to the clients of this one.
func (r *recovery) relay(b Broadcast, m *cluster.Message, offset string) error {
	if r.store == nil {
		return r.emitHere(b, nil, m.Event, []any{m.Args})
	}
	watch, err := r.deliverLogged(b, nil, m.Event, m.Args, offset)
	watch.tell()
	return err
}

// emitHere emits an event to clients of this server, and puts it in this server's log.
func (r *recovery) emitHere(b Broadcast, direct *Socket, name string, args []any) error {
	stamp, err := r.stamp(name, args)
	if err != nil {
		return err
	}
	ns, now := r.namespace, time.Now()
	ns.mu.Lock()
	if direct != nil && !ns.reachable(direct, now) {
		ns.mu.Unlock()
		return emitError(name, direct.whyGone())
	}
	offset := r.log.Next()
	m := stamp.message(offset)
	if err = ns.server.checkSize(m); err != nil {
		ns.mu.Unlock()
		return emitError(name, err)
	}
	e := newLogged(b, direct, m)
	r.log.Append(offset, e, e.size(), now)
	r.arm(now.Add(r.options.MaxDisconnection))
	watch := b.watchingLogged(name, m, args)
	selected, t := r.enqueue(b, direct, m, offset, now, watch)
	ns.mu.Unlock()
	watch.tell()
	if err := r.flush(b, direct, selected, t); err != nil {
		return emitError(name, err)
	}
	return nil
}

// deliverLogged gives an event of the bus's log to the clients of this server, with
// its offset, and returns who is to be told. It is called in the order of the log.
func (r *recovery) deliverLogged(b Broadcast, direct *Socket, name string, passed packet.Args, offset string) (*emission, error) {
	ns, now := r.namespace, time.Now()
	defer ns.holdRoomEvents()() // a client that does not keep up may leave
	m, err := ns.encodeEvent(packet.Header{Event: name}, []any{passed, offset})
	ns.mu.Lock()
	if err != nil || direct != nil && !ns.reachable(direct, now) {
		r.moveTo(offset)
		ns.mu.Unlock()
		if err == nil {
			err = direct.whyGone()
		}
		return nil, err
	}
	if len(r.recovering) > 0 {
		r.note(offset, newLogged(b, direct, m))
	}
	watch := b.watchingLogged(name, m, []any{passed})
	selected, t := r.enqueue(b, direct, m, offset, now, watch)
	ns.mu.Unlock()
	return watch, r.flush(b, direct, selected, t)
}

// reachable reports whether an event for a socket will reach the client: now, or when
// it recovers. The namespace is locked.
func (ns *Namespace) reachable(s *Socket, now time.Time) bool {
	k := s.recovery
	switch {
	case k.phase == sessionHeld, ns.rooms.byID[s.id] != nil:
		return true
	case k.phase == sessionWaiting:
		return k.expires.After(now)
	default:
		return false
	}
}

// enqueue queues an event for all clients that it is for, and moves on to its offset.
// It returns them, and what has become of it. The namespace is locked.
func (r *recovery) enqueue(b Broadcast, direct *Socket, m *frame.Message, offset string, now time.Time, watch *emission) (selected selection, t tally) {
	if direct == nil {
		selected = b.snapshots().selection()
	} else if s := r.namespace.rooms.byID[direct.id]; s != nil {
		selected.list = []*Socket{s}
	}
	for s := range selected.each {
		// Also if it fails: a client that goes gets the event when it recovers. With
		// QueueError it stays; once it has received a later event, this one is not recovered.
		s.recovery.sent(offset, r.position, now, r.quantum)
		t.add(s, s.enqueue(m, b.options, 0, nil), watch)
	}
	r.moveTo(offset)
	return selected, t
}

func (r *recovery) moveTo(offset string) {
	r.position = offset
	if r.moved != nil {
		close(r.moved)
		r.moved = nil
	}
}

// flush sends what enqueue has queued.
func (r *recovery) flush(b Broadcast, direct *Socket, selected selection, t tally) error {
	selected.flush()
	if direct != nil && t.full > 0 {
		return ErrQueueFull
	}
	return b.fullError(t)
}

// stamp is an encoded event without its offset, which must not be given before the
// event has its place in the log.
type stamp struct {
	encoded *frame.Message
	offset  []byte // where the offset belongs, in the memory of encoded
}

var errBlank = errors.New("the codec does not write strings as they are, so that clients cannot recover")

// stamp encodes an event up to its offset. Encoding may call the application, so it
// is done before the namespace is locked; then only the offset has to be filled in.
func (r *recovery) stamp(name string, args []any) (stamp, error) {
	if reserved(name) {
		return stamp{}, emitError(name, ErrReservedEvent)
	}
	h := packet.Header{Type: packet.Event, Namespace: r.namespace.name, Event: name}
	m, memory, err := r.namespace.server.encodeOpen(h, append(slices.Clip(args), r.blank))
	if err != nil {
		return stamp{}, emitError(name, err)
	}
	// Nobody else knows the blank, so nothing else looks like it.
	at := bytes.Index(memory, []byte(r.blank))
	if at < 0 {
		return stamp{}, emitError(name, errBlank)
	}
	return stamp{m, memory[at : at+eventlog.OffsetLen]}, nil
}

// message completes the event. It can be called once.
func (s stamp) message(offset string) *frame.Message {
	copy(s.offset, offset)
	return s.encoded
}
