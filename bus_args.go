package socketio

import (
	"errors"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// clusterArgs returns the arguments of an event in the form that the bus carries, which is
// that of the clients' codec: JSON may not be able to say all that it can. The message is
// the event, encoded for the clients.
func (ns *Namespace) clusterArgs(m *frame.Message) (packet.Args, error) {
	return ns.argsOf(m, ns.server.options.Codec)
}

// encodeArgs returns arguments in the form of JSON, for what is not sent to clients as it
// is. The error is a [*packet.EncodeError].
func (ns *Namespace) encodeArgs(name string, args []any) (packet.Args, error) {
	if len(args) == 1 {
		if encoded, ok := packet.ArgsOf(args[0]); ok {
			return encoded, nil
		}
	}
	var b frame.Builder
	m, err := ns.server.encodeInto(&b, packet.JSON, packet.Header{Type: packet.Event, Namespace: ns.name, Event: name}, args)
	if err != nil {
		return packet.Args{}, err
	}
	return ns.argsOf(m, packet.JSON)
}

// argsOf returns the arguments of a message that the codec has made. The error is a
// [*packet.EncodeError].
func (ns *Namespace) argsOf(m *frame.Message, codec packet.Codec) (args packet.Args, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = ns.server.panicked(v, "namespace", ns.name, "event", "Options.Codec")
		}
		if err != nil {
			err = &packet.EncodeError{Index: -1, Err: err}
		}
	}()
	decoder := codec.NewDecoder(packet.Limits{MaxAttachments: -1, MaxDepth: -1, MaxName: -1})
	for rest, more := m.AppendPolling(nil), true; more; {
		var part []byte
		part, rest, more = frame.SplitPayload(rest)
		parsed, err := frame.ParsePacket(part)
		if err != nil {
			return packet.Args{}, err
		}
		decode := decoder.Text
		if parsed.Binary {
			decode = decoder.Binary
		}
		p, complete, err := decode(parsed.Data)
		if err != nil || complete {
			return p.Args, err
		}
	}
	return packet.Args{}, errHalfEncoded
}

var errHalfEncoded = errors.New("what the codec has written is no whole packet to its decoder")
