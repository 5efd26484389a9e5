package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/outcome"
	"github.com/go-socketio/socketio/packet"
)

// This file is the way of a socket into its namespace.

// maxToken is the longest id or offset of a server that is kept. Longer ones are no ids.
const maxToken = 1024

// recovery is what a server gives a client to come back with. The zero value is none.
type recovery struct {
	pid    string // names the session whose missed events the server keeps
	offset string // of the last event that was received in it
	rid    string // names the memory in which the server finds repeated events
}

// join asks for a place in the namespace of s, if that has not been done already on
// this connection. The caller holds the client's lock, so what the application has a
// hand in is done by another goroutine.
func (c *conn) join(s *Socket) {
	if !s.beginJoin(c) {
		return
	}
	o := &c.client.options
	if o.Auth == nil && o.AuthFunc == nil {
		c.request(s, nil)
		return
	}
	c.client.handlers.Start()
	go func() {
		defer c.client.handlers.Done()
		if auth, ok := c.authenticate(s); ok {
			c.request(s, auth)
		}
	}()
}

// authenticate returns what is to be sent. It asks the application again and again if
// need be: the connection is fine, and other namespaces may be using it.
func (c *conn) authenticate(s *Socket) (auth any, ok bool) {
	f := c.client.options.AuthFunc
	if f == nil {
		return c.client.options.Auth, true
	}
	for attempt := 0; ; attempt++ {
		auth, err := c.callAuth(s, f)
		if err == nil {
			return auth, true
		}
		if c.ctx.Err() != nil {
			return nil, false
		}
		s.attemptFailed(c.attempt, &ConnectError{Step: StepAuth, Fault: FaultCaller, Err: err})
		pause := time.NewTimer(c.client.options.backoff(attempt))
		select {
		case <-pause.C:
		case <-c.ctx.Done():
			pause.Stop()
			return nil, false
		}
		if !s.stillJoining(c) {
			return nil, false
		}
	}
}

func (c *conn) callAuth(s *Socket, f func(context.Context, string) (any, error)) (auth any, err error) {
	ctx, cancel := context.WithTimeoutCause(c.ctx, c.client.options.ConnectTimeout, errConnectTimeout)
	defer cancel()
	ok := c.client.guard("AuthFunc", func() {
		auth, err = f(ctx, s.namespace)
		outcome.Examine(err)
	})
	if !ok {
		err = errPanic
	}
	return auth, err
}

// request sends the CONNECT packet.
func (c *conn) request(s *Socket, auth any) {
	var m *frame.Message
	var err error
	if !s.guard("MarshalJSON of Auth", func() { m, err = c.client.connectMessage(s, auth) }) {
		err = errPanic
	}
	if err == nil {
		s.sendConnect(c, m)
		return
	}
	c.client.handlers.Start()
	go func() { // because the client's lock may be held
		defer c.client.handlers.Done()
		if s.endJoin(c) {
			s.endAttempt(c.attempt, &ConnectError{Step: StepAuth, Fault: FaultCaller, Err: err})
		}
	}()
}

// connectMessage encodes the CONNECT packet.
func (c *Client) connectMessage(s *Socket, auth any) (*frame.Message, error) {
	payload, err := c.connectPayload(s.recoveryData(), auth)
	if err != nil {
		return nil, err
	}
	var args []any
	if payload != nil {
		args = []any{payload}
	}
	return c.encode(packet.Header{Type: packet.Connect, Namespace: s.namespace}, args)
}

// connectPayload is what a CONNECT packet carries. The members of auth count more
// than those of the protocol, and follow them.
func (c *Client) connectPayload(r recovery, auth any) (any, error) {
	if r == (recovery{}) {
		return auth, nil
	}
	text := []byte("{}")
	if auth != nil {
		var err error
		if text, err = json.Marshal(auth); err != nil {
			return nil, err
		}
	}
	members := make(map[string]any)
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, fmt.Errorf("auth must be an object: %w", err)
	}
	if len(members) == 0 { // or null
		members, text = make(map[string]any), []byte("{}")
	}
	payload := []byte{'{'}
	for _, own := range [...]struct{ name, value string }{{"pid", r.pid}, {"offset", r.offset}, {"rid", r.rid}} {
		if _, taken := members[own.name]; taken || own.value == "" {
			continue
		}
		members[own.name] = own.value
		value, err := json.Marshal(own.value)
		if err != nil {
			return nil, err
		}
		payload = fmt.Appendf(payload, "%q:%s,", own.name, value)
	}
	if c.options.Codec != packet.JSON {
		return members, nil
	}
	if string(text) == "{}" {
		payload = payload[:len(payload)-1]
	}
	return packet.Raw{JSON: append(payload, text[1:]...)}, nil
}

// grant is the answer to a CONNECT packet. What is not a string is as good as missing.
type grant struct {
	SID any `json:"sid"`
	PID any `json:"pid"`
	RID any `json:"rid"`
}

// token returns v if it is a string of reasonable length, or "".
func token(v any) string {
	if s, ok := v.(string); ok && len(s) <= maxToken {
		return s
	}
	return ""
}

// granted is told that the server lets the client in.
func (s *Socket) granted(c *conn, args packet.Args) {
	var g grant
	err := args.Decode(0, &g)
	id := token(g.SID)
	if id == "" {
		if err == nil {
			err = errNoID
		}
		c.end(err)
		return
	}
	s.enter(c, id, token(g.PID), token(g.RID))
}

// joinFailed says in our words why a connection has ended on which a socket was joining.
func (c *conn) joinFailed() *ConnectError {
	failure := &ConnectError{Step: StepJoin, Fault: FaultNetwork, Err: &DisconnectError{c.reason, c.err}}
	switch {
	case errors.Is(c.err, errAuthTimeout):
		failure.Step, failure.Fault = StepAuth, FaultCaller
	case errors.Is(c.err, errPanic):
		failure.Fault = FaultCaller
	case errors.Is(c.err, errJoinTimeout), errors.Is(c.err, errNoID), c.reason == ReasonParseError:
		failure.Fault = FaultServer
	}
	return failure
}

// refused is told that the server does not let the client in.
func (s *Socket) refused(c *conn, args packet.Args) {
	refusal := &RefusedError{Namespace: s.namespace, payload: args}
	if args.Len() == 0 || args.Decode(0, &refusal.Message) != nil {
		_ = decodeMember(args, "message", &refusal.Message) // a server that says nothing has refused too
	}
	if s.endJoin(c) {
		s.end(&ConnectError{Step: StepJoin, Fault: FaultServer, Err: refusal}, nil)
	}
}

// decodeMember decodes a member of the first argument, an object, into the value
// that dst points to. It leaves dst alone if there is none.
func decodeMember(args packet.Args, name string, dst any) error {
	target := reflect.ValueOf(dst)
	if args.Len() == 0 {
		return nil
	}
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return errors.New("the destination must be a pointer")
	}
	envelope := reflect.New(reflect.StructOf([]reflect.StructField{
		{Name: "Member", Type: target.Type(), Tag: reflect.StructTag(`json:"` + name + `"`)},
	}))
	envelope.Elem().Field(0).Set(target)
	return args.Decode(0, envelope.Interface())
}
