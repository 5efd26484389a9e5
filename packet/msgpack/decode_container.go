package msgpack

import (
	"reflect"
	"strconv"

	"github.com/go-socketio/socketio/internal/intern"
)

func pointerDecoder(elem *typeDecoder) func(*valueReader, reflect.Value) error {
	return func(d *valueReader, v reflect.Value) error {
		if null, err := d.null(); null {
			v.SetZero()
			return err
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return elem.decode(d, v.Elem())
	}
}

// sliceDecoder uses the memory that the slice has already.
func sliceDecoder(t reflect.Type, elem *typeDecoder) func(*valueReader, reflect.Value) error {
	// A count costs the peer little, so memory for large elements is allocated as
	// they come.
	const atOnce = 16 << 10
	most := max(1, atOnce/max(1, int(t.Elem().Size())))
	empty := reflect.MakeSlice(t, 0, 0)
	return func(d *valueReader, v reflect.Value) error {
		start := d.pos
		head, err := d.next()
		switch {
		case err != nil:
			return err
		case head.isNull():
			v.SetZero()
			return nil
		case head.kind != arrayToken:
			d.pos = start
			return d.byJSON(v)
		case head.n == 0:
			v.Set(empty)
			return nil
		}
		n := int(head.n)
		v.SetLen(0)
		for i := range n {
			if i == v.Cap() {
				v.Grow(min(n-i, max(i, most)))
			}
			v.SetLen(i + 1)
			v.Index(i).SetZero()
			if err := elem.decode(d, v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	}
}

func arrayDecoder(elem *typeDecoder) func(*valueReader, reflect.Value) error {
	return func(d *valueReader, v reflect.Value) error {
		start := d.pos
		head, err := d.next()
		if err != nil {
			return err
		}
		if head.kind != arrayToken || head.n != uint64(v.Len()) {
			d.pos = start
			return d.byJSON(v)
		}
		for i := range v.Len() {
			v.Index(i).SetZero()
			if err := elem.decode(d, v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	}
}

// mapDecoder adds to the members that the map has already, and decodes into those of
// the same name.
func mapDecoder(t reflect.Type, elem *typeDecoder) func(*valueReader, reflect.Value) error {
	return func(d *valueReader, v reflect.Value) error {
		start := d.pos
		head, err := d.next()
		switch {
		case err != nil:
			return err
		case head.isNull():
			v.SetZero()
			return nil
		case head.kind != mapToken:
			d.pos = start
			return d.byJSON(v)
		}
		if v.IsNil() {
			v.Set(reflect.MakeMap(t))
		}
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		for range head.n {
			name, present, err := d.member()
			if err != nil {
				return err
			}
			if !present {
				continue
			}
			if err := setKey(key, name); err != nil {
				return err
			}
			if old := v.MapIndex(key); old.IsValid() {
				value.Set(old)
			} else {
				value.SetZero()
			}
			err = elem.decode(d, value)
			v.SetMapIndex(key, value)
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func setKey(key reflect.Value, name []byte) error {
	if key.Kind() == reflect.String {
		key.SetString(intern.String(name))
		return nil
	}
	bits := key.Type().Bits()
	if key.CanInt() {
		n, err := strconv.ParseInt(string(name), 10, bits)
		key.SetInt(n)
		return err
	}
	n, err := strconv.ParseUint(string(name), 10, bits)
	key.SetUint(n)
	return err
}
