package packet

import (
	"reflect"
	"slices"
)

// Args are the arguments of a received packet, not yet decoded. The zero value
// has none. Args is a small value to be passed by value, and is safe for
// concurrent use as long as nobody changes the bytes it hands out.
type Args struct {
	text  []byte  // of the whole packet: spans refer to it
	first [4]span // most packets have no more arguments than this
	n     int
	extra *extra // nil if none of it is needed
}

// extra is what few packets need.
type extra struct {
	more        []span // the arguments after the first ones
	attachments [][]byte
	source      Source
}

// span is where an argument stands in the text of its packet. The top bit of end
// is set if the argument is a string without escapes.
type span struct {
	start, end uint32
}

const plainBit = 1 << 31

// maxText is the longest text whose spans can be noted.
const maxText = plainBit - 1

func newSpan(start, end int, plain bool) span {
	s := span{uint32(start), uint32(end)}
	if plain {
		s.end |= plainBit
	}
	return s
}

func (s span) plain() bool { return s.end&plainBit != 0 }

func (s span) of(text []byte) []byte { return text[s.start : s.end&^plainBit] }

// Source holds the arguments of a packet whose [Codec] is not [JSON]. It must be
// safe for concurrent use.
type Source interface {
	// Len is the number of arguments.
	Len() int
	// Decode decodes argument i, which exists, into dst, by the rules of [Args.Decode].
	Decode(i int, dst any) error
	// Raw returns argument i, which exists, in the form of [JSON]. It fails if the
	// argument has no such form.
	Raw(i int) (Raw, error)
	// Size is the memory that the arguments occupy, in bytes.
	Size() int
}

// NewArgs returns the arguments that s holds. It is for implementing a [Codec].
func NewArgs(s Source) Args { return Args{n: s.Len(), extra: &extra{source: s}} }

// Source returns what the arguments were made of by [NewArgs]; nil if the codec
// of their packet is [JSON]. It is for implementing a [Codec].
func (a Args) Source() Source {
	if a.extra == nil {
		return nil
	}
	return a.extra.source
}

// Len is the number of arguments.
func (a Args) Len() int { return a.n }

// Decode decodes argument i, counted from 0, into the value that dst points to.
// Its error is a [*DecodeError]; one for an argument that is not there wraps
// [ErrMissingArgument].
//
// The rules are those of encoding/json/v2: names of members match exactly, and a
// JSON null sets the zero value. Beyond them:
//
//   - An attachment is decoded into a []byte, a named type of it, an array of
//     bytes of the same length, or an any, which then holds a []byte. Slices share
//     the memory of the attachment, with all who decode it and with messages that
//     the arguments are passed on in: to change one, copy it. Arrays are copies.
//   - Into an any, numbers are float64, arrays []any, and objects map[string]any;
//     whatever the any held before is replaced. A number beyond the range of
//     float64 is an error.
//   - As in JavaScript, of several members with the same name the last one counts
//     (a struct or a map that is not an any is merged into), and what is not
//     valid Unicode becomes U+FFFD.
//   - A [Raw], also one inside of another value, gets its part undecoded, to be passed
//     on; if that refers to attachments, together with all attachments of the packet.
//   - A large string may share the memory of the packet.
func (a Args) Decode(i int, dst any) error {
	err := a.decode(i, dst)
	if err != nil {
		err = &DecodeError{Index: i, Type: targetType(dst), Err: err}
	}
	return err
}

func (a Args) decode(i int, dst any) error {
	switch {
	case i < 0 || i >= a.n:
		return ErrMissingArgument
	case a.Source() != nil:
		return a.Source().Decode(i, dst)
	default:
		s := a.at(i)
		return decodeArgument(argument{
			json:        s.of(a.text),
			plain:       s.plain(),
			pinned:      cap(a.text),
			attachments: a.Attachments(),
		}, dst)
	}
}

// Raw returns the JSON text of argument i, with placeholders where attachments
// belong. It is nil if there is no such argument. If the codec of the packet is
// not [JSON] the text is made on each call, and it is nil if the argument holds
// binary data. The bytes must not be changed.
func (a Args) Raw(i int) []byte {
	if i < 0 || i >= a.n {
		return nil
	}
	if s := a.Source(); s != nil {
		raw, err := s.Raw(i)
		if err != nil || len(raw.Attachments) > 0 {
			return nil
		}
		return raw.JSON
	}
	return slices.Clip(a.at(i).of(a.text))
}

// Attachments returns the binary attachments of the packet, in the order of
// their numbers. They must not be changed. Only packets of [JSON] have any.
func (a Args) Attachments() [][]byte {
	if a.extra == nil {
		return nil
	}
	return a.extra.attachments
}

// Size is the memory that the arguments occupy, in bytes: the whole packet and
// its attachments.
func (a Args) Size() int {
	if s := a.Source(); s != nil {
		return s.Size()
	}
	size := len(a.text)
	for _, b := range a.Attachments() {
		size += len(b)
	}
	return size
}

func (a *Args) at(i int) span {
	if i < len(a.first) {
		return a.first[i]
	}
	return a.extra.more[i-len(a.first)]
}

func (a *Args) add(s span) {
	if a.n < len(a.first) {
		a.first[a.n] = s
	} else {
		e := a.needExtra()
		e.more = append(e.more, s)
	}
	a.n++
}

func (a *Args) needExtra() *extra {
	if a.extra == nil {
		a.extra = new(extra)
	}
	return a.extra
}

func targetType(dst any) reflect.Type {
	t := reflect.TypeOf(dst)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}
