package packet

import (
	"errors"
	"reflect"
	"strconv"
	"testing"
)

// wrapped is how other packages build on Args.
type wrapped struct {
	Args
}

func TestPassOn(t *testing.T) {
	binary := mustDecode(t, wire(`52-["in",{"b":{"_placeholder":true,"num":1}},7,[{"num" : 0,"x":"\u0041","_placeholder":true}]]`, "zero", "one")).Args
	plain := mustDecode(t, wire(`2["in", {"_placeholder":true,"num":5} , "s" ]`)).Args
	for name, test := range map[string]struct {
		args []any
		want messages
	}{
		"all of it": {[]any{binary},
			wire(`52-["e",{"b":{"_placeholder":true,"num":1}},7,[{"num" : 0,"x":"\u0041","_placeholder":true}]]`, "zero", "one")},
		"embedded":     {[]any{wrapped{Args: plain}, wrapped{}}, wire(`2["e",{"_placeholder":true,"num":5},"s"]`)},
		"among others": {[]any{1, plain, 2}, wire(`2["e",1,{"_placeholder":true,"num":5},"s",2]`)},
		"behind another attachment": {[]any{[]byte("first"), binary, []byte("last")},
			wire(`54-["e",{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":2}},7,[{"num" : 1,"x":"\u0041","_placeholder":true}],{"_placeholder":true,"num":3}]`, "first", "zero", "one", "last")},
		"twice": {[]any{binary, Args{}, binary},
			wire(`54-["e",{"b":{"_placeholder":true,"num":1}},7,[{"num" : 0,"x":"\u0041","_placeholder":true}],{"b":{"_placeholder":true,"num":3}},7,[{"num" : 2,"x":"\u0041","_placeholder":true}]]`, "zero", "one", "zero", "one")},
		"one argument": {[]any{Raw{binary.Raw(1), nil}, Raw{binary.Raw(0), binary.Attachments()}},
			wire(`52-["e",7,{"b":{"_placeholder":true,"num":1}}]`, "zero", "one")},
		"in a tree": {[]any{[]byte("first"), []any{map[string]any{"r": Raw{binary.Raw(2), binary.Attachments()}}}},
			wire(`53-["e",{"_placeholder":true,"num":0},[{"r":[{"num" : 1,"x":"\u0041","_placeholder":true}]}]]`, "first", "zero", "one")},
		"in a struct": {[]any{link{Raw{JSON: []byte(`[1, 2]`)}}, struct{ R Raw }{Raw{JSON: []byte(`3`)}}}, wire(`2["e",{"next":[1,2]},{"R":3}]`)},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustEncode(t, event, test.args...)
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			mustDecode(t, got)
		})
	}
}

func TestPassOnAck(t *testing.T) {
	args := mustDecode(t, wire(`2["in",1,2]`)).Args
	ack := Header{Type: Ack, HasID: true}
	for want, list := range map[string][]any{`30[1,2]`: {args}, `30[]`: {Args{}}, `30[1,2,1,2]`: {args, Args{}, args}, `30[0,1,2]`: {Args{}, 0, args}} {
		if got := mustEncode(t, ack, list...); got.text != want {
			t.Errorf("got %q, want %q", got.text, want)
		}
	}
}

// foreign stands for the arguments of a packet that came through another codec.
type foreign []any

func (f foreign) Len() int { return len(f) }

var errForeign = errors.New("foreign")

func (f foreign) Decode(i int, dst any) error {
	switch dst := dst.(type) {
	case *any:
		*dst = f[i]
		return nil
	case *string:
		*dst = strconv.Itoa(i)
		return nil
	}
	return errForeign
}

func (f foreign) Raw(i int) (Raw, error) { return NewRaw(f[i]) }

func (f foreign) Size() int { return 1000 }

func TestSource(t *testing.T) {
	args := NewArgs(foreign{"a", []byte("b"), 3.0})
	var s string
	if err := args.Decode(2, &s); err != nil || s != "2" || args.Len() != 3 {
		t.Errorf("decoded %q, %v", s, err)
	}
	var de *DecodeError
	if err := args.Decode(0, new(int)); !errors.As(err, &de) || !errors.Is(err, errForeign) {
		t.Errorf("error %v", err)
	}
	if err := args.Decode(3, &s); !errors.Is(err, ErrMissingArgument) {
		t.Errorf("error %v", err)
	}
	if raw := args.Raw(0); string(raw) != `"a"` {
		t.Errorf("Raw: %q", raw)
	}
	if raw := args.Raw(1); raw != nil {
		t.Errorf("Raw of binary data: %q", raw)
	}
	if size := args.Size(); size != 1000 {
		t.Errorf("size %d", size)
	}
	if _, ok := args.Source().(foreign); !ok || mustDecode(t, arg(`1`)).Args.Source() != nil {
		t.Errorf("source %#v", args.Source())
	}
	got, want := mustEncode(t, event, []byte("x"), args), wire(`52-["e",`+ph("0")+`,"a",`+ph("1")+`,3]`, "x", "b")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What another codec has received can be passed on exactly, or not at all.
func TestSourceWithoutForm(t *testing.T) {
	large := NewArgs(foreign{Raw{JSON: []byte(`9007199254740993`)}})
	if got := mustEncode(t, event, large); !reflect.DeepEqual(got, arg(`9007199254740993`)) {
		t.Errorf("got %q", got)
	}
	for _, v := range []any{failing{}, Raw{JSON: []byte(`[1`)}} {
		var ee *EncodeError
		if m, err := encode(event, NewArgs(foreign{v})); !errors.As(err, &ee) || ee.Index != 0 {
			t.Errorf("got %q, %v, want an *EncodeError", m, err)
		}
	}
}

func TestArgsOf(t *testing.T) {
	args := mustDecode(t, wire(`2["in",1,2]`)).Args
	for _, v := range []any{args, wrapped{args}, &wrapped{args}} {
		if got, ok := ArgsOf(v); !ok || got.Len() != 2 {
			t.Errorf("%T: %v, %d arguments", v, ok, got.Len())
		}
	}
	if _, ok := ArgsOf("a"); ok {
		t.Error("a string is no Args")
	}
}

// One argument can be taken out undecoded and passed on.
func TestDecodeIntoRaw(t *testing.T) {
	args := mustDecode(t, wire(`52-["in",{"n":12345678901234567890,"b":{"_placeholder":true,"num":1}}, "s" ,{"x":[1]}]`, "zero", "one")).Args
	for i, want := range []messages{
		wire(`52-["e",{"n":12345678901234567890,"b":{"_placeholder":true,"num":1}}]`, "zero", "one"),
		wire(`2["e","s"]`),
		wire(`2["e",{"x":[1]}]`),
	} {
		var raw Raw
		if err := args.Decode(i, &raw); err != nil {
			t.Fatal(err)
		}
		if got := mustEncode(t, event, raw); !reflect.DeepEqual(got, want) {
			t.Errorf("argument %d: got  %q\nwant %q", i, got, want)
		}
	}
}

// TestUsualPlaceholders: the short way to count placeholders never disagrees with the
// walk over the value.
func TestUsualPlaceholders(t *testing.T) {
	values := []string{
		`{"_placeholder":true,"num":0}`, `{"_placeholder":true,"num":1}`, `{"_placeholder":true,"num":12}`, `{"_placeholder":false,"num":0}`,
		`{"_placeholder":true,"num":-1}`, `{"_placeholder":true,"num":0,"a":1}`, `{"num":0,"_placeholder":true}`, `{"_placeholder" : true,"num":0}`,
		`{"_placeholder":true,"num":{"_placeholder":true,"num":0}}`, `"{\"_placeholder\":true,\"num\":0}"`, `{"a_placeholder":0}`,
		`"_placeholder"`, `"{"`, `{"_place\u0068older":true,"num":0}`, `{"_placeholder":true,"num":0,"num":1}`, `1`, `{"num":0}`,
	}
	short := 0
	for _, a := range values {
		for _, b := range values {
			for _, text := range []string{a, `[` + a + `,` + b + `]`, `{"x":` + a + `,"_placeholder":` + b + `}`, `{"_placeholder":true,"num":` + a + `}`} {
				w := placeholderWalk{text: []byte(text), limit: 2}
				_, err := w.value()
				if count, ok := countUsualPlaceholders([]byte(text), 2); ok {
					short++
					if err != nil || count != w.count {
						t.Errorf("%s: %d, but the walk finds %d, %v", text, count, w.count, err)
					}
				}
			}
		}
	}
	if short == 0 {
		t.Error("no text went the short way")
	}
}
