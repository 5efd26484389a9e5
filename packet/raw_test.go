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

// A Raw in a struct, a slice or a map is what it would be as an argument.
func TestNestedRaw(t *testing.T) {
	type member struct {
		Name string
		Rest Raw
		List []Raw
		Ptr  *Raw
	}
	t.Run("text", func(t *testing.T) {
		args := mustDecode(t, wire(`2["e",{"Name":"n","Rest": {"a":[1,"x"]} ,"List":["s",null],"Ptr":2}]`)).Args
		var got member
		if err := args.Decode(0, &got); err != nil {
			t.Fatal(err)
		}
		want := member{Name: "n", Rest: Raw{JSON: []byte(`{"a":[1,"x"]}`)}, List: []Raw{{JSON: []byte(`"s"`)}, {JSON: []byte(`null`)}}, Ptr: &Raw{JSON: []byte(`2`)}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if frames := mustEncode(t, event, got); !reflect.DeepEqual(frames, mustEncode(t, event, want)) {
			t.Errorf("passed on as %q", frames)
		}
	})
	t.Run("attachments", func(t *testing.T) {
		args := mustDecode(t, wire(`52-["e",{"Name":"n","Rest":[{"_placeholder":true,"num":1}],"List":[7]}]`, "\x01", "\x02")).Args
		var got member
		if err := args.Decode(0, &got); err != nil {
			t.Fatal(err)
		}
		var rest [][]byte
		if err := got.Rest.Decode(&rest); err != nil || !reflect.DeepEqual(rest, [][]byte{{2}}) {
			t.Errorf("decoded %q, %v", rest, err)
		}
		if len(got.List) != 1 || string(got.List[0].JSON) != "7" || got.List[0].Attachments != nil {
			t.Errorf("decoded %+v", got.List)
		}
	})
}
