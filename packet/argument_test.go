package packet

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
)

type (
	blob   []byte
	digest [4]byte
	number uint8
	color  struct{ r byte }

	// everything has bytes in every place where they can be.
	everything struct {
		Plain   []byte            `json:"plain"`
		Named   blob              `json:"named"`
		Array   digest            `json:"array"`
		Pointer *[]byte           `json:"pointer"`
		Map     map[string][]byte `json:"map"`
		List    []blob            `json:"list"`
		Any     any               `json:"any"`
		Numbers []number          `json:"numbers"`
		Color   color             `json:"color"`
		Address netip.Addr        `json:"address"`
		embedded
		Skipped []byte `json:"-"`
	}
	embedded struct {
		Inner []byte `json:"inner"`
	}
)

func (c color) MarshalJSON() ([]byte, error) {
	return []byte(`"#` + string("0123456789abcdef"[c.r>>4]) + `"`), nil
}

func (c *color) UnmarshalJSON(b []byte) error {
	if len(b) != 4 {
		return errors.New("not a color")
	}
	c.r = byte(strings.IndexByte("0123456789abcdef", b[2])) << 4
	return nil
}

var (
	everythingValue = everything{
		Plain:    []byte("plain"),
		Named:    blob("named"),
		Array:    digest{1, 2, 3, 4},
		Pointer:  &[]byte{'p'},
		Map:      map[string][]byte{"k": []byte("map")},
		List:     []blob{blob("l0"), nil, blob("l2")},
		Any:      []any{[]byte("any"), map[string]any{"x": []byte("deep")}},
		Numbers:  []number{1, 2},
		Color:    color{r: 0x10},
		Address:  netip.MustParseAddr("::1"),
		embedded: embedded{Inner: []byte("inner")},
	}
	everythingWire = wire(`510-["e",{"plain":{"_placeholder":true,"num":0},"named":{"_placeholder":true,"num":1},`+
		`"array":{"_placeholder":true,"num":2},"pointer":{"_placeholder":true,"num":3},"map":{"k":{"_placeholder":true,"num":4}},`+
		`"list":[{"_placeholder":true,"num":5},null,{"_placeholder":true,"num":6}],`+
		`"any":[{"_placeholder":true,"num":7},{"x":{"_placeholder":true,"num":8}}],`+
		`"numbers":[1,2],"color":"#1","address":"::1","inner":{"_placeholder":true,"num":9}}]`,
		"plain", "named", "\x01\x02\x03\x04", "p", "map", "l0", "l2", "any", "deep", "inner")
)

func TestDecodeEverything(t *testing.T) {
	var got everything
	if err := mustDecode(t, everythingWire).Args.Decode(0, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, everythingValue) {
		t.Errorf("got  %+v\nwant %+v", got, everythingValue)
	}
}

func TestEncodeEverything(t *testing.T) {
	for name, v := range map[string]any{"value": everythingValue, "pointer": &everythingValue} {
		if got := mustEncode(t, event, v); !reflect.DeepEqual(got, everythingWire) {
			t.Errorf("%s: got %q\nwant %q", name, got, everythingWire)
		}
	}
}

// decodeTo decodes the only argument into a new T.
func decodeTo[T any](wire messages) func(testing.TB) (any, error) {
	return func(t testing.TB) (any, error) {
		var v T
		err := mustDecode(t, wire).Args.Decode(0, &v)
		return v, err
	}
}

func arg(json string) messages { return wire(`2["e",` + json + `]`) }

func TestDecodeArgument(t *testing.T) {
	placeholder := wire(`51-["e", {"_placeholder":true,"num":0} ]`, "\x01\x02\x03\x04")
	spaced := wire(`51-["e",{ "num" : 0 , "\u005fplaceholder" : true , "x" : [ ] }]`, "\x01\x02\x03\x04")
	long := strings.Repeat("long ", 200)
	for name, test := range map[string]struct {
		decode func(testing.TB) (any, error)
		want   any
	}{
		"string":               {decodeTo[string](arg(`"a"`)), "a"},
		"empty string":         {decodeTo[string](arg(`""`)), ""},
		"long string":          {decodeTo[string](arg(`"` + long + `"`)), long},
		"escapes":              {decodeTo[string](arg(`"\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\ude00"`)), "\"\\/\b\f\n\r\té€😀"},
		"lone surrogates":      {decodeTo[string](arg(`"a\ud800b\udc00\ud800\ud83d\ude00\ud800\u0041"`)), "a\uFFFDb\uFFFD\uFFFD😀\uFFFDA"},
		"invalid UTF-8":        {decodeTo[string](arg("\"a\xffb\"")), "a\uFFFDb"},
		"unicode":              {decodeTo[string](arg(`"žluťoučký 😀"`)), "žluťoučký 😀"},
		"null string":          {decodeTo[string](arg(`null`)), ""},
		"true":                 {decodeTo[bool](arg(`true`)), true},
		"false":                {decodeTo[bool](arg(`false`)), false},
		"int":                  {decodeTo[int](arg(`-12`)), -12},
		"int64":                {decodeTo[int64](arg(`-9223372036854775808`)), int64(math.MinInt64)},
		"uint64":               {decodeTo[uint64](arg(`18446744073709551615`)), uint64(math.MaxUint64)},
		"null int":             {decodeTo[int](arg(`null`)), 0},
		"float":                {decodeTo[float64](arg(`-1.25e2`)), -125.0},
		"named":                {decodeTo[number](arg(`7`)), number(7)},
		"pointer":              {decodeTo[*string](arg(`null`)), (*string)(nil)},
		"any string":           {decodeTo[any](arg(`"a\n"`)), "a\n"},
		"any null":             {decodeTo[any](arg(`null`)), nil},
		"any number":           {decodeTo[any](arg(`1`)), 1.0},
		"any bool":             {decodeTo[any](arg(`false`)), false},
		"any tree":             {decodeTo[any](arg(` { "a" : [ 1 , true , { } , [ ] ] , "b" : null } `)), map[string]any{"a": []any{1.0, true, map[string]any{}, []any{}}, "b": nil}},
		"last name counts":     {decodeTo[any](arg(`{"a":{"x":1},"a":{"y":2}}`)), map[string]any{"a": map[string]any{"y": 2.0}}},
		"last name, in struct": {decodeTo[report](arg(`{"data":{"x":1},"data":{"y":2}}`)), report{Data: map[string]any{"y": 2.0}}},
		"escaped name":         {decodeTo[any](arg(`{"\u0061":1}`)), map[string]any{"a": 1.0}},
		"map":                  {decodeTo[map[string]any](arg(`{"a":1}`)), map[string]any{"a": 1.0}},
		"list":                 {decodeTo[[]any](arg(`["a",1]`)), []any{"a", 1.0}},
		"null map":             {decodeTo[map[string]any](arg(`null`)), map[string]any(nil)},
		"struct":               {decodeTo[position](arg(`{"player":"ada","x":1,"unknown":[]}`)), position{Player: "ada", X: 1}},
		"base64":               {decodeTo[[]byte](arg(`"AQI="`)), []byte{1, 2}},
		"base64 in struct":     {decodeTo[upload](arg(`{"data":"AQI="}`)), upload{Data: []byte{1, 2}}},
		"null bytes":           {decodeTo[[]byte](arg(`null`)), []byte(nil)},
		"raw message":          {decodeTo[json.RawMessage](arg(`{"a": 1}`)), json.RawMessage(`{"a": 1}`)},
		"json value":           {decodeTo[jsontext.Value](arg(`[1]`)), jsontext.Value(`[1]`)},
		"time":                 {decodeTo[time.Time](arg(`"2024-05-06T07:08:09.123Z"`)), time.Date(2024, 5, 6, 7, 8, 9, 123e6, time.UTC)},
		"own method":           {decodeTo[color](arg(`"#3"`)), color{r: 0x30}},
		"number text":          {decodeTo[json.Number](arg(`12.50`)), json.Number("12.50")},
		"number in text":       {decodeTo[json.Number](arg(`"-7e1"`)), json.Number("-7e1")},
		"null number":          {decodeTo[json.Number](arg(`null`)), json.Number("")},
		"number fields":        {decodeTo[struct{ N []*json.Number }](arg(`{"N":[1e400]}`)), struct{ N []*json.Number }{[]*json.Number{new(json.Number("1e400"))}}},
		"number names":         {decodeTo[map[json.Number]json.Number](arg(`{"1":2}`)), map[json.Number]json.Number{"1": "2"}},
		"not a placeholder":    {decodeTo[any](arg(`{"_placeholder":true,"num":0}`)), map[string]any{"_placeholder": true, "num": 0.0}},

		"attachment":                {decodeTo[[]byte](placeholder), []byte{1, 2, 3, 4}},
		"attachment, named":         {decodeTo[blob](placeholder), blob{1, 2, 3, 4}},
		"attachment, array":         {decodeTo[digest](placeholder), digest{1, 2, 3, 4}},
		"attachment, any":           {decodeTo[any](placeholder), []byte{1, 2, 3, 4}},
		"attachment, other writing": {decodeTo[[]byte](spaced), []byte{1, 2, 3, 4}},
		"attachment, any, other":    {decodeTo[any](spaced), []byte{1, 2, 3, 4}},
		"attachment, raw":           {decodeTo[json.RawMessage](placeholder), json.RawMessage(`{"_placeholder":true,"num":0}`)},
		"no attachment here":        {decodeTo[any](wire(`51-["e",{"_placeholder":false,"num":0}]`, "")), map[string]any{"_placeholder": false, "num": 0.0}},
		"number beside attachment": {decodeTo[struct {
			N json.Number
			B blob
		}](wire(`51-["e",{"N":1,"B":{"_placeholder":true,"num":0}}]`, "x")), struct {
			N json.Number
			B blob
		}{"1", blob("x")}},
		"base64 beside attachment": {decodeTo[upload](wire(`51-["e",{"data":"AQI="}]`, "x")), upload{Data: []byte{1, 2}}},
		"null beside attachment":   {decodeTo[upload](wire(`51-["e",{"data":null}]`, "x")), upload{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.decode(t)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
		})
	}
}

func TestDecodeArgumentFails(t *testing.T) {
	attached := wire(`51-["e",{"_placeholder":true,"num":0}]`, "abc")
	for name, test := range map[string]struct {
		decode func(testing.TB) (any, error)
		typ    reflect.Type
	}{
		"string from number":        {decodeTo[string](arg(`1`)), reflect.TypeFor[string]()},
		"int from string":           {decodeTo[int](arg(`"1"`)), reflect.TypeFor[int]()},
		"int from fraction":         {decodeTo[int](arg(`1.5`)), reflect.TypeFor[int]()},
		"int too large":             {decodeTo[int64](arg(`9223372036854775808`)), reflect.TypeFor[int64]()},
		"float too large":           {decodeTo[float64](arg(`1e999`)), reflect.TypeFor[float64]()},
		"any number too large":      {decodeTo[any](arg(`[1e999]`)), reflect.TypeFor[any]()},
		"bool from number":          {decodeTo[bool](arg(`1`)), reflect.TypeFor[bool]()},
		"map from list":             {decodeTo[map[string]any](arg(`[]`)), reflect.TypeFor[map[string]any]()},
		"list from map":             {decodeTo[[]any](arg(`{}`)), reflect.TypeFor[[]any]()},
		"struct from string":        {decodeTo[position](arg(`"a"`)), reflect.TypeFor[position]()},
		"bytes from object":         {decodeTo[[]byte](arg(`{}`)), reflect.TypeFor[[]byte]()},
		"bytes from bad base64":     {decodeTo[[]byte](arg(`"*"`)), reflect.TypeFor[[]byte]()},
		"number from text":          {decodeTo[json.Number](arg(`"1x"`)), reflect.TypeFor[json.Number]()},
		"number from text, space":   {decodeTo[json.Number](arg(`"1 "`)), reflect.TypeFor[json.Number]()},
		"number from bool":          {decodeTo[json.Number](arg(`true`)), reflect.TypeFor[json.Number]()},
		"channel":                   {decodeTo[chan int](arg(`1`)), reflect.TypeFor[chan int]()},
		"string from attachment":    {decodeTo[string](attached), reflect.TypeFor[string]()},
		"map from attachment":       {decodeTo[map[string]any](attached), reflect.TypeFor[map[string]any]()},
		"array of another length":   {decodeTo[digest](attached), reflect.TypeFor[digest]()},
		"bytes from another object": {decodeTo[upload](wire(`51-["e",{"data":{"a":1}}]`, "abc")), reflect.TypeFor[upload]()},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.decode(t)
			var de *DecodeError
			if !errors.As(err, &de) || de.Index != 0 || de.Type != test.typ || de.Err == nil {
				t.Errorf("got %#v, %v, want a *DecodeError for %v", got, err, test.typ)
			}
		})
	}
}

func TestDecodeTargets(t *testing.T) {
	args := mustDecode(t, arg(`"a"`)).Args
	for name, dst := range map[string]any{
		"nil": nil, "no pointer": "a", "nil *string": (*string)(nil), "nil *any": (*any)(nil), "nil *[]byte": (*[]byte)(nil),
		"nil *int": (*int)(nil), "nil *float64": (*float64)(nil), "nil *map": (*map[string]any)(nil), "nil *struct": (*position)(nil),
	} {
		t.Run(name, func(t *testing.T) {
			var de *DecodeError
			if err := args.Decode(0, dst); !errors.As(err, &de) {
				t.Errorf("error %v, want a *DecodeError", err)
			}
		})
	}
}

func TestMissingArgument(t *testing.T) {
	for name, args := range map[string]Args{"zero": {}, "one": mustDecode(t, arg(`1`)).Args} {
		for _, i := range []int{-1, args.Len(), 100} {
			var de *DecodeError
			err := args.Decode(i, new(any))
			if !errors.Is(err, ErrMissingArgument) || !errors.As(err, &de) || de.Index != i {
				t.Errorf("%s: Decode(%d): %v", name, i, err)
			}
			if raw := args.Raw(i); raw != nil {
				t.Errorf("%s: Raw(%d): %q", name, i, raw)
			}
		}
	}
}

// Decoding into a map that has members adds to them; into an any it does not.
func TestDecodeMerges(t *testing.T) {
	args := mustDecode(t, arg(`{"b":2}`)).Args
	m := map[string]any{"a": 1}
	if err := args.Decode(0, &m); err != nil || !reflect.DeepEqual(m, map[string]any{"a": 1, "b": 2.0}) {
		t.Errorf("map: %v, %v", m, err)
	}
	var v any = map[string]any{"a": 1}
	if err := args.Decode(0, &v); err != nil || !reflect.DeepEqual(v, map[string]any{"b": 2.0}) {
		t.Errorf("any: %v, %v", v, err)
	}
}

// The memory of an attachment must not be used to decode something else into.
func TestDecodeLeavesAttachmentsAlone(t *testing.T) {
	attachment := []byte("abcd")
	d := JSON.NewDecoder(Limits{})
	d.Text([]byte(`51-["e",{"_placeholder":true,"num":0},"AAAA"]`))
	p, _, err := d.Binary(attachment)
	if err != nil {
		t.Fatal(err)
	}
	var b []byte
	for i := range 2 {
		if err := p.Args.Decode(i, &b); err != nil {
			t.Fatal(err)
		}
	}
	if string(attachment) != "abcd" || !bytes.Equal(b, []byte{0, 0, 0}) {
		t.Errorf("attachment %q, decoded %q", attachment, b)
	}
}

// A string shares the memory of its packet only if it is most of it.
func TestStringSharing(t *testing.T) {
	shares := func(s string, text []byte) bool {
		start, p := uintptr(unsafe.Pointer(&text[0])), uintptr(unsafe.Pointer(unsafe.StringData(s)))
		return p >= start && p < start+uintptr(cap(text))
	}
	large := `"` + strings.Repeat("x", 1000) + `"`
	for name, test := range map[string]struct {
		text string
		room int
		want bool
	}{
		"large":                   {`2["e",` + large + `]`, 0, true},
		"small":                   {`2["e","small"]`, 0, false},
		"one of three":            {`2["e",` + large + "," + large + "," + large + `]`, 0, false},
		"in a much larger buffer": {`2["e",` + large + `]`, 4000, false},
	} {
		t.Run(name, func(t *testing.T) {
			text := append(make([]byte, 0, len(test.text)+test.room), test.text...)
			p, _, err := JSON.NewDecoder(Limits{}).Text(text)
			if err != nil {
				t.Fatal(err)
			}
			var s string
			if err := p.Args.Decode(0, &s); err != nil {
				t.Fatal(err)
			}
			if got := shares(s, text[:cap(text)]); got != test.want {
				t.Errorf("shares: %v", got)
			}
		})
	}
}

func TestArgsSize(t *testing.T) {
	if got, want := mustDecode(t, everythingWire).Args.Size(), len(everythingWire.text)+len(strings.Join(everythingWire.attachments, "")); got != want {
		t.Errorf("size %d, want %d", got, want)
	}
	if got := (Args{}).Size(); got != 0 {
		t.Errorf("size of no arguments: %d", got)
	}
}
