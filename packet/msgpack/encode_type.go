package msgpack

import (
	"reflect"
	"strconv"
	"time"

	"github.com/go-socketio/socketio/packet"
)

// typeEncoder encodes values of one type. It is filled in after it has been found, so
// that types can refer to themselves.
type typeEncoder struct {
	encode func(e *encoder, v reflect.Value) error
}

var typeEncoders typeCache[typeEncoder]

func encoderOf(t reflect.Type) *typeEncoder { return typeEncoders.of(t, buildEncoder) }

func buildEncoder(t reflect.Type, into *typeEncoder, of func(reflect.Type) *typeEncoder) {
	switch {
	case t == timeType:
		into.encode = encodeTime
	case t == rawType:
		into.encode = encodeRaw
	case t.Kind() == reflect.Interface:
		into.encode = encodeInterface
	case t.Kind() == reflect.Pointer:
		into.encode = pointerEncoder(of(t.Elem()))
	case t == durationType, t == numberType, hasAny(t, marshalMethods):
		into.encode = encodeByJSON
	case isBytes(t):
		into.encode = encodeBytes
	default:
		into.encode = kindEncoder(t, of)
	}
}

func kindEncoder(t reflect.Type, of func(reflect.Type) *typeEncoder) func(*encoder, reflect.Value) error {
	switch t.Kind() {
	case reflect.Bool:
		return appender(func(dst []byte, v reflect.Value) []byte { return appendBool(dst, v.Bool()) })
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return appender(func(dst []byte, v reflect.Value) []byte { return appendInt(dst, v.Int()) })
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return appender(func(dst []byte, v reflect.Value) []byte { return appendUint(dst, v.Uint()) })
	case reflect.Float32:
		return appender(func(dst []byte, v reflect.Value) []byte { return appendFloat32(dst, float32(v.Float())) })
	case reflect.Float64:
		return appender(func(dst []byte, v reflect.Value) []byte { return appendFloat(dst, v.Float()) })
	case reflect.String:
		return appender(func(dst []byte, v reflect.Value) []byte { return appendString(dst, v.String()) })
	case reflect.Slice, reflect.Array:
		return listEncoder(of(t.Elem()))
	case reflect.Map:
		if k := t.Key(); k.Kind() == reflect.String && !hasAny(k, marshalMethods) || isPlainInt(k) {
			return mapEncoder(of(t.Elem()))
		}
	case reflect.Struct:
		if fields, ok := fieldsOf(t); ok {
			return structEncoder(fields, of)
		}
	}
	return encodeByJSON
}

func appender(f func([]byte, reflect.Value) []byte) func(*encoder, reflect.Value) error {
	return func(e *encoder, v reflect.Value) error {
		e.buf = f(e.buf, v)
		return nil
	}
}

func encodeTime(e *encoder, v reflect.Value) (err error) {
	e.buf, err = appendDate(e.buf, v.Interface().(time.Time))
	return err
}

func encodeRaw(e *encoder, v reflect.Value) error { return e.fromJSON(v.Interface().(packet.Raw)) }

func encodeInterface(e *encoder, v reflect.Value) error {
	if v.IsNil() {
		e.buf = appendNil(e.buf)
		return nil
	}
	return e.value(v.Interface())
}

// encodeByJSON encodes a value as [packet.JSON] would, and what results in MessagePack.
func encodeByJSON(e *encoder, v reflect.Value) error {
	// A method may need a pointer.
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	raw, err := packet.NewRaw(p.Interface())
	if err != nil {
		return err
	}
	return e.fromJSON(raw)
}

func encodeBytes(e *encoder, v reflect.Value) error {
	switch {
	case v.Kind() == reflect.Array && !v.CanAddr():
		b := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(b), v)
		e.buf = appendBytes(e.buf, b)
	case v.Kind() == reflect.Slice && v.IsNil():
		e.buf = appendNil(e.buf)
	default:
		e.buf = appendBytes(e.buf, v.Bytes())
	}
	return nil
}

func pointerEncoder(elem *typeEncoder) func(*encoder, reflect.Value) error {
	return func(e *encoder, v reflect.Value) error {
		if v.IsNil() {
			e.buf = appendNil(e.buf)
			return nil
		}
		if err := e.enter(); err != nil {
			return err
		}
		defer e.leave()
		return elem.encode(e, v.Elem())
	}
}

func listEncoder(elem *typeEncoder) func(*encoder, reflect.Value) error {
	return func(e *encoder, v reflect.Value) error {
		if err := e.enter(); err != nil {
			return err
		}
		n := v.Len()
		e.buf = appendArrayHead(e.buf, n)
		for i := range n {
			if err := elem.encode(e, v.Index(i)); err != nil {
				return err
			}
		}
		e.leave()
		return nil
	}
}

func mapEncoder(elem *typeEncoder) func(*encoder, reflect.Value) error {
	return func(e *encoder, v reflect.Value) error {
		if err := e.enter(); err != nil {
			return err
		}
		e.buf = appendMapHead(e.buf, v.Len())
		for members := v.MapRange(); members.Next(); {
			e.buf = appendKey(e.buf, members.Key())
			if err := elem.encode(e, members.Value()); err != nil {
				return err
			}
		}
		e.leave()
		return nil
	}
}

// appendKey appends the name of a member, which is always a string.
func appendKey(dst []byte, key reflect.Value) []byte {
	switch {
	case key.Kind() == reflect.String:
		return appendString(dst, key.String())
	case key.CanInt():
		return appendString(dst, strconv.FormatInt(key.Int(), 10))
	default:
		return appendString(dst, strconv.FormatUint(key.Uint(), 10))
	}
}
