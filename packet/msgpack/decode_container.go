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

// head reads the head of an array or a map, and returns its count. If ok is false there
// is none, and v has been decoded from what is there instead.
func (d *valueReader) head(v reflect.Value, want kind) (n int, ok bool, err error) {
	start := d.pos
	t, err := d.next()
	switch {
	case err != nil:
		return 0, false, err
	case t.isNull():
		v.SetZero()
		return 0, false, nil
	case t.kind != want:
		d.pos = start
		return 0, false, d.byJSON(v)
	}
	return int(t.n), true, nil
}

// sliceDecoder uses the memory that the slice has already.
func sliceDecoder(t reflect.Type, elem *typeDecoder) func(*valueReader, reflect.Value) error {
	// A count costs the peer little, so memory for large elements is allocated as
	// they come.
	const atOnce = 16 << 10
	most := max(1, atOnce/max(1, int(t.Elem().Size())))
	empty := reflect.MakeSlice(t, 0, 0)
	return func(d *valueReader, v reflect.Value) error {
		n, ok, err := d.head(v, arrayToken)
		if !ok {
			return err
		}
		if n == 0 {
			v.Set(empty)
			return nil
		}
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
		n, ok, err := d.head(v, mapToken)
		if !ok {
			return err
		}
		if v.IsNil() {
			v.Set(reflect.MakeMap(t))
		}
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		for range n {
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
