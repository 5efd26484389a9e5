package msgpack

import (
	"encoding"
	"reflect"

	"github.com/go-json-experiment/json"
)

// typeDecoder decodes into values of one type. It is filled in after it has been
// found, so that types can refer to themselves.
type typeDecoder struct {
	decode func(d *valueReader, v reflect.Value) error
}

var typeDecoders typeCache[typeDecoder]

func decoderOf(t reflect.Type) *typeDecoder { return typeDecoders.of(t, buildDecoder) }

// unmarshalMethods are those by which a type decodes itself.
var unmarshalMethods = []reflect.Type{
	reflect.TypeFor[json.Unmarshaler](),
	reflect.TypeFor[json.UnmarshalerFrom](),
	reflect.TypeFor[encoding.TextUnmarshaler](),
}

var byJSON = (*valueReader).byJSON

func buildDecoder(t reflect.Type, into *typeDecoder, of func(reflect.Type) *typeDecoder) {
	switch {
	case t == anyType:
		into.decode = (*valueReader).setAny
	case t == timeType:
		into.decode = (*valueReader).setTime
	case t.Kind() == reflect.Pointer:
		into.decode = pointerDecoder(of(t.Elem()))
	case t.Kind() == reflect.Interface, t == durationType, t == numberType, t == rawType, hasAny(t, unmarshalMethods):
		into.decode = byJSON
	case isBytes(t):
		into.decode = (*valueReader).setBytes
	default:
		into.decode = kindDecoder(t, of)
	}
}

func kindDecoder(t reflect.Type, of func(reflect.Type) *typeDecoder) func(*valueReader, reflect.Value) error {
	switch t.Kind() {
	case reflect.Bool:
		return scalarDecoder(setBool)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return scalarDecoder(setInt)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return scalarDecoder(setUint)
	case reflect.Float32, reflect.Float64:
		return scalarDecoder(setFloat)
	case reflect.String:
		return (*valueReader).setString
	case reflect.Slice:
		return sliceDecoder(t, of(t.Elem()))
	case reflect.Array:
		return arrayDecoder(of(t.Elem()))
	case reflect.Map:
		if k := t.Key(); k.Kind() == reflect.String && !hasAny(k, unmarshalMethods) || isPlainInt(k) {
			return mapDecoder(t, of(t.Elem()))
		}
	case reflect.Struct:
		if fields, ok := fieldsOf(t); ok && !hasPrivatePointer(t, fields) {
			return structDecoder(fields, of)
		}
	}
	return byJSON
}
