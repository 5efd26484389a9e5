package msgpack

import (
	"fmt"
	"math"
	"reflect"
	"time"
)

// scalarDecoder decodes by set, which reports whether the token fits.
func scalarDecoder(set func(v reflect.Value, t token) bool) func(*valueReader, reflect.Value) error {
	return func(d *valueReader, v reflect.Value) error {
		start := d.pos
		t, err := d.next()
		switch {
		case err != nil:
			return err
		case t.isNull():
			v.SetZero()
			return nil
		case set(v, t):
			return nil
		}
		d.pos = start
		return d.byJSON(v)
	}
}

func setBool(v reflect.Value, t token) bool {
	if t.kind != boolToken {
		return false
	}
	v.SetBool(t.n == 1)
	return true
}

func setInt(v reflect.Value, t token) bool {
	n := int64(t.n)
	fits := t.kind == uintToken && n >= 0 || t.kind == intToken
	if !fits || v.OverflowInt(n) {
		return false
	}
	v.SetInt(n)
	return true
}

func setUint(v reflect.Value, t token) bool {
	if t.kind != uintToken || v.OverflowUint(t.n) {
		return false
	}
	v.SetUint(t.n)
	return true
}

func setFloat(v reflect.Value, t token) bool {
	var f float64
	switch t.kind {
	case uintToken:
		f = float64(t.n)
	case intToken:
		f = float64(int64(t.n))
	case floatToken:
		f = t.float()
	default:
		return false
	}
	if !math.IsInf(f, 0) && v.OverflowFloat(f) {
		return false
	}
	v.SetFloat(f)
	return true
}

func (d *valueReader) setString(v reflect.Value) error {
	start := d.pos
	t, err := d.next()
	switch {
	case err != nil:
		return err
	case t.kind == stringToken:
		v.SetString(d.string(t.body))
		return nil
	case t.isNull():
		v.SetZero()
		return nil
	}
	d.pos = start
	return d.byJSON(v)
}

func (d *valueReader) setAny(v reflect.Value) error {
	decoded, err := d.any()
	switch {
	case err != nil:
		return err
	case decoded == nil:
		v.SetZero()
	default:
		v.Set(reflect.ValueOf(decoded))
	}
	return nil
}

func (d *valueReader) setTime(v reflect.Value) error {
	start := d.pos
	t, err := d.next()
	if err != nil {
		return err
	}
	if t.kind != dateToken && t.kind != timestampToken {
		d.pos = start
		return d.byJSON(v)
	}
	date, ok := t.time()
	if !ok {
		return errDate
	}
	*v.Addr().Interface().(*time.Time) = date
	return nil
}

// setBytes decodes into a slice or an array of bytes.
func (d *valueReader) setBytes(v reflect.Value) error {
	start := d.pos
	t, err := d.next()
	if err != nil {
		return err
	}
	if t.kind != bytesToken {
		d.pos = start
		v.SetZero() // base64 would be decoded into the old memory, which may be that of a message
		return d.byJSON(v)
	}
	if v.Kind() == reflect.Slice {
		v.SetBytes(d.bytes(t.body))
		return nil
	}
	if len(t.body) != v.Len() {
		return fmt.Errorf("binary data of %d bytes does not fit an array of %d", len(t.body), v.Len())
	}
	reflect.Copy(v, reflect.ValueOf(t.body))
	return nil
}
