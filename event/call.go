package event

import (
	"context"
	"errors"

	"github.com/go-socketio/socketio/packet"
)

// Asker is one peer that can be asked for an answer: a socket, a client.
type Asker interface {
	// EmitWithAck sends an event and waits for its acknowledgement, or until ctx
	// ends or the peer is gone, which are errors.
	EmitWithAck(ctx context.Context, name string, args ...any) (Args, error)
}

// AllAsker is several peers that can be asked at once: a namespace, a room.
type AllAsker interface {
	// EmitWithAck sends an event to all and waits for their acknowledgements. If
	// some do not answer in time, the answers of the others come beside the error.
	EmitWithAck(ctx context.Context, name string, args ...any) ([]Args, error)
}

// Call is an event that is answered: the request is a Req, and the answer a Resp,
// which comes back as the acknowledgement. It is a small immutable value. What
// [Event] says about its payload holds for both.
type Call[Req, Resp any] struct {
	name string
}

// NewCall returns the call with the given name. The names that [New] names are reserved.
func NewCall[Req, Resp any](name string) Call[Req, Resp] { return Call[Req, Resp]{name} }

// Name is the name of the event on the wire.
func (c Call[Req, Resp]) Name() string { return c.name }

// Ask sends req to one peer and waits for the answer. If the peer answers that
// the call failed, the error is a [*RemoteError]; an answer that is not a Resp is
// a [*packet.DecodeError]. All other errors are those of the peer's EmitWithAck.
func (c Call[Req, Resp]) Ask(ctx context.Context, to Asker, req Req) (Resp, error) {
	answer, err := to.EmitWithAck(ctx, c.name, arguments(req)...)
	if err != nil {
		var none Resp
		return none, err
	}
	return c.DecodeAnswer(answer.Args)
}

// AskAll sends req to all peers and waits for their answers. It returns those
// that arrived, in no particular order; the error joins what [Call.Ask] would
// have returned for the others.
func (c Call[Req, Resp]) AskAll(ctx context.Context, to AllAsker, req Req) ([]Resp, error) {
	answers, err := to.EmitWithAck(ctx, c.name, arguments(req)...)
	all := make([]Resp, 0, len(answers))
	errs := []error{err}
	for _, answer := range answers {
		resp, err := c.DecodeAnswer(answer.Args)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, resp)
	}
	if len(errs) == 1 {
		return all, err
	}
	return all, errors.Join(errs...)
}

// DecodeRequest returns the request that a holds. The error is a
// [*packet.DecodeError].
func (c Call[Req, Resp]) DecodeRequest(a packet.Args) (Req, error) { return decode[Req](a) }

// Answer returns the values to acknowledge the event with: resp, or if err is not
// nil, its [Failure], which the asking side reports as a [*RemoteError].
func (c Call[Req, Resp]) Answer(resp Resp, err error) []any {
	if err != nil {
		return Failure(err)
	}
	return arguments(resp)
}

// DecodeAnswer is the reverse of [Call.Answer].
func (c Call[Req, Resp]) DecodeAnswer(a packet.Args) (Resp, error) {
	if err := readFailure(a); err != nil {
		var none Resp
		return none, err
	}
	return decode[Resp](a)
}
