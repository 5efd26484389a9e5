package packet

import (
	"errors"
	"reflect"
	"testing"
)

// A Raw holds what an argument would be on the wire, and decodes to the same.
func TestRaw(t *testing.T) {
	for name, v := range map[string]any{"everything": everythingValue, "string": "a\n", "plain": "a", "number": uint64(1<<63 + 1), "nothing": nil} {
		t.Run(name, func(t *testing.T) {
			raw, err := NewRaw(v)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := mustEncode(t, event, raw), mustEncode(t, event, v); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			raw.JSON = []byte(" \n" + string(raw.JSON) + "\t")
			got := reflect.New(reflect.TypeFor[any]())
			if v != nil {
				got = reflect.New(reflect.TypeOf(v))
			}
			if err := raw.Decode(got.Interface()); err != nil || !reflect.DeepEqual(got.Elem().Interface(), v) {
				t.Errorf("decoded %+v, %v, want %+v", got.Elem(), err, v)
			}
		})
	}
}

func TestRawRefuses(t *testing.T) {
	if _, err := NewRaw(failing{}); !errors.Is(err, errFailing) {
		t.Errorf("error %v", err)
	}
	lookalike := []any{[]byte("x"), map[string]any{"_placeholder": true, "num": 0}}
	if _, err := NewRaw(lookalike); !errors.Is(err, errPlaceholder) {
		t.Errorf("error %v", err)
	}
	for json, want := range map[string]error{"": errRawJSON, "[1": errRawJSON, "1,2": errRawJSON, "\"\xff\"": errRawUTF8} {
		if err := (Raw{JSON: []byte(json)}).Decode(new(any)); !errors.Is(err, want) {
			t.Errorf("%q: error %v, want %v", json, err, want)
		}
	}
	if err := (Raw{JSON: []byte("1")}).Decode(nil); err == nil {
		t.Error("decoded into nil")
	}
}
