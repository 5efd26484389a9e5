package packet

import "errors"

// Raw is an argument that is already encoded, to be sent as it is.
//
// [Args.Raw] and [Args.Attachments] have the right form to make one. All
// attachments are sent, in their order, even if JSON refers to none of them.
type Raw struct {
	// JSON is one JSON value. If there are attachments, it holds placeholders
	// that number them from 0: {"_placeholder":true,"num":0}.
	JSON []byte

	Attachments [][]byte
}

var errNestedRaw = errors.New("a packet.Raw with attachments must be an argument of its own, or an element of []any or map[string]any")

// MarshalJSON is for a Raw inside of a Go struct, where it cannot have attachments.
func (r Raw) MarshalJSON() ([]byte, error) {
	if len(r.Attachments) > 0 {
		return nil, errNestedRaw
	}
	return r.JSON, nil
}

// passer is Args, and every type that embeds it.
type passer interface{ passOn() Args }

func (a Args) passOn() Args { return a }
