package packet

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"sync"

	"github.com/go-socketio/socketio/engine/frame"
)

var (
	errBinary      = errors.New("this type of packet cannot carry binary data")
	errPlaceholder = errors.New("data that looks like a placeholder, in a packet with binary attachments")
	errDepth       = errors.New("nested too deeply, or within itself")
)

// Encode implements [Codec].
func (jsonCodec) Encode(b *frame.Builder, h Header, args []any) error {
	if err := h.Check(args); err != nil {
		return &EncodeError{Index: -1, Err: err}
	}
	if b.Buf == nil {
		b.Buf = make([]byte, 0, estimate(h, args))
	}
	e := jsonEncoders.Get().(*jsonEncoder)
	defer e.release()
	b.BeginText()
	start := len(b.Buf)
	buf := appendHeader(b.Buf, h)
	payload := len(buf)
	buf, err := e.appendPayload(buf, h, args)
	if err != nil {
		return err
	}
	if len(e.attachments) > 0 {
		if err := e.checkBinary(h, buf[payload:]); err != nil {
			return &EncodeError{Index: -1, Err: err}
		}
		unmarked := len(buf)
		buf = markBinary(buf, start, len(e.attachments))
		e.large.move(len(buf) - unmarked)
	}
	b.Buf = buf
	e.large.refer(b)
	b.EndText()
	e.addAttachments(b)
	return nil
}

// estimate is how much room the message will probably need, attachments included, but
// not what it can refer to.
func estimate(h Header, args []any) int {
	const (
		overhead = 48 // frame headers, brackets, an ID
		perArg   = 24
		perValue = 256 // a struct, a map: the library must not grow the buffer
	)
	n := overhead + len(h.Namespace) + len(h.Event)
	for _, arg := range args {
		switch arg := arg.(type) {
		case string:
			n += 8
			if len(arg) < frame.Large {
				n += len(arg)
			}
		case []byte:
			n += 48 + len(arg)
		case nil, bool, int, int64, uint64, float64:
			n += perArg
		case passer:
			n += perArg
			if size := arg.passOn().Size(); size < frame.Large {
				n += size
			}
		case Raw:
			n += perArg + len(arg.JSON)
			for _, b := range arg.Attachments {
				n += perArg + len(b)
			}
		default:
			n += perValue
		}
	}
	return n
}

func appendHeader(dst []byte, h Header) []byte {
	dst = append(dst, '0'+byte(h.Type))
	if h.Namespace != "" && h.Namespace != MainNamespace {
		dst = append(dst, h.Namespace...)
		dst = append(dst, ',')
	}
	if h.HasID {
		dst = strconv.AppendUint(dst, h.ID, 10)
	}
	return dst
}

// markBinary turns the packet that begins at start into a binary one: the number
// of attachments follows the type.
func markBinary(buf []byte, start, attachments int) []byte {
	buf[start] += byte(BinaryEvent - Event)
	var count [24]byte
	return slices.Insert(buf, start+1, append(strconv.AppendInt(count[:0], int64(attachments), 10), '-')...)
}

// jsonEncoder encodes the payload of one packet. They are used again, for the memory of
// their slices.
type jsonEncoder struct {
	attachments  [][]byte
	received     map[int]bool // of the attachments, those that are large and will not change
	large        large
	placeholders int // written
	depth        int // of what is being encoded
	inLibrary    bool
	thorough     bool // the library must use its thorough options
}

var jsonEncoders = sync.Pool{New: func() any { return new(jsonEncoder) }}

func (e *jsonEncoder) release() {
	const keep = 16
	if cap(e.attachments) > keep || cap(e.large) > keep {
		return
	}
	// To the end: where a MarshalJSON panicked, more was added than e knows of.
	clear(e.attachments[:cap(e.attachments)])
	clear(e.large[:cap(e.large)])
	*e = jsonEncoder{attachments: e.attachments[:0], large: e.large[:0]}
	jsonEncoders.Put(e)
}

func (e *jsonEncoder) appendPayload(dst []byte, h Header, args []any) ([]byte, error) {
	switch h.Type {
	case Event:
		dst = append(dst, '[')
		dst = appendString(dst, h.Event)
		dst, err := e.appendArguments(dst, args, false)
		return append(dst, ']'), err
	case Ack:
		dst = append(dst, '[')
		dst, err := e.appendArguments(dst, args, true)
		return append(dst, ']'), err
	default:
		if len(args) == 0 || args[0] == nil {
			return dst, nil
		}
		start := len(dst)
		dst, err := e.appendArguments(dst, args, true)
		if first := e.byteAt(dst, start); err == nil && first != '{' && !(h.Type == ConnectError && first == '"') {
			err = &EncodeError{Index: 0, Type: reflect.TypeOf(args[0]), Err: errPayload}
		}
		return dst, err
	}
}

// appendArguments appends args with commas between them, and before the first
// one unless it comes first.
func (e *jsonEncoder) appendArguments(dst []byte, args []any, first bool) ([]byte, error) {
	for i, arg := range args {
		var err error
		if passed, ok := arg.(passer); ok {
			dst, first, err = e.appendPassed(dst, passed.passOn(), first)
		} else {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			if s, ok := arg.(string); ok {
				dst = e.appendTopLevelString(dst, s)
			} else {
				dst, err = e.appendValue(dst, arg)
			}
		}
		if err != nil {
			return nil, &EncodeError{Index: i, Type: reflect.TypeOf(arg), Err: err}
		}
	}
	return dst, nil
}

// checkBinary makes sure that what the receiver will take for a placeholder is
// one: user data that looks like one would make it refuse the packet, or show it
// an attachment that belongs elsewhere.
func (e *jsonEncoder) checkBinary(h Header, payload []byte) error {
	if h.Type != Event && h.Type != Ack {
		return errBinary
	}
	found, err := countPlaceholders(payload, len(e.attachments))
	if err != nil || found != e.placeholders {
		return errPlaceholder
	}
	return nil
}

// appendAttachment appends the placeholder for b.
func (e *jsonEncoder) appendAttachment(dst, b []byte) []byte {
	dst = appendPlaceholder(dst, len(e.attachments))
	e.attachments = append(e.attachments, b)
	e.placeholders++
	return dst
}

// maxNesting is how deeply []any, map[string]any and values for the JSON library
// that hold each other may be nested when encoding. A value that holds itself
// ends here.
const maxNesting = 1000

func (e *jsonEncoder) enter() error {
	if e.depth >= maxNesting {
		return errDepth
	}
	e.depth++
	return nil
}

func (e *jsonEncoder) leave() { e.depth-- }

// appendValue appends the JSON text of v. The common types, and trees of them,
// are encoded here; the JSON library does the rest.
func (e *jsonEncoder) appendValue(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case string:
		return appendString(dst, v), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case int32:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case uint64:
		return strconv.AppendUint(dst, v, 10), nil
	case uint32:
		return strconv.AppendUint(dst, uint64(v), 10), nil
	case float64:
		return appendFloat(dst, v), nil
	case []byte:
		if v == nil {
			return append(dst, "null"...), nil
		}
		return e.appendAttachment(dst, v), nil
	case []any:
		return e.appendList(dst, v)
	case map[string]any:
		return e.appendObject(dst, v)
	case []string:
		return appendStrings(dst, v), nil
	case Raw:
		return e.appendRaw(dst, v)
	default:
		return e.appendByLibrary(dst, v)
	}
}

func (e *jsonEncoder) appendList(dst []byte, list []any) ([]byte, error) {
	if err := e.enter(); err != nil {
		return nil, err
	}
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = e.appendValue(dst, v); err != nil {
			return nil, err
		}
	}
	e.leave()
	return append(dst, ']'), nil
}

func (e *jsonEncoder) appendObject(dst []byte, members map[string]any) ([]byte, error) {
	if err := e.enter(); err != nil {
		return nil, err
	}
	dst = append(dst, '{')
	first := true
	for name, v := range members {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(appendString(dst, name), ':')
		var err error
		if dst, err = e.appendValue(dst, v); err != nil {
			return nil, err
		}
	}
	e.leave()
	return append(dst, '}'), nil
}

func appendStrings(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, s)
	}
	return append(dst, ']')
}

// appendFloat writes f as JavaScript does.
func appendFloat(dst []byte, f float64) []byte {
	switch abs := math.Abs(f); {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return append(dst, "null"...)
	case abs != 0 && (abs < 1e-6 || abs >= 1e21):
		dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
		// JavaScript writes 1e-7, not 1e-07.
		if n := len(dst); dst[n-2] == '0' && (dst[n-3] == '-' || dst[n-3] == '+') {
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
		return dst
	default:
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
}
