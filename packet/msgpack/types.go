package msgpack

import (
	"encoding"
	stdjson "encoding/json"
	"reflect"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/go-socketio/socketio/packet"
)

var (
	anyType      = reflect.TypeFor[any]()
	byteType     = reflect.TypeFor[byte]()
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	numberType   = reflect.TypeFor[stdjson.Number]()
	rawType      = reflect.TypeFor[packet.Raw]()
)

// marshalMethods are those by which a type encodes itself.
var marshalMethods = []reflect.Type{
	reflect.TypeFor[json.Marshaler](),
	reflect.TypeFor[json.MarshalerTo](),
	reflect.TypeFor[encoding.TextMarshaler](),
	reflect.TypeFor[encoding.TextAppender](),
}

// hasAny reports whether t or a pointer to it has one of the methods.
func hasAny(t reflect.Type, methods []reflect.Type) bool {
	for _, m := range methods {
		if t.Implements(m) || reflect.PointerTo(t).Implements(m) {
			return true
		}
	}
	return false
}

// isBytes reports whether the values of t are binary data, as in [packet.JSON]: a
// type of its own for the element makes it a list of numbers.
func isBytes(t reflect.Type) bool {
	return (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && t.Elem() == byteType
}

// isPlainInt reports whether t is an integer type without methods for JSON or text.
func isPlainInt(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return t != durationType && !hasAny(t, marshalMethods) && !hasAny(t, unmarshalMethods)
	}
	return false
}

// typeCache computes something for types, once for each.
type typeCache[T any] struct {
	known sync.Map // reflect.Type to *T
	mu    sync.Mutex
}

// of returns what build fills in for the type. By its last argument, build finds what
// it needs of other types, which may not be filled in yet.
func (c *typeCache[T]) of(t reflect.Type, build func(t reflect.Type, into *T, of func(reflect.Type) *T)) *T {
	if known, ok := c.known.Load(t); ok {
		return known.(*T)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// Nothing is known to others before all that it refers to is complete.
	pending := make(map[reflect.Type]*T)
	var of func(reflect.Type) *T
	of = func(t reflect.Type) *T {
		if known, ok := c.known.Load(t); ok {
			return known.(*T)
		}
		if found, ok := pending[t]; ok {
			return found
		}
		into := new(T)
		pending[t] = into
		build(t, into, of)
		return into
	}
	result := of(t)
	for t, built := range pending {
		c.known.Store(t, built)
	}
	return result
}
