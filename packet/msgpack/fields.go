package msgpack

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// field is a field of a struct, or of a struct embedded in it.
type field struct {
	name      string
	tagged    bool // the name comes from the tag
	index     []int
	typ       reflect.Type
	omitEmpty bool
	omitZero  bool
}

// fieldsOf returns the fields of a struct by the rules of encoding/json/v2, in their
// order. ok is false if the struct makes use of anything beyond names, omitempty,
// omitzero and embedding, or misuses those: then it is up to the JSON library.
func fieldsOf(root reflect.Type) (fields []field, ok bool) {
	type level struct {
		typ   reflect.Type
		index []int
	}
	seen := map[reflect.Type]bool{root: true}
	for queue := []level{{typ: root}}; len(queue) > 0; queue = queue[1:] {
		outer := queue[0]
		names := make(map[string]bool)
		members, tags := 0, 0
		for i := range outer.typ.NumField() {
			sf := outer.typ.Field(i)
			f := field{name: sf.Name, typ: sf.Type, index: append(slices.Clone(outer.index), i)}
			tag, hasTag := sf.Tag.Lookup("json")
			if hasTag {
				tags++
			}
			if tag == "-" {
				continue
			}
			if !sf.IsExported() && !sf.Anonymous {
				if hasTag {
					return nil, false
				}
				continue
			}
			members++
			if !f.parseTag(tag) {
				return nil, false
			}
			if sf.Anonymous && !f.tagged {
				inner := indirect(sf.Type)
				if inner.Kind() != reflect.Struct || tag != "" || seen[inner] || hasAny(inner, marshalMethods) || hasAny(inner, unmarshalMethods) {
					return nil, false
				}
				seen[inner] = true
				queue = append(queue, level{inner, f.index})
				continue
			}
			if !sf.IsExported() || names[f.name] {
				return nil, false
			}
			names[f.name] = true
			fields = append(fields, f)
		}
		if members == 0 && tags == 0 && outer.typ.NumField() > 0 {
			return nil, false
		}
	}
	return dominant(fields), true
}

// parseTag reports whether the tag has nothing but a plain name and known options.
func (f *field) parseTag(tag string) bool {
	name, options, hasOptions := strings.Cut(tag, ",")
	if strings.ContainsAny(name, "\\'\"`") || !utf8.ValidString(name) {
		return false
	}
	if name != "" {
		f.name, f.tagged = name, true
	}
	for hasOptions {
		var option string
		option, options, hasOptions = strings.Cut(options, ",")
		switch {
		case option == "omitempty" && !f.omitEmpty:
			f.omitEmpty = true
		case option == "omitzero" && !f.omitZero:
			f.omitZero = true
		default:
			return false
		}
	}
	return true
}

// dominant decides between fields with the same name: the one that is least deeply
// embedded counts, or among those the only one whose name comes from its tag.
func dominant(fields []field) []field {
	slices.SortStableFunc(fields, func(a, b field) int {
		tagFirst := 0
		if a.tagged != b.tagged {
			tagFirst = 1
			if a.tagged {
				tagFirst = -1
			}
		}
		return cmp.Or(strings.Compare(a.name, b.name), cmp.Compare(len(a.index), len(b.index)), tagFirst)
	})
	kept := fields[:0]
	for len(fields) > 0 {
		n := 1
		for n < len(fields) && fields[n].name == fields[0].name {
			n++
		}
		if n == 1 || len(fields[0].index) != len(fields[1].index) || fields[0].tagged != fields[1].tagged {
			kept = append(kept, fields[0])
		}
		fields = fields[n:]
	}
	slices.SortFunc(kept, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return kept
}

// indirect returns what t points to, if it is a pointer without a name.
func indirect(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		return t.Elem()
	}
	return t
}

// hasPrivatePointer reports whether a field is reached through an embedded pointer
// that cannot be set, because its type is not exported.
func hasPrivatePointer(t reflect.Type, fields []field) bool {
	for _, f := range fields {
		at := t
		for _, i := range f.index[:len(f.index)-1] {
			sf := indirect(at).Field(i)
			if sf.Type.Kind() == reflect.Pointer && !sf.IsExported() {
				return true
			}
			at = sf.Type
		}
	}
	return false
}
