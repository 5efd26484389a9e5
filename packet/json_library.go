package packet

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// libraryEncoder holds options for the JSON library whose marshalers add to the
// attachments of one packet. Building the options is dear, so they are pooled.
type libraryEncoder struct {
	packet   jsonEncoder // moved in and out, so that it can live on the stack
	scratch  []byte
	out      bytes.Buffer
	standard json.Options // []byte, any and json.Number
	thorough json.Options // and every other type that holds bytes, and floats that are not finite
}

var libraryEncoders sync.Pool

func newLibraryEncoder() *libraryEncoder {
	l := new(libraryEncoder)
	standard := json.JoinMarshalers(
		json.MarshalToFunc(l.bytes),
		json.MarshalToFunc(l.any),
		json.MarshalToFunc(marshalNumber),
	)
	l.standard = json.JoinOptions(lenient, json.WithMarshalers(standard))
	l.thorough = json.JoinOptions(lenient, json.WithMarshalers(
		json.JoinMarshalers(standard, json.MarshalToFunc(l.other))))
	return l
}

// appendByLibrary appends a value of a type that appendValue does not know.
//
// To the library a float that is not finite is an error. That is rare enough to
// try again, with the marshaler that finds it; only the outermost call does, or
// values within values would be tried over and over.
func (e *jsonEncoder) appendByLibrary(dst []byte, v any) ([]byte, error) {
	if err := e.enter(); err != nil {
		return nil, err
	}
	defer e.leave()
	if e.inLibrary {
		return e.tryLibrary(dst, v)
	}
	before := *e
	e.inLibrary = true
	result, err := e.tryLibrary(dst, v)
	if err != nil {
		*e = before
		e.inLibrary, e.thorough = true, true
		if again, err2 := e.tryLibrary(dst, v); err2 == nil {
			result, err = again, nil
		}
	}
	e.inLibrary, e.thorough = false, false
	return result, err
}

func (e *jsonEncoder) tryLibrary(dst []byte, v any) ([]byte, error) {
	l, ok := libraryEncoders.Get().(*libraryEncoder)
	if !ok {
		l = newLibraryEncoder()
	}
	options := lenient
	switch holds := marshalContents.of(reflect.TypeOf(v)); {
	case holds&holdsOther != 0 || e.thorough:
		options = l.thorough
	case holds != 0:
		options = l.standard
	}
	l.packet = *e
	l.out = *bytes.NewBuffer(dst)
	err := json.MarshalWrite(&l.out, v, options)
	result := l.out.Bytes()
	*e = l.packet
	l.packet = jsonEncoder{} // the pool must not keep the message in memory
	l.out = bytes.Buffer{}
	libraryEncoders.Put(l)
	return result, err
}

func (l *libraryEncoder) writeAttachment(enc *jsontext.Encoder, b []byte) error {
	var room [64]byte
	return enc.WriteValue(l.packet.appendAttachment(room[:0], b))
}

func (l *libraryEncoder) bytes(enc *jsontext.Encoder, b []byte) error {
	if b == nil {
		return enc.WriteToken(jsontext.Null)
	}
	return l.writeAttachment(enc, b)
}

// any encodes what an interface holds, as if it were an argument. If that needs
// the library again, it happens in another libraryEncoder.
func (l *libraryEncoder) any(enc *jsontext.Encoder, v *any) error {
	const keep = 64 << 10
	text, err := l.packet.appendValue(l.scratch[:0], *v)
	if err != nil {
		return err
	}
	if cap(text) <= keep {
		l.scratch = text
	}
	return enc.WriteValue(text)
}

// other is called for values of every type.
func (l *libraryEncoder) other(enc *jsontext.Encoder, value any) error {
	v := reflect.ValueOf(value).Elem()
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		if !isBytes(v.Type()) || marshalContents.hasMethod(v.Type()) || atName(enc) {
			return errors.ErrUnsupported
		}
		if v.Kind() == reflect.Slice && v.IsNil() {
			return enc.WriteToken(jsontext.Null)
		}
		return l.writeAttachment(enc, v.Bytes())
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) || marshalContents.hasMethod(v.Type()) {
			return errors.ErrUnsupported
		}
		return enc.WriteToken(jsontext.Null)
	}
	return errors.ErrUnsupported
}

// atName reports whether enc is about to write the name of a member.
func atName(enc *jsontext.Encoder) bool {
	kind, length := enc.StackIndex(enc.StackDepth())
	return kind == jsontext.KindBeginObject && length%2 == 0
}
