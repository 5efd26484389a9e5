package packet

import (
	"bytes"
	"errors"
	"unicode/utf8"
)

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

// NewRaw returns v as [JSON] encodes it. The attachments share the memory of v. The
// error is what [Codec.Encode] would wrap in an [*EncodeError].
func NewRaw(v any) (Raw, error) {
	var e jsonEncoder
	text, err := e.appendValue(nil, v)
	if err != nil {
		return Raw{}, err
	}
	if len(e.attachments) > 0 {
		if found, err := countPlaceholders(text, len(e.attachments)); err != nil || found != e.placeholders {
			return Raw{}, errPlaceholder
		}
	}
	return Raw{JSON: text, Attachments: e.attachments}, nil
}

// Decode decodes the value into what dst points to, by the rules of [Args.Decode].
// The error is what that would wrap in a [*DecodeError]. What is decoded may share
// the memory of the Raw.
func (r Raw) Decode(dst any) error {
	plain, err := r.check(depthCeiling)
	if err != nil {
		return err
	}
	return decodeArgument(argument{
		json:        bytes.Trim(r.JSON, " \t\r\n"),
		plain:       plain,
		pinned:      cap(r.JSON),
		attachments: r.Attachments,
	}, dst)
}

var (
	errRawJSON = errors.New("packet.Raw does not hold one valid JSON value")
	errRawUTF8 = errors.New("packet.Raw does not hold valid UTF-8")
)

// check reports whether the value is a string without escapes.
func (r Raw) check(maxDepth int) (plain bool, err error) {
	s := scanner{text: r.JSON, maxDepth: maxDepth}
	if plain, err = s.value(); err != nil {
		return false, errRawJSON
	}
	if s.space(); s.pos != len(r.JSON) {
		return false, errRawJSON
	}
	if s.nonASCII() && !utf8.Valid(r.JSON) {
		return false, errRawUTF8
	}
	return plain, nil
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

// ArgsOf returns the arguments that arg stands for, if it is an [Args] or a type
// that embeds it. It is for implementing a [Codec].
func ArgsOf(arg any) (a Args, ok bool) {
	p, ok := arg.(passer)
	if ok {
		a = p.passOn()
	}
	return a, ok
}
