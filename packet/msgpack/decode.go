package msgpack

import (
	"errors"
	"reflect"
	"unsafe"
)

// valueReader decodes checked values into Go values. The depth of its recursion is
// that of the message, which the check has limited.
type valueReader struct {
	reader
	pinned int // bytes that stay in memory as long as any part of data is referred to
}

var errNotPointer = errors.New("the target must be a non-nil pointer")

// decode decodes one value into what dst points to. The most common types need no
// reflection.
func (d *valueReader) decode(dst any) error {
	switch dst := dst.(type) {
	case *any:
		if dst != nil {
			v, err := d.any()
			if err == nil {
				*dst = v
			}
			return err
		}
	case *string:
		if dst != nil {
			start := d.pos
			t, err := d.next()
			if err == nil && t.kind == stringToken {
				*dst = d.string(t.body)
				return nil
			}
			d.pos = start
		}
	}
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return errNotPointer
	}
	return decoderOf(v.Type().Elem()).decode(d, v.Elem())
}

// shares reports whether b is not worth copying: it makes up at least half of what it
// would keep in memory. Nobody changes a message once a decoder has taken it over.
func (d *valueReader) shares(b []byte) bool {
	const worthSharing = 256
	return len(b) >= worthSharing && len(b) >= d.pinned/2
}

func (d *valueReader) string(b []byte) string {
	if d.shares(b) {
		return unsafe.String(unsafe.SliceData(b), len(b))
	}
	return string(b)
}

func (d *valueReader) bytes(b []byte) []byte {
	if d.shares(b) {
		return b // its capacity ends with it
	}
	return append(make([]byte, 0, len(b)), b...)
}

// null reports whether the next value is null, and then takes it.
func (d *valueReader) null() (bool, error) {
	start := d.pos
	t, err := d.next()
	if err != nil || t.isNull() {
		return true, err
	}
	d.pos = start
	return false, nil
}

// byJSON decodes the next value by way of JSON, by whose rules it then fits the type
// or does not: a type with methods for JSON or text, a number in a string, and
// whatever does not fit at all.
func (d *valueReader) byJSON(v reflect.Value) error {
	raw, err := d.json()
	if err != nil {
		return err
	}
	return raw.Decode(v.Addr().Interface())
}
