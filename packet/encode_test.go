package packet

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/go-socketio/socketio/engine/frame"
)

type floats struct {
	A float64   `json:"a"`
	B float32   `json:"b"`
	C []float64 `json:"c"`
	D any       `json:"d"`
	E []byte    `json:"e"`
}

// link can hold itself.
type link struct {
	Next any `json:"next"`
}

// opener encodes by calling the library again.
type opener struct{ inner upload }

func (o opener) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	if err := jsonv2.MarshalEncode(enc, o.inner); err != nil {
		return err
	}
	return enc.WriteToken(jsontext.EndArray)
}

type failing struct{}

var errFailing = errors.New("failing")

func (failing) MarshalJSON() ([]byte, error) { return nil, errFailing }

func TestEncodeArgument(t *testing.T) {
	seven := 7
	for name, test := range map[string]struct {
		value any
		want  messages
	}{
		"nil":          {nil, arg(`null`)},
		"string":       {"a", arg(`"a"`)},
		"escapes":      {"\"\\/\b\f\n\r\t\x00\x1f\x7f<>&\u2028é😀", arg(`"\"\\/\b\f\n\r\t\u0000\u001f` + "\x7f<>&\u2028é😀" + `"`)},
		"late escape":  {"0123456789abcdef\n0123456789", arg(`"0123456789abcdef\n0123456789"`)},
		"not UTF-8":    {"a\xffb\xe2\x82\n\xffé", arg("\"a\uFFFDb\uFFFD\uFFFD\\n\uFFFDé\"")},
		"bool":         {true, arg(`true`)},
		"int":          {-12, arg(`-12`)},
		"int64":        {int64(math.MinInt64), arg(`-9223372036854775808`)},
		"int32":        {int32(-1), arg(`-1`)},
		"int8":         {int8(-128), arg(`-128`)},
		"uint64":       {uint64(math.MaxUint64), arg(`18446744073709551615`)},
		"uint32":       {uint32(1), arg(`1`)},
		"uint8":        {uint8(255), arg(`255`)},
		"float":        {1.5, arg(`1.5`)},
		"whole float":  {100.0, arg(`100`)},
		"large float":  {1e21, arg(`1e+21`)},
		"larger float": {1.5e300, arg(`1.5e+300`)},
		"float limit":  {123456789012345680000.0, arg(`123456789012345680000`)},
		"small float":  {1e-7, arg(`1e-7`)},
		"small limit":  {0.000001, arg(`0.000001`)},
		"tiny float":   {5e-324, arg(`5e-324`)},
		"float32":      {float32(0.1), arg(`0.1`)},
		"NaN":          {math.NaN(), arg(`null`)},
		"infinity":     {math.Inf(-1), arg(`null`)},
		"list":         {[]any{1, "a", nil, []any{}}, arg(`[1,"a",null,[]]`)},
		"nil list":     {[]any(nil), arg(`[]`)},
		"map":          {map[string]any{"a\n": map[string]any{}}, arg(`{"a\n":{}}`)},
		"nil map":      {map[string]any(nil), arg(`{}`)},
		"strings":      {[]string{"a", "\t"}, arg(`["a","\t"]`)},
		"no strings":   {[]string(nil), arg(`[]`)},
		"pointer":      {&seven, arg(`7`)},
		"nil pointer":  {(*int)(nil), arg(`null`)},
		"struct":       {&benchPosition, arg(`{"player":"ada","x":12.5,"y":-3.25,"frame":4711,"keys":["up","left"],"trail":[1,2,3,4.5]}`)},
		"typed map":    {map[int]string{1: "a"}, arg(`{"1":"a"}`)},
		"raw message":  {json.RawMessage(`{"a": 1}`), arg(`{"a":1}`)},
		"time":         {time.Date(2024, 5, 6, 7, 8, 9, 120e6, time.UTC), arg(`"2024-05-06T07:08:09.12Z"`)},
		"big":          {big.NewInt(12), arg(`12`)},
		"own method":   {color{r: 0xa0}, arg(`"#a"`)},
		"number text":  {json.Number("12.50"), arg(`12.50`)},
		"no number":    {json.Number(""), arg(`0`)},
		"number deep":  {map[string]any{"a": []json.Number{"1e400"}}, arg(`{"a":[1e400]}`)},
		"number field": {struct{ N *json.Number }{new(json.Number("-7"))}, arg(`{"N":-7}`)},
		"number names": {map[json.Number]json.Number{"1": "2"}, arg(`{"1":2}`)},
		"text method":  {everythingValue.Address, arg(`"::1"`)},
		"numbers":      {[]number{1, 2}, arg(`[1,2]`)},

		"floats":               {floats{1, 2, []float64{3}, 4.0, nil}, arg(`{"a":1,"b":2,"c":[3],"d":4,"e":null}`)},
		"not finite in struct": {floats{math.NaN(), float32(math.Inf(1)), []float64{1, math.Inf(-1)}, math.NaN(), nil}, arg(`{"a":null,"b":null,"c":[1,null],"d":null,"e":null}`)},
		"not finite, deep":     {[]any{link{[]any{&floats{A: math.NaN()}}}}, arg(`[{"next":[{"a":null,"b":0,"c":[],"d":null,"e":null}]}]`)},
		"not finite and bytes": {[]any{[]byte("0"), link{floats{A: math.NaN(), D: []byte("1"), E: []byte("2")}}, []byte("3")},
			wire(`54-["e",[{"_placeholder":true,"num":0},{"next":{"a":null,"b":0,"c":[],"d":{"_placeholder":true,"num":1},"e":{"_placeholder":true,"num":2}}},{"_placeholder":true,"num":3}]]`, "0", "1", "2", "3")},
		"not finite after bytes": {struct {
			A []byte
			B float64
		}{[]byte("a"), math.NaN()}, wire(`51-["e",{"A":{"_placeholder":true,"num":0},"B":null}]`, "a")},

		"bytes":          {[]byte("b"), wire(`51-["e",{"_placeholder":true,"num":0}]`, "b")},
		"no bytes":       {[]byte{}, wire(`51-["e",{"_placeholder":true,"num":0}]`, "")},
		"nil bytes":      {[]byte(nil), arg(`null`)},
		"named bytes":    {blob("b"), wire(`51-["e",{"_placeholder":true,"num":0}]`, "b")},
		"nil named":      {blob(nil), arg(`null`)},
		"array":          {digest{1, 2, 3, 4}, wire(`51-["e",{"_placeholder":true,"num":0}]`, "\x01\x02\x03\x04")},
		"pointer to it":  {&[]byte{'b'}, wire(`51-["e",{"_placeholder":true,"num":0}]`, "b")},
		"in any":         {report{Data: blob("b")}, wire(`51-["e",{"title":"","data":{"_placeholder":true,"num":0}}]`, "b")},
		"bytes as names": {[]any{map[digest]int{{}: 1}, blob("b")}, wire(`51-["e",[{"AAAAAA==":1},{"_placeholder":true,"num":0}]]`, "b")},
		"through method": {opener{upload{"n", []byte("b")}}, wire(`51-["e",[{"name":"n","data":{"_placeholder":true,"num":0}}]]`, "b")},
		"eleven": {[][]byte{{0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}, {9}, {10}}, wire(`511-["e",[`+strings.Join([]string{
			ph("0"), ph("1"), ph("2"), ph("3"), ph("4"), ph("5"), ph("6"), ph("7"), ph("8"), ph("9"), ph("10")}, ",")+`]]`,
			"\x00", "\x01", "\x02", "\x03", "\x04", "\x05", "\x06", "\x07", "\x08", "\x09", "\x0a")},
	} {
		t.Run(name, func(t *testing.T) {
			if got := mustEncode(t, event, test.value); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// ph is a placeholder.
func ph(num string) string { return `{"_placeholder":true,"num":` + num + `}` }

func TestEncodeHeader(t *testing.T) {
	for want, test := range map[string]struct {
		header Header
		args   []any
	}{
		`0`:                      {Header{Type: Connect}, nil},
		`0/a,`:                   {Header{Type: Connect, Namespace: "/a"}, []any{nil}},
		`0/b,{"sid":"x"}`:        {Header{Type: Connect, Namespace: "/b"}, []any{map[string]any{"sid": "x"}}},
		`1/a,`:                   {Header{Type: Disconnect, Namespace: "/a"}, nil},
		`4{"title":"","data":1}`: {Header{Type: ConnectError}, []any{report{Data: 1}}},
		`4"no"`:                  {Header{Type: ConnectError}, []any{"no"}},
		`2["a\nb"]`:              {Header{Type: Event, Event: "a\nb"}, nil},
		`2[""]`:                  {Header{Type: Event}, nil},
		`2/a,18446744073709551615["x",1,"2",null]`: {Header{Type: Event, Event: "x", Namespace: "/a", ID: math.MaxUint64, HasID: true}, []any{1, "2", nil}},
		`30[]`:       {Header{Type: Ack, HasID: true}, nil},
		`30[null]`:   {Header{Type: Ack, HasID: true}, []any{nil}},
		`3/a,7[1,2]`: {Header{Type: Ack, Namespace: "/a", ID: 7, HasID: true}, []any{1, 2}},
	} {
		if got := mustEncode(t, test.header, test.args...); got.text != want {
			t.Errorf("got %q, want %q", got.text, want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	ack := Header{Type: Ack, HasID: true}
	self := map[string]any{}
	self["self"] = self
	list := []any{nil}
	list[0] = list
	cycle := &link{}
	cycle.Next = cycle
	for name, test := range map[string]struct {
		header Header
		args   []any
		index  int
		err    error // if it is known
	}{
		"binary type":           {Header{Type: BinaryEvent, Event: "x"}, nil, -1, errHeader},
		"no ID":                 {Header{Type: Ack}, nil, -1, errHeader},
		"ID in CONNECT":         {Header{Type: Connect, HasID: true}, nil, -1, errHeader},
		"name in ACK":           {Header{Type: Ack, HasID: true, Event: "x"}, nil, -1, errHeader},
		"namespace, no slash":   {Header{Type: Connect, Namespace: "a"}, nil, -1, errHeader},
		"namespace with comma":  {Header{Type: Connect, Namespace: "/a,b"}, nil, -1, errHeader},
		"namespace, not UTF-8":  {Header{Type: Connect, Namespace: "/\xff"}, nil, -1, errHeader},
		"namespace, separator":  {Header{Type: Connect, Namespace: "/a\x1eb"}, nil, -1, errHeader},
		"reserved":              {Header{Type: Event, Event: "disconnect"}, nil, -1, errReserved},
		"DISCONNECT with data":  {Header{Type: Disconnect}, []any{1}, -1, errPayload},
		"CONNECT with two":      {Header{Type: Connect}, []any{map[string]any{}, 1}, -1, errPayload},
		"CONNECT with a list":   {Header{Type: Connect}, []any{[]any{}}, 0, errPayload},
		"CONNECT with a string": {Header{Type: Connect}, []any{"a"}, 0, errPayload},
		"CONNECT with null":     {Header{Type: Connect}, []any{(*int)(nil)}, 0, errPayload},
		"CONNECT with bytes":    {Header{Type: Connect}, []any{map[string]any{"a": []byte("x")}}, -1, errBinary},
		"channel":               {event, []any{1, make(chan int)}, 1, nil},
		"function":              {ack, []any{map[string]any{"a": []any{func() {}}}}, 0, nil},
		"complex":               {event, []any{struct{ A complex128 }{}}, 0, nil},
		"text of no number":     {event, []any{json.Number("1x")}, 0, errNumber},
		"failing":               {event, []any{"a", "b", failing{}}, 2, errFailing},
		"map within itself":     {event, []any{self}, 0, errDepth},
		"list within itself":    {event, []any{list}, 0, errDepth},
		"link within itself":    {event, []any{cycle}, 0, errDepth},
		"invalid Raw":           {event, []any{Raw{JSON: []byte(`[1`)}}, 0, errRawJSON},
		"empty Raw":             {event, []any{1, Raw{}}, 1, errRawJSON},
		"Raw of two values":     {event, []any{Raw{JSON: []byte(`1,2`)}}, 0, errRawJSON},
		"Raw, not UTF-8":        {event, []any{Raw{JSON: []byte("\"\xff\"")}}, 0, errRawUTF8},
		"Raw, bad placeholder":  {event, []any{Raw{JSON: []byte(ph("1")), Attachments: [][]byte{{}}}}, 0, nil},
		"nested Raw":            {event, []any{struct{ R Raw }{Raw{[]byte(ph("0")), [][]byte{{}}}}}, 0, errNestedRaw},
		"looks like one":        {event, []any{map[string]any{"_placeholder": true, "num": 0}, []byte("x")}, -1, errPlaceholder},
		"looks like a bad one":  {event, []any{[]byte("x"), Raw{JSON: []byte(ph("7"))}}, -1, errPlaceholder},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := encode(test.header, test.args...)
			var ee *EncodeError
			if !errors.As(err, &ee) {
				t.Fatalf("got %q, %v, want an *EncodeError", m, err)
			}
			if ee.Index != test.index || test.err != nil && !errors.Is(err, test.err) {
				t.Errorf("got %v (index %d), want %v (index %d)", err, ee.Index, test.err, test.index)
			}
			if test.index >= 0 && ee.Type != reflect.TypeOf(test.args[test.index]) {
				t.Errorf("type %v", ee.Type)
			}
		})
	}
}

// Without an attachment, data that looks like a placeholder is just data.
func TestEncodeLooksLikePlaceholder(t *testing.T) {
	got := mustEncode(t, event, Raw{JSON: []byte(ph("7"))})
	if want := arg(ph("7")); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// An encoder that failed leaves nothing behind in the pools.
func TestEncodeAfterFailure(t *testing.T) {
	for range 10 {
		if _, err := encode(event, []byte("lost"), everythingValue, failing{}); err == nil {
			t.Fatal("no error")
		}
		if got := mustEncode(t, event, everythingValue); !reflect.DeepEqual(got, everythingWire) {
			t.Fatalf("got %q", got)
		}
	}
}

// The message keeps no reference to what it was made of.
func TestEncodeCopies(t *testing.T) {
	b := []byte("before")
	var fb frame.Builder
	if err := JSON.Encode(&fb, event, []any{b}); err != nil {
		t.Fatal(err)
	}
	m := fb.Message()
	copy(b, "after!")
	if wire := string(m.WebSocket()); !strings.HasSuffix(wire, "before") {
		t.Errorf("got %q", wire)
	}
}
