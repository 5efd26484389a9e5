package socketio

import (
	"net/url"
	"strings"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// This file is what is different for clients of Socket.IO 1 and 2, which
// [Options.AllowEIO3] admits:
//
//   - the main namespace is joined by connecting, without a CONNECT packet;
//   - what authenticates them in another namespace is a query behind its name, which
//     some of them repeat with every packet;
//   - the answer to CONNECT has no payload, because the client knows its socket's id;
//   - a refusal is the bare data of the error, or its text.

// maxNameWithQuery is how long the name of a namespace may be together with a query,
// which often holds a token, unless the limits allow more.
const maxNameWithQuery = 8 << 10

// decoderLimits returns the limits for what the client sends.
func (c *conn) decoderLimits() packet.Limits {
	limits := c.server.options.Limits
	if c.version2 {
		limits.MaxName = max(limits.WithDefaults().MaxName, maxNameWithQuery)
	}
	return limits
}

// joinMain makes a client join the main namespace as if it had asked.
func (c *conn) joinMain() {
	c.connect(packet.Packet{Header: packet.Header{Type: packet.Connect, Namespace: packet.MainNamespace}})
}

// translateConnect takes the query off the name of a namespace, and makes it the auth.
func (c *conn) translateConnect(p packet.Packet) (packet.Packet, error) {
	name, query, _ := strings.Cut(p.Namespace, "?")
	if limit := c.server.options.Limits.WithDefaults().MaxName; len(name) > limit {
		return p, &packet.LimitError{Limit: "MaxName", Max: limit}
	}
	p.Namespace, p.Args = name, packet.Args{}
	values, _ := url.ParseQuery(query) // the readable part is better than nothing
	if len(values) == 0 {
		return p, nil
	}
	auth := make(map[string]any, len(values))
	for key, list := range values {
		if len(list) == 1 {
			auth[key] = list[0]
		} else {
			auth[key] = list
		}
	}
	var err error
	p.Args, err = c.server.main.encodeArgs("", []any{auth})
	return p, err
}

// takeVersion2ID gives a new socket the id that its client makes by itself, from the id
// of the session.
func (s *Socket) takeVersion2ID() {
	s.id = s.conn.session.ID()
	if s.namespace.name != packet.MainNamespace {
		s.id = s.namespace.name + "#" + s.id
	}
	if s.recovery != nil {
		s.recovery.sid = s.id
	}
}

// grantPayload returns the payload of the answer to a CONNECT packet that is granted.
func (c *conn) grantPayload(g grant) []any {
	if c.version2 {
		return nil
	}
	return []any{g}
}

// encodeRefusal makes the answer to a CONNECT packet that is refused.
func (s *Socket) encodeRefusal(r refusal) (*frame.Message, error) {
	if s.conn.version2 {
		h := packet.Header{Type: packet.ConnectError}
		for _, payload := range []any{r.Data, r.Message} {
			if payload == nil {
				continue
			}
			// What is neither an object nor a string is no payload of such a packet.
			if m, err := s.namespace.encode(h, []any{payload}); err == nil {
				return m, nil
			}
		}
	}
	return s.server().encodeRefusal(s.namespace.name, r)
}
