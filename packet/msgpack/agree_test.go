package msgpack

import (
	"encoding/json"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/packet"
)

type (
	base struct {
		ID    int    `json:"id"`
		Title string // hidden by the outer one
	}
	Public struct {
		Shared []byte `json:"shared,omitempty"`
		Deep   *deeper
	}
	deeper struct {
		base
		Self *deeper `json:"self,omitempty"`
	}
	private struct{ P int }
	tagged  struct {
		X int `json:"Name"`
	}
	untagged struct{ Name, Other int }
	again    struct{ Other int }
	tags     struct {
		Number int64          `json:"number,string"`
		Case   string         `json:"case,case:ignore"`
		Bytes  []byte         `json:"bytes"`
		Rest   map[string]any `json:",embed"`
	}
	everything struct {
		base
		*Public
		Title   string            `json:"title"`
		Plain   []byte            `json:"plain"`
		Named   blob              `json:"named"`
		Array   digest            `json:"array"`
		Pointer *[]byte           `json:"pointer"`
		Map     map[string][]byte `json:"map"`
		List    []blob            `json:"list"`
		Any     any               `json:"any"`
		Numbers []number          `json:"numbers"`
		Address netip.Addr        `json:"address"`
		When    time.Time         `json:"when"`
		Large   uint64            `json:"large"`
		Float   float32           `json:"float"`
		Empty   []int             `json:"empty,omitempty"`
		Zero    *deeper           `json:"zero,omitzero"`
		Tags    tags              `json:"tags"`
		Raw     json.RawMessage   `json:"raw"`
		Skipped []byte            `json:"-"`
		Names   map[name]int      `json:"names"`
		Matrix  [2][2]float64     `json:"matrix"`
	}
)

func everythingValue() everything {
	return everything{
		base:    base{ID: 7, Title: "inner"},
		Public:  &Public{Shared: []byte("shared"), Deep: &deeper{base: base{ID: 8}, Self: &deeper{}}},
		Title:   "outer",
		Plain:   []byte("plain"),
		Named:   blob("named"),
		Array:   digest{1, 2, 3, 4},
		Pointer: &[]byte{'p'},
		Map:     map[string][]byte{"k": []byte("map")},
		List:    []blob{blob("l0"), nil, blob("l2")},
		Any:     []any{[]byte("any"), map[string]any{"x": []byte("deep"), "é": "\"\n"}, 1.5, -7.0, true, nil},
		Numbers: []number{1, 2},
		Address: netip.MustParseAddr("::1"),
		When:    moment,
		Large:   1<<64 - 1,
		Float:   0.1,
		Tags:    tags{Number: 1 << 60, Case: "c", Bytes: []byte("tags"), Rest: map[string]any{"more": []byte("rest")}},
		Raw:     json.RawMessage(`{"a":[1,"b"]}`),
		Skipped: nil,
		Names:   map[name]int{"n": 1},
		Matrix:  [2][2]float64{{1, 2.5}, {-3, 1e300}},
	}
}

var agreeValues = map[string]any{
	"everything":     everythingValue(),
	"zero of it":     everything{Public: &Public{}},
	"pointer":        &base{ID: 1},
	"list":           []any{1, "a", nil, 2.5, []any{}, map[string]any{}},
	"map of structs": map[string]deeper{"a": {Self: &deeper{base: base{ID: 1}}}},
	"map of maps":    map[int]map[string][]int{1: {"a": {1, 2}}, -2: nil},
	"map of any":     map[string]any{"a": []string{"x"}, "b": blob("b"), "c": base{ID: 3}},
	"large":          []int64{1<<53 + 1, -1 << 63, 1<<63 - 1},
	"unsigned":       []uint64{0, 1<<64 - 1},
	"small floats":   []float32{0.1, 1.5, -2.5e5},
	"floats":         []float64{0.1, 1e-300, 1e300, 1 << 60, 123456789.5},
	"text":           []string{"", "é", "\x00\"\\", strings.Repeat("long", 100), "a\xffb"},
	"big":            *new(big.Int).Lsh(big.NewInt(3), 62),
	"time":           moment,
	"times":          map[string]time.Time{"t": moment},
	"options":        tags{Bytes: []byte{}, Rest: map[string]any{"x": 1.0}},
	"private":        struct{ private }{private{1}},
	"number texts":   map[json.Number][]json.Number{"1": {"1", "-2.5", "1e+300"}},
	"addresses":      []netip.Addr{netip.MustParseAddr("10.0.0.1")},
	"pairs":          [][2]string{{"a", "b"}},
	"pointers":       []*int{nil, new(int)},
	"bytes":          [][]byte{{}, nil, {1}},
	"none":           struct{}{},
	"tag decides": struct {
		untagged
		tagged
	}{untagged{1, 2}, tagged{3}},
	"nothing decides": struct {
		untagged
		again
	}{untagged{Name: 1}, again{}},
}

// A value that goes through both codecs arrives the same, in its own type, and as an
// any except for what JSON has no form for.
func TestAgreesWithJSON(t *testing.T) {
	for name, v := range agreeValues {
		t.Run(name, func(t *testing.T) {
			viaJSON, viaThis := through(t, packet.JSON, v), through(t, Codec, v)
			want, got := reflect.New(reflect.TypeOf(v)), reflect.New(reflect.TypeOf(v))
			if err := viaJSON.Decode(0, want.Interface()); err != nil {
				t.Fatal(err)
			}
			if err := viaThis.Decode(0, got.Interface()); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Interface(), want.Interface()) {
				t.Errorf("got  %+v\nwant %+v", got.Elem(), want.Elem())
			}
			var gotAny, wantAny any
			if err := viaJSON.Decode(0, &wantAny); err != nil {
				t.Fatal(err)
			}
			if err := viaThis.Decode(0, &gotAny); err != nil {
				t.Fatal(err)
			}
			if gotAny = textual(gotAny); !reflect.DeepEqual(gotAny, wantAny) {
				t.Errorf("as any: got  %#v\nwant %#v", gotAny, wantAny)
			}
			if raw, want := viaThis.Raw(0), viaJSON.Raw(0); (raw == nil) != (len(viaJSON.Attachments()) > 0) {
				t.Errorf("as text: %s, want %s", raw, want)
			}
		})
	}
}

// textual turns what JSON has no form for into the form it has there: dates into
// text, and the digits of a float32 into those of its shortest text.
func textual(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case float64:
		if f := float32(v); float64(f) == v && v != math.Trunc(v) {
			var short float64
			text, _ := json.Marshal(f)
			if json.Unmarshal(text, &short) == nil {
				return short
			}
		}
	case []any:
		for i := range v {
			v[i] = textual(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = textual(v[name])
		}
	}
	return v
}

// The same types fail to be encoded, or decoded into.
func TestAgreesInFailing(t *testing.T) {
	type Recursive struct{ *Recursive }
	for name, v := range map[string]any{
		"same names":       ambiguous{},
		"embedded pointer": struct{ *private }{&private{1}},
		"no fields":        struct{ a int }{1},
		"recursive":        Recursive{},
		"duration":         time.Second,
		"durations":        []time.Duration{1},
		"number text":      json.Number("1x"),
		"interface":        []error{nil},
		"channel":          make(chan int),
		"embedded method":  struct{ color }{color{1}},
		"pointer names":    map[*int]int{nil: 1},
		"bool names":       map[bool]int{true: 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, errJSON := encodeBy(packet.JSON, testEvent, v)
			_, err := encode(testEvent, v)
			if (err == nil) != (errJSON == nil) {
				t.Errorf("encode: %v, JSON: %v", err, errJSON)
			}
			value := map[string]any{"P": 1, "true": 1}
			for _, value := range []any{value, 1, "1s", []any{1}} {
				got, want := reflect.New(reflect.TypeOf(v)), reflect.New(reflect.TypeOf(v))
				errJSON = through(t, packet.JSON, value).Decode(0, want.Interface())
				err = through(t, Codec, value).Decode(0, got.Interface())
				if (err == nil) != (errJSON == nil) || err == nil && !reflect.DeepEqual(got.Interface(), want.Interface()) {
					t.Errorf("decode %v: %v, %v, JSON: %v, %v", value, got.Elem(), err, want.Elem(), errJSON)
				}
			}
		})
	}
}
