package msgpack

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

type color struct{ r byte }

func (c color) MarshalJSON() ([]byte, error) { return []byte(`"#` + string('0'+c.r) + `"`), nil }

// pointy needs a pointer to be encoded.
type pointy struct{ n int }

func (p *pointy) MarshalText() ([]byte, error) { return []byte(strings.Repeat("x", p.n)), nil }

type failing struct{}

var errFailing = errors.New("failing")

func (failing) MarshalJSON() ([]byte, error) { return nil, errFailing }

// never is zero whatever it holds.
type never struct{ N int }

func (never) IsZero() bool { return true }

type always struct{ N int }

func (*always) IsZero() bool { return false }

func TestEncodeArgument(t *testing.T) {
	seven := 7
	for name, test := range map[string]struct {
		value any
		want  string
	}{
		"nil":            {nil, "c0"},
		"true":           {true, "c3"},
		"false":          {false, "c2"},
		"0":              {0, "00"},
		"127":            {127, "7f"},
		"128":            {128, "cc80"},
		"255":            {uint8(255), "ccff"},
		"256":            {int16(256), "cd0100"},
		"65535":          {uint16(65535), "cdffff"},
		"65536":          {uint32(65536), "ce00010000"},
		"2^32":           {int64(1 << 32), "cf0000000100000000"},
		"2^64-1":         {uint64(math.MaxUint64), "cfffffffffffffffff"},
		"-1":             {-1, "ff"},
		"-32":            {int8(-32), "e0"},
		"-33":            {-33, "d0df"},
		"-128":           {int32(-128), "d080"},
		"-129":           {-129, "d1ff7f"},
		"-32769":         {-32769, "d2ffff7fff"},
		"-2^31-1":        {int64(-1<<31 - 1), "d3ffffffff7fffffff"},
		"-2^63":          {int64(math.MinInt64), "d38000000000000000"},
		"least int":      {math.MinInt, map[int]string{32: "d280000000", 64: "d38000000000000000"}[strconv.IntSize]},
		"1.5":            {1.5, "cb3ff8000000000000"},
		"whole float":    {300.0, "cd012c"},
		"negative float": {-5.0, "fb"},
		"2^63":           {float64(1 << 63), "cf8000000000000000"},
		"2^64":           {float64(1 << 64), "cb43f0000000000000"},
		"-2^63 float":    {float64(-1 << 63), "d38000000000000000"},
		"-2^64":          {float64(-1 << 64), "cbc3f0000000000000"},
		"negative zero":  {math.Copysign(0, -1), "cb8000000000000000"},
		"infinity":       {math.Inf(1), "cb7ff0000000000000"},
		"float32":        {float32(0.1), "ca3dcccccd"},
		"whole float32":  {float32(2), "02"},
		"large float32":  {float32(3e38), "ca7f61b1e6"},
		"zero float32":   {float32(math.Copysign(0, -1)), "ca80000000"},
		"string":         {"é", "a2c3a9"},
		"not UTF-8":      {"a\xff\xffb", "a8 61 efbfbd efbfbd 62"},
		"31 bytes":       {strings.Repeat("a", 31), "bf" + strings.Repeat("61", 31)},
		"32 bytes":       {strings.Repeat("a", 32), "d920" + strings.Repeat("61", 32)},
		"256 bytes":      {strings.Repeat("a", 256), "da0100" + strings.Repeat("61", 256)},
		"65536 bytes":    {strings.Repeat("a", 65536), "db00010000" + strings.Repeat("61", 65536)},
		"list":           {[]any{1, "a", nil, []any{}}, "94 01 a161 c0 90"},
		"16 elements":    {make([]bool, 16), "dc0010" + strings.Repeat("c2", 16)},
		"65536 elements": {make([]bool, 65536), "dd00010000" + strings.Repeat("c2", 65536)},
		"nil list":       {[]any(nil), "90"},
		"strings":        {[]string{"a", "b"}, "92 a161 a162"},
		"array":          {[2]int{1, 2}, "92 01 02"},
		"map":            {map[string]any{"a": 1}, "81 a161 01"},
		"nil map":        {map[string]any(nil), "80"},
		"typed map":      {map[int]string{-1: "a"}, "81 a22d31 a161"},
		"unsigned names": {map[uint8]int{255: 1}, "81 a3323535 01"},
		"fraction names": {map[float64]int{1.5: 1}, "81 a3312e35 01"},
		"address names":  {map[netip.Addr]int{netip.MustParseAddr("::1"): 1}, "81 a33a3a31 01"},
		"pointer":        {&seven, "07"},
		"nil pointer":    {(*int)(nil), "c0"},
		"typed number":   {number(7), "07"},
		"numbers":        {[]number{1, 2}, "92 01 02"},
		"date":           {time.UnixMilli(1234), "d70000000000000004d2"},
		"earlier date":   {time.Unix(0, -1), "d700ffffffffffffffff"},
		"date inside":    {struct{ T []time.Time }{[]time.Time{time.UnixMilli(0).In(time.FixedZone("", 3600))}}, "81 a154 91 d7000000000000000000"},
		"bytes":          {[]byte{1, 2}, "c4020102"},
		"no bytes":       {[]byte{}, "c400"},
		"nil bytes":      {[]byte(nil), "c0"},
		"256 of them":    {make([]byte, 256), "c50100" + strings.Repeat("00", 256)},
		"65536 of them":  {make([]byte, 65536), "c600010000" + strings.Repeat("00", 65536)},
		"named bytes":    {blob{1}, "c40101"},
		"array of bytes": {digest{1, 2}, "c40401020000"},
		"pointer to it":  {&digest{1, 2}, "c40401020000"},
		"pointer, nil":   {struct{ B blob }{}, "81 a142 c0"},
		"method":         {color{1}, "a22331"},
		"pointer method": {[]pointy{{1}, {2}}, "92 a178 a27878"},
		"address":        {netip.MustParseAddr("::1"), "a33a3a31"},
		"large":          {new(big.Int).SetUint64(math.MaxUint64), "cfffffffffffffffff"},
		"larger":         {new(big.Int).Lsh(big.NewInt(1), 64), "cb43f0000000000000"},
		"raw message":    {json.RawMessage(`{"a":[1.5,-7,"é"]}`), "81 a161 93 cb3ff8000000000000 f9 a2c3a9"},
		"exact":          {json.RawMessage(`[9007199254740993,1e2,1e999,-0.5e1]`), "94 cf0020000000000001 64 cb7ff0000000000000 fb"},
		"raw":            {packet.Raw{JSON: []byte(` [1,{"_placeholder":true,"num":1}] `), Attachments: [][]byte{{1}, {2}}}, "92 01 c40102"},
		"raw inside":     {struct{ R packet.Raw }{packet.Raw{JSON: []byte(`{"num":0,"x":[{}],"_placeholder":true}`), Attachments: [][]byte{{1}}}}, "81 a152 c40101"},
		"raw, data":      {packet.Raw{JSON: []byte(`{"_placeholder":true,"num":0}`)}, "82 ac5f706c616365686f6c646572 c3 a36e756d 00"},
		"surrogates":     {json.RawMessage(`"\ud83d\ude00\u00e9"`), "a6 f09f9880 c3a9"},

		"struct": {struct {
			A int    `json:"a"`
			B string // no tag
			C int    `json:"-"`
			d int
		}{1, "x", 3, 4}, "82 a161 01 a142 a178"},
		"no fields": {struct{}{}, "80"},
		"omitted": {struct {
			A int            `json:"a,omitzero"`
			B string         `json:"b,omitempty"`
			C []int          `json:"c,omitempty"`
			D map[string]any `json:",omitempty"`
			E *int           `json:"e,omitempty"`
			F any            `json:"f,omitempty"`
			G never          `json:"g,omitzero"`
			H []byte         `json:"h,omitzero"`
			I *never         `json:"i,omitzero"`
			J struct{}       `json:"j,omitempty"`
			K time.Time      `json:"k,omitzero"`
		}{G: never{1}, F: map[string]any{}}, "80"},
		"not omitted": {struct {
			A int    `json:"a,omitempty"`
			B string `json:"b,omitzero"`
			C []int  `json:"c,omitzero"`
			D always `json:"d,omitzero"`
			E []byte `json:"e,omitempty"`
			F any    `json:"f,omitzero"`
		}{B: "x", C: []int{}, E: []byte{}, F: 0}, "86 a161 00 a162 a178 a163 90 a164 81 a14e 00 a165 c400 a166 00"},
		"sixteen fields": {[]any{sixteen{A: 1}}, "91 de0010 a141 01" + fieldsOfSixteen("BCDEFGHIJKLMNOP")},
		"some of them":   {some{A: 1}, "81 a141 01"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, want := mustEncode(t, testEvent, test.value), arg(t, test.want); !bytes.Equal(got, want) {
				t.Errorf("got  %x\nwant %x", got, want)
			}
		})
	}
}

type sixteen struct{ A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P int }

func fieldsOfSixteen(names string) (hex string) {
	for _, name := range []byte(names) {
		hex += "a1" + string("0123456789abcdef"[name>>4]) + string("0123456789abcdef"[name&15]) + "00"
	}
	return hex
}

type some struct {
	A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P int `json:",omitzero"`
}

// link can hold itself.
type link struct {
	Next any `json:"next"`
}

type chain struct{ Next *chain }

func TestEncodeRefuses(t *testing.T) {
	self := map[string]any{}
	self["self"] = self
	list := []any{nil}
	list[0] = list
	cycle := &link{}
	cycle.Next = cycle
	ring := &chain{}
	ring.Next = ring
	for name, test := range map[string]struct {
		args  []any
		index int
		err   error // if it is known
	}{
		"function":            {[]any{1, func() {}}, 1, nil},
		"channel inside":      {[]any{[]chan int{nil}}, 0, nil},
		"complex":             {[]any{struct{ A complex128 }{}}, 0, nil},
		"failing":             {[]any{"a", []any{failing{}}}, 1, errFailing},
		"map within itself":   {[]any{self}, 0, errDepth},
		"list within itself":  {[]any{list}, 0, errDepth},
		"link within itself":  {[]any{cycle}, 0, errDepth},
		"chain within itself": {[]any{ring}, 0, errDepth},
		"date":                {[]any{time.Date(300000, 1, 1, 0, 0, 0, 0, time.UTC)}, 0, errDate},
		"invalid Raw":         {[]any{packet.Raw{JSON: []byte(`[1`)}}, 0, errRaw},
		"empty Raw":           {[]any{packet.Raw{}}, 0, errRaw},
		"Raw of two values":   {[]any{packet.Raw{JSON: []byte(`1 2`)}}, 0, errRaw},
		"Raw, not UTF-8":      {[]any{packet.Raw{JSON: []byte("\"\xff\"")}}, 0, errRaw},
		"Raw, placeholder":    {[]any{packet.Raw{JSON: []byte(`{"_placeholder":true,"num":1}`), Attachments: [][]byte{{}}}}, 0, nil},
		"Raw, too deep":       {[]any{packet.Raw{JSON: []byte(strings.Repeat("[", 1001) + strings.Repeat("]", 1001))}}, 0, errDepth},
		"two embedded":        {[]any{ambiguous{}}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := encode(testEvent, test.args...)
			var ee *packet.EncodeError
			if !errors.As(err, &ee) {
				t.Fatalf("got %x, %v, want an *packet.EncodeError", b, err)
			}
			if ee.Index != test.index || test.err != nil && !errors.Is(err, test.err) || ee.Type != reflect.TypeOf(test.args[test.index]) {
				t.Errorf("got %v (index %d, type %v), want %v (index %d)", err, ee.Index, ee.Type, test.err, test.index)
			}
			// Nothing is left behind in the pool.
			if got, want := mustEncode(t, testEvent, 1), arg(t, "01"); !bytes.Equal(got, want) {
				t.Errorf("afterwards %x", got)
			}
		})
	}
}

// ambiguous has two fields of the same name, which the JSON library refuses.
type ambiguous struct {
	A int `json:"B"`
	B int
}

// Arguments of other packets are passed on whole, among others and from either codec.
func TestPassOn(t *testing.T) {
	values := []any{map[string]any{"b": []byte("two")}, "s", int64(9007199254740993), []any{[]byte("one"), nil, 1.5}}
	want := append(append([]any{"first"}, values...), []byte("last"))
	for name, codec := range map[string]packet.Codec{"MessagePack": Codec, "JSON": packet.JSON} {
		args := through(t, codec, values...)
		for to, other := range map[string]packet.Codec{"MessagePack": Codec, "JSON": packet.JSON} {
			t.Run(name+" to "+to, func(t *testing.T) {
				passed := through(t, other, "first", event.NewArgs(args, nil), packet.Args{}, []byte("last"))
				if got, want := decoded(t, passed), decoded(t, through(t, other, want...)); !reflect.DeepEqual(got, want) {
					t.Errorf("got  %#v\nwant %#v", got, want)
				}
				var n int64
				if err := passed.Decode(3, &n); err != nil || n != 9007199254740993 {
					t.Errorf("large number: %d, %v", n, err)
				}
			})
		}
	}
}

// What JSON has no form for cannot be passed on as JSON.
func TestPassOnToJSONFails(t *testing.T) {
	lookalike := mustDecode(t, arg(t, "92 c40101 82 ac5f706c616365686f6c646572 c3 a36e756d 00")).Args
	date := mustDecode(t, arg(t, "d7007fffffffffffffff")).Args
	for _, args := range []packet.Args{lookalike, date} {
		var ee *packet.EncodeError
		if m, err := encodeBy(packet.JSON, testEvent, args); !errors.As(err, &ee) {
			t.Errorf("got %v, %v, want an *packet.EncodeError", m, err)
		}
		if _, err := encode(testEvent, args); err != nil {
			t.Errorf("as MessagePack: %v", err)
		}
	}
}

// foreign stands for the arguments of a packet that came through a third codec.
type foreign []any

func (f foreign) Len() int                      { return len(f) }
func (f foreign) Decode(int, any) error         { return errFailing }
func (f foreign) Raw(i int) (packet.Raw, error) { return packet.NewRaw(f[i]) }
func (f foreign) Size() int                     { return 0 }

func TestPassOnForeign(t *testing.T) {
	args := packet.NewArgs(foreign{1, []byte("b")})
	if got, want := mustEncode(t, testEvent, args), mustEncode(t, testEvent, 1, []byte("b")); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	if b, err := encode(testEvent, packet.NewArgs(foreign{failing{}})); !errors.Is(err, errFailing) {
		t.Errorf("got %x, %v", b, err)
	}
}

// The message keeps no reference to what it was made of, nor to the pool.
func TestEncodeCopies(t *testing.T) {
	b := []byte("before")
	var fb frame.Builder
	if err := Codec.Encode(&fb, testEvent, []any{b}); err != nil {
		t.Fatal(err)
	}
	m := fb.Message()
	copy(b, "after!")
	mustEncode(t, testEvent, "overwritten")
	if wire := string(m.WebSocket()); !strings.HasSuffix(wire, "before") {
		t.Errorf("got %q", wire)
	}
	if payload := m.AppendPolling(nil); bytes.IndexByte(payload, frame.Separator) >= 0 {
		t.Errorf("several messages: %q", payload)
	}
}
