package msgpack

import "reflect"

// structField is what the encoder of a struct knows of one of its fields.
type structField struct {
	name      []byte // encoded
	index     []int
	encoder   *typeEncoder
	omitEmpty bool
	isZero    func(reflect.Value) bool // nil unless the field has omitzero
}

func structEncoder(fields []field, of func(reflect.Type) *typeEncoder) func(*encoder, reflect.Value) error {
	list := make([]structField, len(fields))
	for i, f := range fields {
		list[i] = structField{
			name:      appendString(nil, f.name),
			index:     f.index,
			encoder:   of(f.typ),
			omitEmpty: f.omitEmpty,
		}
		if f.omitZero {
			list[i].isZero = zeroCheck(f.typ)
		}
	}
	return func(e *encoder, v reflect.Value) error {
		if err := e.enter(); err != nil {
			return err
		}
		start, members := len(e.buf), 0
		e.buf = append(e.buf, shortMap)
		for i := range list {
			written, err := list[i].encode(e, v)
			if err != nil {
				return err
			}
			if written {
				members++
			}
		}
		e.buf = insertHead(e.buf, start, members, shortMap, longMap)
		e.leave()
		return nil
	}
}

// encode appends the field of the struct v, unless it is left out.
func (f *structField) encode(e *encoder, v reflect.Value) (written bool, err error) {
	for i, n := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return false, nil
			}
			v = v.Elem()
		}
		v = v.Field(n)
	}
	if f.isZero != nil && f.isZero(v) {
		return false, nil
	}
	start := len(e.buf)
	e.buf = append(e.buf, f.name...)
	value := len(e.buf)
	if err := f.encoder.encode(e, v); err != nil {
		return false, err
	}
	if f.omitEmpty && isEmpty(e.buf[value:]) {
		e.buf = e.buf[:start]
		return false, nil
	}
	return true, nil
}

// isEmpty reports whether an encoded value is null or an empty string, array or map.
func isEmpty(value []byte) bool {
	if len(value) != 1 {
		return false
	}
	switch value[0] {
	case 0xC0, 0xA0, shortArray, shortMap:
		return true
	}
	return false
}

type zeroer interface{ IsZero() bool }

// zeroCheck returns what says whether a value of type t is zero: its method IsZero,
// if it or a pointer to it has one.
func zeroCheck(t reflect.Type) func(reflect.Value) bool {
	zero := reflect.TypeFor[zeroer]()
	switch {
	case t.Implements(zero):
		return func(v reflect.Value) bool {
			switch v.Kind() {
			case reflect.Interface:
				if v.IsNil() || v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil() {
					return true
				}
			case reflect.Pointer:
				if v.IsNil() {
					return true
				}
			}
			return v.Interface().(zeroer).IsZero()
		}
	case reflect.PointerTo(t).Implements(zero):
		return func(v reflect.Value) bool {
			p := reflect.New(t)
			p.Elem().Set(v)
			return p.Interface().(zeroer).IsZero()
		}
	}
	return reflect.Value.IsZero
}
