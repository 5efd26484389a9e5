package msgpack

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/go-socketio/socketio/packet"
)

// decodeTo decodes the only argument, given in hexadecimal, into a new T.
func decodeTo[T any](hex string) func(testing.TB) (any, error) {
	return func(t testing.TB) (any, error) {
		var v T
		err := mustDecode(t, arg(t, hex)).Args.Decode(0, &v)
		return v, err
	}
}

var (
	moment = time.Date(2024, 5, 6, 7, 8, 9, 120e6, time.UTC)
	longST = strings.Repeat("long ", 200)
)

func TestDecodeArgument(t *testing.T) {
	type point struct {
		X int    `json:"x"`
		Y string `json:"y"`
	}
	for name, test := range map[string]struct {
		decode func(testing.TB) (any, error)
		want   any
	}{
		"string":          {decodeTo[string]("a161"), "a"},
		"empty string":    {decodeTo[string]("a0"), ""},
		"null string":     {decodeTo[string]("c0"), ""},
		"undefined":       {decodeTo[string]("d40000"), ""},
		"named string":    {decodeTo[name]("a161"), name("a")},
		"true":            {decodeTo[bool]("c3"), true},
		"null bool":       {decodeTo[bool]("c0"), false},
		"int":             {decodeTo[int]("d0f4"), -12},
		"int8":            {decodeTo[int8]("d080"), int8(-128)},
		"smallest int64":  {decodeTo[int64]("d38000000000000000"), int64(math.MinInt64)},
		"beyond 2^53":     {decodeTo[int64]("cf0020000000000001"), int64(1<<53 + 1)},
		"largest uint64":  {decodeTo[uint64]("cfffffffffffffffff"), uint64(math.MaxUint64)},
		"positive int8":   {decodeTo[uint]("d07f"), uint(127)},
		"int from float":  {decodeTo[int]("cb4008000000000000"), 3},
		"uint from float": {decodeTo[uint8]("ca40400000"), uint8(3)},
		"float":           {decodeTo[float64]("cbbff4000000000000"), -1.25},
		"float32":         {decodeTo[float32]("ca3dcccccd"), float32(0.1)},
		"float from int":  {decodeTo[float64]("fb"), -5.0},
		"float from uint": {decodeTo[float64]("ccff"), 255.0},
		"infinity":        {decodeTo[float64]("cbfff0000000000000"), math.Inf(-1)},
		"infinity, 32":    {decodeTo[float32]("ca7f800000"), float32(math.Inf(1))},
		"null float":      {decodeTo[float64]("c0"), 0.0},
		"null pointer":    {decodeTo[*int]("c0"), (*int)(nil)},
		"any infinity":    {decodeTo[any]("cb7ff0000000000000"), math.Inf(1)},
		"any numbers":     {decodeTo[any]("94 01 ff cb3ff8000000000000 ca3fc00000"), []any{1.0, -1.0, 1.5, 1.5}},
		"any tree": {decodeTo[any]("82 a161 94 01 c3 80 90 a162 c0"),
			map[string]any{"a": []any{1.0, true, map[string]any{}, []any{}}, "b": nil}},
		"any, undefined member":   {decodeTo[any]("82 a161 d40000 a162 d40000"), map[string]any{}},
		"any, undefined element":  {decodeTo[any]("92 d40000 01"), []any{nil, 1.0}},
		"any, numbers as names":   {decodeTo[any]("83 01 a161 ff a162 cd0100 a163"), map[string]any{"1": "a", "-1": "b", "256": "c"}},
		"any, last name counts":   {decodeTo[any]("82 a161 81 a178 01 a161 81 a179 02"), map[string]any{"a": map[string]any{"y": 2.0}}},
		"any, other extension":    {decodeTo[any]("d505 0102"), []any{5.0, []byte{1, 2}}},
		"any, negative extension": {decodeTo[any]("c701fe07"), []any{-2.0, []byte{7}}},
		"map":                     {decodeTo[map[string]any]("81 a161 01"), map[string]any{"a": 1.0}},
		"null map":                {decodeTo[map[string]any]("c0"), map[string]any(nil)},
		"map of numbers":          {decodeTo[map[string]int]("82 a161 01 a162 d40000"), map[string]int{"a": 1}},
		"numbers as names":        {decodeTo[map[int]string]("82 02 a161 a22d33 a162"), map[int]string{2: "a", -3: "b"}},
		"unsigned names":          {decodeTo[map[uint8]bool]("81 a3323535 c3"), map[uint8]bool{255: true}},
		"fractions as names":      {decodeTo[map[float64]int]("81 a3312e35 07"), map[float64]int{1.5: 7}},
		"list":                    {decodeTo[[]int]("93 01 02 cd0100"), []int{1, 2, 256}},
		"empty list":              {decodeTo[[]int]("90"), []int{}},
		"null list":               {decodeTo[[]int]("c0"), []int(nil)},
		"null element":            {decodeTo[[]int]("92 c0 01"), []int{0, 1}},
		"array":                   {decodeTo[[2]string]("92 a161 a162"), [2]string{"a", "b"}},
		"null array":              {decodeTo[[2]string]("c0"), [2]string{}},
		"struct":                  {decodeTo[point]("83 a179 a161 a17a 91 81 a0 c0 a178 07"), point{7, "a"}},
		"null struct":             {decodeTo[point]("c0"), point{}},
		"undefined field":         {decodeTo[point]("82 a178 d40000 a179 a161"), point{0, "a"}},
		"numbers as text": {decodeTo[json.RawMessage]("95 cb7fefffffffffffff cb3e7ad7f29abcaf48 cb444b1ae4d6e2ef50 cbfff0000000000000 d38000000000000000"),
			json.RawMessage(`[1.7976931348623157e+308,1e-7,1e+21,null,-9223372036854775808]`)},
		"raw message": {decodeTo[json.RawMessage]("81 a161 92 01 cb3fb999999999999a"), json.RawMessage(`{"a":[1,0.1]}`)},

		"bytes":                {decodeTo[[]byte]("c4020102"), []byte{1, 2}},
		"no bytes":             {decodeTo[[]byte]("c400"), []byte{}},
		"null bytes":           {decodeTo[[]byte]("c0"), []byte(nil)},
		"Uint8Array":           {decodeTo[[]byte]("c702000102"), []byte{1, 2}},
		"Uint8Array of one":    {decodeTo[[]byte]("c7010007"), []byte{7}},
		"Uint8Array of eight":  {decodeTo[[]byte]("c708000102030405060708"), []byte{1, 2, 3, 4, 5, 6, 7, 8}},
		"Uint8Array, 16 bits":  {decodeTo[[]byte]("c80002000102"), []byte{1, 2}},
		"Uint8Array, 32 bits":  {decodeTo[[]byte]("c900000002000102"), []byte{1, 2}},
		"bytes, 16 bits":       {decodeTo[[]byte]("c500020102"), []byte{1, 2}},
		"bytes, 32 bits":       {decodeTo[[]byte]("c6000000020102"), []byte{1, 2}},
		"extension of 4 bytes": {decodeTo[[]byte]("d60001020304"), []byte{1, 2, 3, 4}},
		"named bytes":          {decodeTo[blob]("c4020102"), blob{1, 2}},
		"array of bytes":       {decodeTo[digest]("c40401020304"), digest{1, 2, 3, 4}},
		"base64":               {decodeTo[[]byte]("a441514944"), []byte{1, 2, 3}},
		"any bytes":            {decodeTo[any]("91c4020102"), []any{[]byte{1, 2}}},
		"bytes by way of JSON": {decodeTo[map[float64][]byte]("81 a130 c4020102"), map[float64][]byte{0: {1, 2}}},
		"no placeholder":       {decodeTo[map[float64]any]("81 a130 82 ac5f706c616365686f6c646572 c3 a36e756d 00"), map[float64]any{0: map[string]any{"_placeholder": true, "num": 0.0}}},

		"date":               {decodeTo[time.Time]("d70000000000000004d2"), time.UnixMilli(1234).UTC()},
		"date before 1970":   {decodeTo[time.Time]("d700fffffffffffffb2e"), time.UnixMilli(-1234).UTC()},
		"any date":           {decodeTo[any]("d70000000000000004d2"), time.UnixMilli(1234).UTC()},
		"date as text":       {decodeTo[string]("d70000000000000004d2"), "1970-01-01T00:00:01.234Z"},
		"timestamp 32":       {decodeTo[time.Time]("d6ff00000001"), time.Unix(1, 0).UTC()},
		"timestamp 64":       {decodeTo[time.Time]("d7ff37e0ff2000000001"), time.Unix(1, 234373064).UTC()},
		"timestamp 96":       {decodeTo[time.Time]("c70cff00000007ffffffffffffffff"), time.Unix(-1, 7).UTC()},
		"any timestamp":      {decodeTo[any]("d6ff00000001"), time.Unix(1, 0).UTC()},
		"text as date":       {decodeTo[time.Time]("b8323032342d30352d30365430373a30383a30392e3132305a"), moment},
		"null date":          {decodeTo[time.Time]("c0"), time.Time{}},
		"date far away":      {decodeTo[string]("d700001eb208c2dc0000"), "+275760-09-13T00:00:00.000Z"},
		"nanoseconds":        {decodeTo[string]("d7ff0000000400000000"), "1970-01-01T00:00:00.000000001Z"},
		"date with a method": {decodeTo[unix]("d70000000000000004d2"), unix(1)},
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

type (
	name   string
	blob   []byte
	digest [4]byte
	number uint8
	unix   int64 // decodes itself from the text of a date
)

func (u *unix) UnmarshalText(b []byte) error {
	date, err := time.Parse(time.RFC3339, string(b))
	*u = unix(date.Unix())
	return err
}

func TestDecodeArgumentFails(t *testing.T) {
	for name, test := range map[string]struct {
		decode func(testing.TB) (any, error)
		typ    reflect.Type
	}{
		"string from number":      {decodeTo[string]("01"), reflect.TypeFor[string]()},
		"int from string":         {decodeTo[int]("a131"), reflect.TypeFor[int]()},
		"int from fraction":       {decodeTo[int]("cb3ff8000000000000"), reflect.TypeFor[int]()},
		"int too large":           {decodeTo[int64]("cf8000000000000000"), reflect.TypeFor[int64]()},
		"int8 too large":          {decodeTo[int8]("cc80"), reflect.TypeFor[int8]()},
		"uint from negative":      {decodeTo[uint]("ff"), reflect.TypeFor[uint]()},
		"float32 too large":       {decodeTo[float32]("cb7fefffffffffffff"), reflect.TypeFor[float32]()},
		"bool from number":        {decodeTo[bool]("01"), reflect.TypeFor[bool]()},
		"map from list":           {decodeTo[map[string]int]("90"), reflect.TypeFor[map[string]int]()},
		"list from map":           {decodeTo[[]int]("80"), reflect.TypeFor[[]int]()},
		"struct from list":        {decodeTo[struct{ A int }]("90"), reflect.TypeFor[struct{ A int }]()},
		"field":                   {decodeTo[struct{ A int }]("81 a141 a161"), reflect.TypeFor[struct{ A int }]()},
		"array too short":         {decodeTo[[2]int]("93 01 02 03"), reflect.TypeFor[[2]int]()},
		"array too long":          {decodeTo[[2]int]("91 01"), reflect.TypeFor[[2]int]()},
		"name not a number":       {decodeTo[map[int]int]("81 a161 01"), reflect.TypeFor[map[int]int]()},
		"name too large":          {decodeTo[map[int8]int]("81 cc80 01"), reflect.TypeFor[map[int8]int]()},
		"value of a map":          {decodeTo[map[string]int]("81 a161 a161"), reflect.TypeFor[map[string]int]()},
		"bytes from a list":       {decodeTo[[]byte]("91 01"), reflect.TypeFor[[]byte]()},
		"bytes from bad base64":   {decodeTo[[]byte]("a12a"), reflect.TypeFor[[]byte]()},
		"array of another length": {decodeTo[digest]("c403010203"), reflect.TypeFor[digest]()},
		"string from bytes":       {decodeTo[string]("c40101"), reflect.TypeFor[string]()},
		"bytes from extension":    {decodeTo[[]byte]("d5050102"), reflect.TypeFor[[]byte]()},
		"channel":                 {decodeTo[chan int]("01"), reflect.TypeFor[chan int]()},
		"any date":                {decodeTo[any]("d7007fffffffffffffff"), reflect.TypeFor[any]()},
		"date":                    {decodeTo[time.Time]("d7008000000000000000"), reflect.TypeFor[time.Time]()},
		"date by way of JSON":     {decodeTo[string]("d7008000000000000000"), reflect.TypeFor[string]()},
		"timestamp, nanoseconds":  {decodeTo[time.Time]("d7ffffffffff00000001"), reflect.TypeFor[time.Time]()},
		"timestamp, length":       {decodeTo[time.Time]("d5ff0000"), reflect.TypeFor[time.Time]()},
		"timestamp, range":        {decodeTo[time.Time]("c70cff000000007fffffffffffffff"), reflect.TypeFor[time.Time]()},
		"placeholder": {decodeTo[json.RawMessage]("92 c40101 82 ac5f706c616365686f6c646572 c3 a36e756d 00"),
			reflect.TypeFor[json.RawMessage]()},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.decode(t)
			var de *packet.DecodeError
			if !errors.As(err, &de) || de.Index != 0 || de.Type != test.typ || de.Err == nil {
				t.Errorf("got %#v, %v, want a *packet.DecodeError for %v", got, err, test.typ)
			}
		})
	}
}

func TestDecodeTargets(t *testing.T) {
	args := mustDecode(t, arg(t, "a161")).Args
	for name, dst := range map[string]any{
		"nil": nil, "no pointer": "a", "nil *string": (*string)(nil), "nil *any": (*any)(nil), "nil *[]byte": (*[]byte)(nil),
		"nil *int": (*int)(nil), "nil *struct": (*struct{})(nil),
	} {
		t.Run(name, func(t *testing.T) {
			var de *packet.DecodeError
			if err := args.Decode(0, dst); !errors.As(err, &de) {
				t.Errorf("error %v, want a *packet.DecodeError", err)
			}
		})
	}
}

// Decoding into a map that has members adds to them, and into those of the same
// name; into an any it does not. What JSON does is the measure.
func TestDecodeMerges(t *testing.T) {
	type inner struct{ A, B int }
	type outer struct {
		M map[string]inner
		P *inner
		L []inner
		V any
	}
	value := map[string]any{
		"M": map[string]any{"x": map[string]any{"B": 2}, "z": map[string]any{"A": 9}},
		"P": map[string]any{"B": 2},
		"L": []any{map[string]any{"B": 2}},
		"V": map[string]any{"b": 2},
	}
	old := func() outer {
		return outer{
			M: map[string]inner{"x": {A: 1, B: 1}, "y": {A: 1}},
			P: &inner{A: 1, B: 1},
			L: []inner{{A: 1, B: 1}, {A: 1}},
			V: map[string]any{"a": 1},
		}
	}
	got, want := old(), old()
	if err := through(t, Codec, value).Decode(0, &got); err != nil {
		t.Fatal(err)
	}
	if err := through(t, packet.JSON, value).Decode(0, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) || got.M["x"] != (inner{1, 2}) || len(got.V.(map[string]any)) != 1 {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// The memory of a message must not be used to decode something else into, nor be
// appended to.
func TestDecodeLeavesMessageAlone(t *testing.T) {
	t.Run("[]byte", leavesMessageAlone[[]byte])
	t.Run("named", leavesMessageAlone[blob])
}

func leavesMessageAlone[B ~[]byte](t *testing.T) {
	message := mustEncode(t, testEvent, bytes.Repeat([]byte("x"), 1000), "AAAA")
	before := bytes.Clone(message)
	p := mustDecode(t, message)
	var b B
	for i := range 2 {
		if err := p.Args.Decode(i, &b); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Args.Decode(0, &b); err != nil {
		t.Fatal(err)
	}
	if b = append(b, '!'); !bytes.Equal(message, before) || len(b) != 1001 {
		t.Errorf("the message is now %q", message)
	}
}

// A string, or bytes, share the memory of the message only if they are most of it.
func TestSharing(t *testing.T) {
	shares := func(p, start unsafe.Pointer, length int) bool {
		return uintptr(p) >= uintptr(start) && uintptr(p) < uintptr(start)+uintptr(length)
	}
	large := strings.Repeat("x", 1000)
	for name, test := range map[string]struct {
		args []any
		room int
		want bool
	}{
		"large":                   {[]any{large, []byte("b")}, 0, true},
		"small":                   {[]any{"small", []byte("b")}, 0, false},
		"one of three":            {[]any{large, []byte(large), large}, 0, false},
		"in a much larger buffer": {[]any{large, []byte("b")}, 4000, false},
		"large bytes":             {[]any{"a", []byte(large)}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			message := mustEncode(t, testEvent, test.args...)
			message = append(make([]byte, 0, len(message)+test.room), message...)
			args := mustDecode(t, message).Args
			var s string
			var b []byte
			if err := errors.Join(args.Decode(0, &s), args.Decode(1, &b)); err != nil {
				t.Fatal(err)
			}
			start := unsafe.Pointer(unsafe.SliceData(message))
			got := shares(unsafe.Pointer(unsafe.StringData(s)), start, cap(message)) || shares(unsafe.Pointer(unsafe.SliceData(b)), start, cap(message))
			if got != test.want {
				t.Errorf("shares: %v", got)
			}
		})
	}
}

func TestDecodeLongString(t *testing.T) {
	for _, codec := range []packet.Codec{Codec, packet.JSON} {
		var got string
		if err := through(t, codec, longST).Decode(0, &got); err != nil || got != longST {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestDecodeIntoRaw(t *testing.T) {
	data, err := encode(testEvent, map[string]any{"a": []any{1, []byte{2}}}, "s")
	if err != nil {
		t.Fatal(err)
	}
	args := mustDecode(t, data).Args
	var whole packet.Raw
	var within struct {
		A packet.Raw `json:"a"`
	}
	var list map[string]packet.Raw
	for _, dst := range []any{&whole, &within, &list} {
		if err := args.Decode(0, dst); err != nil {
			t.Fatalf("%T: %v", dst, err)
		}
	}
	if string(whole.JSON) != `{"a":[1,{"_placeholder":true,"num":0}]}` || len(whole.Attachments) != 1 {
		t.Errorf("whole: %q, %q", whole.JSON, whole.Attachments)
	}
	for _, part := range []packet.Raw{within.A, list["a"]} {
		if string(part.JSON) != `[1,{"_placeholder":true,"num":0}]` || len(part.Attachments) != 1 {
			t.Errorf("part: %q, %q", part.JSON, part.Attachments)
		}
	}
}
