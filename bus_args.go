package socketio

import (
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// encodeArgs returns the arguments of an event in the form that the bus carries. The
// error is a [*packet.EncodeError].
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
	return argsOf(m), nil
}

// argsOf returns the arguments of a message that packet.JSON has made.
func argsOf(m *frame.Message) packet.Args {
	decoder := packet.JSON.NewDecoder(packet.Limits{MaxAttachments: -1, MaxDepth: -1, MaxName: -1})
	for rest, more := m.AppendPolling(nil), true; more; {
		var part []byte
		part, rest, more = frame.SplitPayload(rest)
		parsed, err := frame.ParsePacket(part)
		if err != nil {
			break
		}
		decode := decoder.Text
		if parsed.Binary {
			decode = decoder.Binary
		}
		p, complete, err := decode(parsed.Data)
		if err != nil {
			break
		}
		if complete {
			return p.Args
		}
	}
	return packet.Args{}
}
