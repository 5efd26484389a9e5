package packet

import (
	"encoding"
	"reflect"
	"sync"

	"github.com/go-json-experiment/json"
)

// contents says what values of a type may hold that needs more than the plain
// JSON library.
type contents uint8

const (
	holdsBytes  contents = 1 << iota // []byte itself
	holdsAny                         // the interface any
	holdsRaw                         // [Raw], when decoding
	holdsNumber                      // json.Number of encoding/json
	holdsOther                       // named slices of byte, arrays of byte, and what cannot be foreseen
)

var (
	bytesType = reflect.TypeFor[[]byte]()
	anyType   = reflect.TypeFor[any]()
	byteType  = reflect.TypeFor[byte]()
	rawType   = reflect.TypeFor[Raw]()
)

// isBytes reports whether the values of t are binary data: slices and arrays of
// byte. A type of its own for the element makes it a list of numbers, as in
// encoding/json/v2.
func isBytes(t reflect.Type) bool {
	return (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && t.Elem() == byteType
}

// contentsCache computes and keeps the contents of types, for one direction.
type contentsCache struct {
	// A type that has one of methods decides itself about its JSON.
	methods []reflect.Type
	// A type that has the method open does so by calling the library again.
	open  reflect.Type
	known sync.Map // reflect.Type to contents
}

var marshalContents = contentsCache{
	methods: []reflect.Type{
		reflect.TypeFor[json.Marshaler](),
		reflect.TypeFor[encoding.TextMarshaler](),
		reflect.TypeFor[encoding.TextAppender](),
	},
	open: reflect.TypeFor[json.MarshalerTo](),
}

var unmarshalContents = contentsCache{
	methods: []reflect.Type{
		reflect.TypeFor[json.Unmarshaler](),
		reflect.TypeFor[encoding.TextUnmarshaler](),
	},
	open: reflect.TypeFor[json.UnmarshalerFrom](),
}

func (c *contentsCache) of(t reflect.Type) contents {
	if known, ok := c.known.Load(t); ok {
		return known.(contents)
	}
	holds := c.search(t, make(map[reflect.Type]bool))
	c.known.Store(t, holds)
	return holds
}

// search unites the contents of all types that can be reached from t.
func (c *contentsCache) search(t reflect.Type, seen map[reflect.Type]bool) (holds contents) {
	if seen[t] {
		return 0
	}
	seen[t] = true
	switch {
	case t == bytesType:
		return holdsBytes
	case t == anyType:
		return holdsAny
	case t == numberType:
		return holdsNumber
	case t.Kind() != reflect.Interface && has(t, c.open):
		return holdsOther
	case t.Kind() != reflect.Interface && c.hasMethod(t):
		return 0
	case t == rawType:
		return holdsRaw
	case isBytes(t), t.Kind() == reflect.Interface:
		return holdsOther
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		holds = c.search(t.Elem(), seen)
	case reflect.Map:
		holds = c.search(t.Key(), seen) | c.search(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if f.IsExported() || f.Anonymous {
				holds |= c.search(f.Type, seen)
			}
		}
	}
	return holds
}

func (c *contentsCache) hasMethod(t reflect.Type) bool {
	for _, m := range c.methods {
		if has(t, m) {
			return true
		}
	}
	return has(t, c.open)
}

// has reports whether t or a pointer to it has the method of the interface m.
func has(t, m reflect.Type) bool { return t.Implements(m) || reflect.PointerTo(t).Implements(m) }
