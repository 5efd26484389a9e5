package msgpack

import "reflect"

// structDecoder decodes the members that the struct has fields for, and leaves the
// other fields alone.
func structDecoder(fields []field, of func(reflect.Type) *typeDecoder) func(*valueReader, reflect.Value) error {
	decoders := make([]*typeDecoder, len(fields))
	byName := make(map[string]int, len(fields))
	for i, f := range fields {
		decoders[i] = of(f.typ)
		byName[f.name] = i
	}
	return func(d *valueReader, v reflect.Value) error {
		n, ok, err := d.head(v, mapToken)
		if !ok {
			return err
		}
		expected := 0 // members usually come in the order of the fields
		for range n {
			name, present, err := d.member()
			if err != nil {
				return err
			}
			if !present {
				continue
			}
			i, known := expected, expected < len(fields) && fields[expected].name == string(name)
			if !known {
				if i, known = byName[string(name)]; !known {
					if err := d.skip(1); err != nil {
						return err
					}
					continue
				}
			}
			expected = i + 1
			if err := decoders[i].decode(d, fieldToSet(v, fields[i].index)); err != nil {
				return err
			}
		}
		return nil
	}
}

// fieldToSet returns a field, and makes the embedded structs that lead to it.
func fieldToSet(v reflect.Value, index []int) reflect.Value {
	for i, n := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(n)
	}
	return v
}
