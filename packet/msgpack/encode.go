package msgpack

import (
	"errors"
	"reflect"
	"sync"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

var (
	errPayload = errors.New("the payload must be a single object")
	errDepth   = errors.New("nested too deeply, or within itself")
)

// encoder encodes one packet.
type encoder struct {
	buf   []byte
	depth int // of what is being encoded
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// maxPooled is the capacity up to which a buffer is worth keeping.
const maxPooled = 64 << 10

// Encode implements [packet.Codec].
func (codec) Encode(b *frame.Builder, h packet.Header, args []any) error {
	if err := h.Check(args); err != nil {
		return &packet.EncodeError{Index: -1, Err: err}
	}
	e := encoders.Get().(*encoder)
	e.buf, e.depth = e.buf[:0], 0
	err := e.packet(h, args)
	if err == nil {
		if b.Buf == nil {
			const frameHeader = 10
			b.Buf = make([]byte, 0, frameHeader+len(e.buf))
		}
		b.Binary(e.buf)
	}
	if cap(e.buf) <= maxPooled {
		encoders.Put(e)
	}
	return err
}

// packet appends the map that a packet is. See message.
func (e *encoder) packet(h packet.Header, args []any) error {
	values := 0
	for _, arg := range args {
		values++
		if passed, ok := packet.ArgsOf(arg); ok {
			values += passed.Len() - 1
		}
	}
	isList := h.Type == packet.Event || h.Type == packet.Ack
	// The official decoder wants data even for an error that has nothing to say.
	hasData := isList || values > 0 && args[0] != nil || h.Type == packet.ConnectError
	members := 2
	if hasData {
		members++
	}
	if h.HasID {
		members++
	}
	e.buf = appendMapHead(e.buf, members)
	e.buf = appendUint(appendString(e.buf, "type"), uint64(h.Type))
	if h.Namespace == "" {
		h.Namespace = packet.MainNamespace
	}
	e.buf = appendString(appendString(e.buf, "nsp"), h.Namespace)
	if hasData {
		e.buf = appendString(e.buf, "data")
		var err error
		if isList {
			err = e.list(h, args, values)
		} else {
			err = e.payload(h.Type, args, values)
		}
		if err != nil {
			return err
		}
	}
	if h.HasID {
		e.buf = appendUint(appendString(e.buf, "id"), h.ID)
	}
	return nil
}

func (e *encoder) list(h packet.Header, args []any, values int) error {
	if h.Type == packet.Event {
		e.buf = appendString(appendArrayHead(e.buf, values+1), h.Event)
	} else {
		e.buf = appendArrayHead(e.buf, values)
	}
	return e.arguments(args)
}

// payload appends the payload of a packet that has no list.
func (e *encoder) payload(t packet.Type, args []any, values int) error {
	if values == 0 || args[0] == nil {
		e.buf = appendMapHead(e.buf, 0)
		return nil
	}
	start := len(e.buf)
	if err := e.arguments(args); err != nil {
		return err
	}
	r := reader{data: e.buf, pos: start}
	head, err := r.next()
	if err != nil || values > 1 || head.kind != mapToken && (head.kind != stringToken || t != packet.ConnectError) {
		return &packet.EncodeError{Index: 0, Type: reflect.TypeOf(args[0]), Err: errPayload}
	}
	return nil
}

func (e *encoder) arguments(args []any) error {
	for i, arg := range args {
		var err error
		if passed, ok := packet.ArgsOf(arg); ok {
			err = e.passOn(passed)
		} else {
			err = e.value(arg)
		}
		if err != nil {
			return &packet.EncodeError{Index: i, Type: reflect.TypeOf(arg), Err: err}
		}
	}
	return nil
}

// passOn appends all arguments that were received in another packet. If they came
// through this codec, they were checked then and are right as they are.
func (e *encoder) passOn(a packet.Args) error {
	switch source := a.Source().(type) {
	case *arguments:
		e.buf = append(e.buf, source.encoded()...)
		return nil
	case nil:
		for i := range a.Len() {
			if err := e.fromJSON(packet.Raw{JSON: a.Raw(i), Attachments: a.Attachments()}); err != nil {
				return err
			}
		}
	default:
		for i := range a.Len() {
			raw, err := source.Raw(i)
			if err == nil {
				err = e.fromJSON(raw)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// maxNesting is how deeply values may be nested when encoding. A value that holds
// itself ends here.
const maxNesting = 1000

func (e *encoder) enter() error {
	if e.depth >= maxNesting {
		return errDepth
	}
	e.depth++
	return nil
}

func (e *encoder) leave() { e.depth-- }

// value appends v. The common types, and trees of them, need no reflection.
func (e *encoder) value(v any) (err error) {
	switch v := v.(type) {
	case nil:
		e.buf = appendNil(e.buf)
	case string:
		e.buf = appendString(e.buf, v)
	case bool:
		e.buf = appendBool(e.buf, v)
	case int:
		e.buf = appendInt(e.buf, int64(v))
	case int64:
		e.buf = appendInt(e.buf, v)
	case int32:
		e.buf = appendInt(e.buf, int64(v))
	case uint64:
		e.buf = appendUint(e.buf, v)
	case uint32:
		e.buf = appendUint(e.buf, uint64(v))
	case float64:
		e.buf = appendFloat(e.buf, v)
	case []byte:
		if v == nil {
			e.buf = appendNil(e.buf)
		} else {
			e.buf = appendBytes(e.buf, v)
		}
	case time.Time:
		e.buf, err = appendDate(e.buf, v)
	case packet.Raw:
		err = e.fromJSON(v)
	case []any:
		err = e.anyList(v)
	case map[string]any:
		err = e.anyMap(v)
	default:
		r := reflect.ValueOf(v)
		err = encoderOf(r.Type()).encode(e, r)
	}
	return err
}

func (e *encoder) anyList(list []any) error {
	if err := e.enter(); err != nil {
		return err
	}
	e.buf = appendArrayHead(e.buf, len(list))
	for _, v := range list {
		if err := e.value(v); err != nil {
			return err
		}
	}
	e.leave()
	return nil
}

func (e *encoder) anyMap(members map[string]any) error {
	if err := e.enter(); err != nil {
		return err
	}
	e.buf = appendMapHead(e.buf, len(members))
	for name, v := range members {
		e.buf = appendString(e.buf, name)
		if err := e.value(v); err != nil {
			return err
		}
	}
	e.leave()
	return nil
}
