package msgpack

import (
	"math"
	"strconv"

	"github.com/go-socketio/socketio/internal/intern"
	"github.com/go-socketio/socketio/packet"
)

// message takes apart one packet, which is a map:
//
//	type  0 to 4
//	nsp   the namespace
//	data  of an event and an acknowledgement: an array; otherwise the payload
//	id    of the acknowledgement
//
// The members come in any order, and others are ignored. As in JavaScript, of
// several with the same name the last one counts.
type message struct {
	checker
	limits *packet.Limits

	packetType token
	namespace  token
	id         token
	payload    token     // data
	args       arguments // the elements of data, or data itself
}

const maxMessage = math.MaxUint32 // so that offsets can be noted

// read checks the whole message and finds its members.
func (m *message) read() error {
	m.maxDepth = m.limits.MaxDepth
	if uint64(len(m.data)) > maxMessage {
		return m.fail(0, "message too long")
	}
	m.id.kind, m.payload.kind = undefined, undefined
	t, err := m.next()
	if err != nil {
		return err
	}
	if t.kind != mapToken {
		return m.fail(0, "a packet must be a map")
	}
	for range t.n {
		name, err := m.name()
		if err != nil {
			return err
		}
		if err := m.member(name); err != nil {
			return err
		}
	}
	if m.pos != len(m.data) {
		return m.fail(m.pos, "unexpected data after the packet")
	}
	return nil
}

func (m *message) member(name token) (err error) {
	switch string(name.body) {
	case "type":
		m.packetType, err = m.scalar()
	case "nsp":
		m.namespace, err = m.scalar()
	case "id":
		m.id, err = m.scalar()
	case "data":
		return m.readPayload()
	default:
		return m.value(0)
	}
	return err
}

// scalar reads and checks a value. Of an array or a map, which is an error later,
// it returns the head.
func (m *message) scalar() (token, error) {
	t, err := m.next()
	if err == nil {
		err = m.rest(t, 0)
	}
	return t, err
}

// readPayload checks the data, and notes where its elements begin.
func (m *message) readPayload() (err error) {
	start := m.pos
	m.args = arguments{data: m.data}
	m.payload, err = m.next()
	if err != nil {
		return err
	}
	if m.payload.kind != arrayToken {
		m.pos = start
		m.args.add(start)
		err = m.value(0)
	} else {
		for range m.payload.n {
			m.args.add(m.pos)
			if err = m.value(0); err != nil {
				break
			}
		}
	}
	m.args.end = uint32(m.pos)
	return err
}

// packet makes sense of the members.
func (m *message) packet() (p packet.Packet, err error) {
	t, ok := m.packetType.integer()
	if !ok || t > uint64(packet.ConnectError) {
		return p, m.fail(0, "invalid packet type")
	}
	p.Type = packet.Type(t)
	if p.Namespace, err = m.namespaceName(); err != nil {
		return p, err
	}
	if !m.id.isNull() {
		p.HasID = true
		if p.ID, ok = m.id.integer(); !ok {
			return p, m.fail(0, "invalid ID")
		}
	}
	if !m.validPayload(p.Type) {
		return p, m.fail(0, "invalid payload of a "+p.Type.String()+" packet")
	}
	if p.Type == packet.Event {
		if p.Event, err = m.takeName(); err != nil {
			return p, err
		}
	}
	if err := p.Check(nil); err != nil {
		return p, m.fail(0, err.Error())
	}
	if m.args.n > 0 && !m.payload.isNull() {
		args := m.args
		p.Args = packet.NewArgs(&args)
	}
	return p, nil
}

func (m *message) namespaceName() (string, error) {
	b := m.namespace.body
	switch {
	case m.namespace.kind != stringToken || len(b) == 0:
		return "", m.fail(0, "invalid namespace")
	case len(b) > m.limits.MaxName:
		return "", &packet.LimitError{Limit: "MaxName", Max: m.limits.MaxName}
	}
	return intern.String(b), nil
}

func (m *message) validPayload(t packet.Type) bool {
	k := m.payload.kind
	switch t {
	case packet.Event, packet.Ack:
		return k == arrayToken
	case packet.Connect:
		return k == mapToken || m.payload.isNull()
	case packet.ConnectError:
		return k == mapToken || k == stringToken || m.payload.isNull()
	default:
		return m.payload.isNull()
	}
}

// takeName takes the name of an event off its arguments. It may be a number.
func (m *message) takeName() (string, error) {
	if m.args.n == 0 {
		return "", m.fail(0, "an event needs a name")
	}
	start, end := m.args.span(0)
	m.args.base, m.args.n = 1, m.args.n-1
	if end-start > m.limits.MaxName {
		return "", &packet.LimitError{Limit: "MaxName", Max: m.limits.MaxName}
	}
	r := reader{data: m.data, pos: start}
	t, err := r.next()
	switch {
	case err != nil:
		return "", err
	case t.kind == stringToken:
		return intern.String(t.body), nil
	case t.isFinite():
		return string(appendNumber(nil, t)), nil
	}
	return "", m.fail(start, "the name of an event must be a string or a number")
}

// integer returns the value of a number that is whole and not negative.
func (t token) integer() (uint64, bool) {
	switch t.kind {
	case uintToken:
		return t.n, true
	case floatToken:
		if f := t.float(); f >= 0 && f < 1<<64 && f == math.Trunc(f) {
			return uint64(f), true
		}
	}
	return 0, false
}

// isFinite reports whether t is a number, and finite.
func (t token) isFinite() bool {
	switch t.kind {
	case uintToken, intToken:
		return true
	case floatToken:
		return !math.IsNaN(t.float()) && !math.IsInf(t.float(), 0)
	}
	return false
}

// appendNumber appends a finite number as JavaScript writes it.
func appendNumber(dst []byte, t token) []byte {
	switch t.kind {
	case uintToken:
		return strconv.AppendUint(dst, t.n, 10)
	case intToken:
		return strconv.AppendInt(dst, int64(t.n), 10)
	}
	f := t.float()
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
		// JavaScript writes 1e-7, not 1e-07.
		if n := len(dst); dst[n-2] == '0' && (dst[n-3] == '-' || dst[n-3] == '+') {
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
		return dst
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}
