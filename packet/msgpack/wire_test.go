package msgpack

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/packet"
)

// wirePackets are packets as the official parser writes them.
var wirePackets = []struct {
	name   string
	wire   string
	header packet.Header
	args   []any
}{
	{"connect", "83 a474797065 00 a464617461 d40000 a36e7370 a12f", packet.Header{Type: packet.Connect, Namespace: "/"}, nil},
	{"connect with auth", "83 a474797065 00 a464617461 81 a5746f6b656e a178 a36e7370 a62f61646d696e",
		packet.Header{Type: packet.Connect, Namespace: "/admin"}, []any{map[string]any{"token": "x"}}},
	{"reply", "83 a474797065 00 a464617461 82 a3736964 a3616263 a3706964 d40000 a36e7370 a12f",
		packet.Header{Type: packet.Connect, Namespace: "/"}, []any{map[string]any{"sid": "abc"}}},
	{"disconnect", "82 a474797065 01 a36e7370 a62f61646d696e", packet.Header{Type: packet.Disconnect, Namespace: "/admin"}, nil},
	{"event", "84 a474797065 02 a464617461 92 a3666f6f 01 a76f7074696f6e73 81 a8636f6d7072657373 c3 a36e7370 a12f",
		packet.Header{Type: packet.Event, Namespace: "/", Event: "foo"}, []any{1.0}},
	{"event with id", "85 a474797065 02 a464617461 91 a3666f6f a76f7074696f6e73 81 a8636f6d7072657373 c3 a26964 0c a36e7370 a62f61646d696e",
		packet.Header{Type: packet.Event, Namespace: "/admin", Event: "foo", ID: 12, HasID: true}, nil},
	{"ack", "84 a474797065 03 a26964 0c a464617461 93 a161 c0 81 a162 01 a36e7370 a12f",
		packet.Header{Type: packet.Ack, Namespace: "/", ID: 12, HasID: true}, []any{"a", nil, map[string]any{"b": 1.0}}},
	{"refusal", "83 a474797065 04 a36e7370 a42f666f6f a464617461 81 a76d657373616765 b1496e76616c6964206e616d657370616365",
		packet.Header{Type: packet.ConnectError, Namespace: "/foo"}, []any{map[string]any{"message": "Invalid namespace"}}},
	{"refusal by text", "83 a474797065 04 a36e7370 a12f a464617461 a36e6f32", packet.Header{Type: packet.ConnectError, Namespace: "/"}, []any{"no2"}},
	{"Buffer", "83 a474797065 02 a36e7370 a12f a464617461 92 a162 c4020102", packet.Header{Type: packet.Event, Namespace: "/", Event: "b"}, []any{[]byte{1, 2}}},
	{"Uint8Array", "83 a474797065 02 a36e7370 a12f a464617461 92 a162 c702000102", packet.Header{Type: packet.Event, Namespace: "/", Event: "b"}, []any{[]byte{1, 2}}},
	{"Uint8Array of one", "83 a474797065 02 a36e7370 a12f a464617461 92 a162 c7010007", packet.Header{Type: packet.Event, Namespace: "/", Event: "b"}, []any{[]byte{7}}},
	{"Date", "83 a474797065 02 a36e7370 a12f a464617461 92 a164 d70000000000000004d2",
		packet.Header{Type: packet.Event, Namespace: "/", Event: "d"}, []any{time.UnixMilli(1234).UTC()}},
	{"undefined", "83 a474797065 02 a36e7370 a12f a464617461 93 a175 d40000 82 a161 d40000 a162 01",
		packet.Header{Type: packet.Event, Namespace: "/", Event: "u"}, []any{nil, map[string]any{"b": 1.0}}},
	{"name that is a number", "83 a474797065 02 a36e7370 a12f a464617461 92 2a cb3ff8000000000000",
		packet.Header{Type: packet.Event, Namespace: "/", Event: "42"}, []any{1.5}},

	// Dialects of other encoders.
	{"null for undefined", "84 a474797065 00 a464617461 c0 a36e7370 a12f a26964 c0", packet.Header{Type: packet.Connect, Namespace: "/"}, nil},
	{"floats for integers", "84 a474797065 cb4008000000000000 a26964 ca41400000 a36e7370 a12f a464617461 90",
		packet.Header{Type: packet.Ack, Namespace: "/", ID: 12, HasID: true}, nil},
	{"long forms", "df00000003 d90474797065 d30000000000000002 da00036e7370 db000000012f a464617461 dd00000002 d90165 dc0001 d10001",
		testEvent, []any{[]any{1.0}}},
	{"last member counts", "84 a474797065 09 a36e7370 a12f a474797065 02 a464617461 91 a165", testEvent, nil},
	{"other members", "85 01 02 a0 92 c0 80 a474797065 02 a36e7370 a12f a464617461 91 a165", testEvent, nil},
	{"refusal without data", "82 a474797065 04 a36e7370 a12f", packet.Header{Type: packet.ConnectError, Namespace: "/"}, nil},
	{"many arguments", "83 a474797065 02 a36e7370 a12f a464617461 98 a165 01 02 03 04 05 06 a137", testEvent, []any{1.0, 2.0, 3.0, 4.0, 5.0, 6.0, "7"}},
	{"name that is a fraction", "83 a474797065 02 a36e7370 a12f a464617461 91 cb3e7ad7f29abcaf48", packet.Header{Type: packet.Event, Namespace: "/", Event: "1e-7"}, nil},
	{"largest id", "84 a474797065 03 a26964 cfffffffffffffffff a36e7370 a12f a464617461 90", packet.Header{Type: packet.Ack, Namespace: "/", ID: math.MaxUint64, HasID: true}, nil},
	{"not UTF-8", "84 a2ffff c0 a474797065 02 a36e7370 a32f61ff a464617461 94 a2c3e9 81 a161 a3e282ff a1ff c401ff",
		packet.Header{Type: packet.Event, Namespace: "/a\uFFFD", Event: "\uFFFD"}, []any{map[string]any{"a": "\uFFFD"}, "\uFFFD", []byte{0xFF}}},
}

// decoded are the arguments of a packet.
func decoded(t testing.TB, args packet.Args) (list []any) {
	t.Helper()
	for i := range args.Len() {
		var v any
		if err := args.Decode(i, &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

func TestDecodeWire(t *testing.T) {
	for _, test := range wirePackets {
		t.Run(test.name, func(t *testing.T) {
			p := mustDecode(t, bin(t, test.wire))
			if got := decoded(t, p.Args); p.Header != test.header || !reflect.DeepEqual(got, test.args) {
				t.Errorf("got  %+v %#v\nwant %+v %#v", p.Header, got, test.header, test.args)
			}
			if p.Args.Len() > 0 && p.Args.Size() < len(bin(t, test.wire)) {
				t.Errorf("size %d", p.Args.Size())
			}
		})
	}
}

func TestEncodeWire(t *testing.T) {
	for name, test := range map[string]struct {
		header packet.Header
		args   []any
		want   string
	}{
		"connect":       {packet.Header{Type: packet.Connect}, nil, "82 a474797065 00 a36e7370 a12f"},
		"connect, null": {packet.Header{Type: packet.Connect}, []any{nil}, "82 a474797065 00 a36e7370 a12f"},
		"connect, none": {packet.Header{Type: packet.Connect}, []any{packet.Args{}}, "82 a474797065 00 a36e7370 a12f"},
		"reply": {packet.Header{Type: packet.Connect, Namespace: "/a"}, []any{struct {
			SID string `json:"sid"`
		}{"x"}}, "83 a474797065 00 a36e7370 a22f61 a464617461 81 a3736964 a178"},
		"disconnect": {packet.Header{Type: packet.Disconnect, Namespace: "/a"}, nil, "82 a474797065 01 a36e7370 a22f61"},
		"event":      {testEvent, []any{1, "a", nil}, "83 a474797065 02 a36e7370 a12f a464617461 94 a165 01 a161 c0"},
		"with id":    {packet.Header{Type: packet.Event, Event: "e", ID: 300, HasID: true}, nil, "84 a474797065 02 a36e7370 a12f a464617461 91 a165 a26964 cd012c"},
		"ack":        {packet.Header{Type: packet.Ack, HasID: true}, nil, "84 a474797065 03 a36e7370 a12f a464617461 90 a26964 00"},
		"refusal":    {packet.Header{Type: packet.ConnectError}, []any{map[string]any{"message": "no"}}, "83 a474797065 04 a36e7370 a12f a464617461 81 a76d657373616765 a26e6f"},
		"text":       {packet.Header{Type: packet.ConnectError}, []any{"no"}, "83 a474797065 04 a36e7370 a12f a464617461 a26e6f"},
		"nothing":    {packet.Header{Type: packet.ConnectError}, nil, "83 a474797065 04 a36e7370 a12f a464617461 80"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, want := mustEncode(t, test.header, test.args...), bin(t, test.want); !bytes.Equal(got, want) {
				t.Errorf("got  %x\nwant %x", got, want)
			}
		})
	}
}

// What was decoded is passed on without being looked at, and decodes to the same.
func TestPassOnWire(t *testing.T) {
	for _, test := range wirePackets {
		t.Run(test.name, func(t *testing.T) {
			p := mustDecode(t, bin(t, test.wire))
			var args []any
			if p.Args.Len() > 0 {
				args = []any{p.Args}
			}
			again := mustDecode(t, mustEncode(t, p.Header, args...))
			want := test.args
			if p.Type == packet.ConnectError && want == nil {
				want = []any{map[string]any{}} // the official decoder wants one
			}
			if got := decoded(t, again.Args); again.Header != test.header || !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v %#v\nwant %+v %#v", again.Header, got, test.header, want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, hex := range map[string]string{
		"empty":                    "",
		"no map":                   "93 02 a12f 91",
		"a byte never used":        "83 a474797065 02 a36e7370 a12f a464617461 92 a165 c1",
		"cut off":                  "83 a474797065 02 a36e7370 a12f a464617461 92 a165",
		"cut off in a number":      "83 a474797065 02 a36e7370 a12f a464617461 92 a165 cd01",
		"cut off in a string":      "83 a474797065 02 a36e7370 a12f a464617461 92 a165 a26e",
		"cut off in an extension":  "83 a474797065 02 a36e7370 a12f a464617461 92 a165 d700 00",
		"extension without type":   "83 a474797065 02 a36e7370 a12f a464617461 92 a165 c700",
		"trailing":                 "83 a474797065 02 a36e7370 a12f a464617461 91 a165 00",
		"count beyond the end":     "83 a474797065 02 a36e7370 a12f a464617461 ddffffffff a165",
		"members beyond the end":   "dfffffffff a474797065 02",
		"length beyond the end":    "83 a474797065 02 a36e7370 a12f a464617461 92 a165 dbffffffff 00",
		"bytes beyond the end":     "83 a474797065 02 a36e7370 a12f a464617461 92 a165 c6ffffffff 00",
		"extension beyond the end": "83 a474797065 02 a36e7370 a12f a464617461 92 a165 c9ffffffff 00 00",
		"a name that is a list":    "83 a474797065 02 a36e7370 a12f a464617461 92 a165 81 90 c0",
		"a name that is null":      "84 a474797065 02 a36e7370 a12f c0 c0 a464617461 91 a165",
		"no type":                  "82 a36e7370 a12f a464617461 91 a165",
		"type 5":                   "83 a474797065 05 a36e7370 a12f a464617461 91 a165",
		"negative type":            "83 a474797065 ff a36e7370 a12f a464617461 91 a165",
		"fractional type":          "83 a474797065 cb3ff8000000000000 a36e7370 a12f a464617461 91 a165",
		"type as text":             "83 a474797065 a132 a36e7370 a12f a464617461 91 a165",
		"no namespace":             "82 a474797065 02 a464617461 91 a165",
		"namespace is a number":    "83 a474797065 02 a36e7370 01 a464617461 91 a165",
		"empty namespace":          "83 a474797065 02 a36e7370 a0 a464617461 91 a165",
		"namespace without slash":  "83 a474797065 02 a36e7370 a161 a464617461 91 a165",
		"namespace with comma":     "83 a474797065 02 a36e7370 a32f2c61 a464617461 91 a165",
		"namespace with separator": "83 a474797065 02 a36e7370 a32f1e61 a464617461 91 a165",
		"id as text":               "84 a474797065 02 a36e7370 a12f a464617461 91 a165 a26964 a131",
		"negative id":              "84 a474797065 02 a36e7370 a12f a464617461 91 a165 a26964 ff",
		"fractional id":            "84 a474797065 02 a36e7370 a12f a464617461 91 a165 a26964 cb3ff8000000000000",
		"id in connect":            "83 a474797065 00 a36e7370 a12f a26964 01",
		"ack without id":           "83 a474797065 03 a36e7370 a12f a464617461 90",
		"event without data":       "82 a474797065 02 a36e7370 a12f",
		"event with a map":         "83 a474797065 02 a36e7370 a12f a464617461 80",
		"event without name":       "83 a474797065 02 a36e7370 a12f a464617461 90",
		"name null":                "83 a474797065 02 a36e7370 a12f a464617461 91 c0",
		"name not finite":          "83 a474797065 02 a36e7370 a12f a464617461 91 cb7ff8000000000000",
		"ack with a map":           "84 a474797065 03 a36e7370 a12f a464617461 80 a26964 01",
		"connect with a list":      "83 a474797065 00 a36e7370 a12f a464617461 90",
		"connect with text":        "83 a474797065 00 a36e7370 a12f a464617461 a161",
		"disconnect with data":     "83 a474797065 01 a36e7370 a12f a464617461 80",
		"refusal with a list":      "83 a474797065 04 a36e7370 a12f a464617461 90",
		"reserved name":            "83 a474797065 02 a36e7370 a12f a464617461 91 aa646973636f6e6e656374",
	} {
		t.Run(name, func(t *testing.T) {
			p, err := decode(bin(t, hex))
			var syntax *packet.SyntaxError
			if !errors.As(err, &syntax) || !errors.Is(err, packet.ErrInvalidPacket) {
				t.Fatalf("got %+v, %v, want a *packet.SyntaxError", p, err)
			}
			if syntax.Offset < 0 || syntax.Offset > len(bin(t, hex)) {
				t.Errorf("offset %d", syntax.Offset)
			}
		})
	}
	if _, _, err := Codec.NewDecoder(packet.Limits{}).Text([]byte(`2["e"]`)); !errors.Is(err, packet.ErrInvalidPacket) {
		t.Errorf("text: %v", err)
	}
}

func TestReservedNames(t *testing.T) {
	for _, name := range []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"} {
		head := bin(t, "83 a474797065 02 a36e7370 a12f a464617461 91")
		if p, err := decode(appendString(head, name)); err == nil {
			t.Errorf("%s: %+v", name, p)
		}
		if b, err := encode(packet.Header{Type: packet.Event, Event: name}); err == nil {
			t.Errorf("%s: %x", name, b)
		}
	}
}

func TestLimits(t *testing.T) {
	nested := func(open string, depth int, rest string) []byte {
		return arg(t, strings.Repeat(open, depth)+rest)
	}
	name := func(length int) []byte {
		b := bin(t, "83 a474797065 02 a36e7370 a12f a464617461 91")
		return appendString(b, strings.Repeat("x", length))
	}
	namespace := func(length int) []byte {
		b := bin(t, "82 a474797065 00 a36e7370")
		return appendString(b, "/"+strings.Repeat("x", length-1))
	}
	auth := func(depth int) []byte {
		return bin(t, "83 a474797065 00 a36e7370 a12f a464617461"+strings.Repeat("81a161", depth)+"c0")
	}
	other := func(depth int) []byte {
		return bin(t, "83 a474797065 00 a36e7370 a12f a178"+strings.Repeat("91", depth)+"c0")
	}
	for _, test := range []struct {
		limits    packet.Limits
		good, bad []byte
		err       packet.LimitError
	}{
		{packet.Limits{}, nested("91", 128, "c0"), nested("91", 129, "c0"), packet.LimitError{Limit: "MaxDepth", Max: 128}},
		{packet.Limits{}, nested("81a0", 128, "c0"), nested("81a0", 129, "c0"), packet.LimitError{Limit: "MaxDepth", Max: 128}},
		{packet.Limits{}, nested("90", 1, ""), nested("91", 100_000, "c0"), packet.LimitError{Limit: "MaxDepth", Max: 128}},
		{packet.Limits{}, nested("90", 1, ""), nested("dd00000001", 100_000, "c0"), packet.LimitError{Limit: "MaxDepth", Max: 128}},
		{packet.Limits{}, auth(128), auth(129), packet.LimitError{Limit: "MaxDepth", Max: 128}},
		{packet.Limits{}, other(128), other(100_000), packet.LimitError{Limit: "MaxDepth", Max: 128}},
		{packet.Limits{MaxDepth: -1}, nested("91", 9000, "c0"), nested("91", 9001, "c0"), packet.LimitError{Limit: "MaxDepth", Max: 9000}},
		{packet.Limits{MaxName: 4}, name(3), name(4), packet.LimitError{Limit: "MaxName", Max: 4}}, // with the byte for its length
		{packet.Limits{MaxName: 4}, namespace(4), namespace(5), packet.LimitError{Limit: "MaxName", Max: 4}},
	} {
		t.Run(fmt.Sprintf("%+v, %d bytes", test.limits, len(test.bad)), func(t *testing.T) {
			if _, _, err := Codec.NewDecoder(test.limits).Binary(test.good); err != nil {
				t.Errorf("within the limit: %v", err)
			}
			_, _, err := Codec.NewDecoder(test.limits).Binary(test.bad)
			var limit *packet.LimitError
			if !errors.As(err, &limit) || *limit != test.err {
				t.Errorf("beyond the limit: %v, want %v", err, &test.err)
			}
		})
	}
}

// Values as deep as they may be can be decoded and passed on in every way.
func TestDeep(t *testing.T) {
	d := Codec.NewDecoder(packet.Limits{MaxDepth: -1})
	p, _, err := d.Binary(arg(t, strings.Repeat("91", 9000)+"c0"))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := p.Args.Decode(0, &v); err != nil {
		t.Error(err)
	}
	if raw := p.Args.Raw(0); len(raw) != 2*9000+len("null") {
		t.Errorf("JSON of %d bytes", len(raw))
	}
	if b, err := encode(testEvent, p.Args); err != nil || len(b) < 9000 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

// However much is announced, no more is allocated than the message is long.
func TestAnnouncedLengths(t *testing.T) {
	for _, hex := range []string{"ddffffffff", "dfffffffff", "dbffffffff", "c6ffffffff", "c9ffffffff00", "dd7fffffff", "dcffff", "deffff"} {
		data := arg(t, hex+"c0c0")
		if got := testing.AllocsPerRun(10, func() {
			if _, err := decode(data); err == nil {
				t.Fatalf("%s accepted", hex)
			}
		}); got > 5 {
			t.Errorf("%s: %v allocations", hex, got)
		}
	}
}

// Memory for elements that cost the peer one byte each is not allocated ahead.
func TestLargeElements(t *testing.T) {
	p := mustDecode(t, arg(t, "dc0fff c3"+strings.Repeat("80", 0xFFE)))
	var list []struct{ Room [1 << 16]int }
	var de *packet.DecodeError
	if err := p.Args.Decode(0, &list); !errors.As(err, &de) {
		t.Fatal(err)
	}
	if cap(list) > 8 {
		t.Errorf("room for %d elements", cap(list))
	}
}

// Neither is memory for members that all have the same name.
func TestSameNames(t *testing.T) {
	const n = 0xFFFF
	p := mustDecode(t, arg(t, "deffff"+strings.Repeat("a0c0", n)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var v any
	if err := p.Args.Decode(0, &v); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > n {
		t.Errorf("%d bytes for %v", got, v)
	}
}

// One decoder serves one packet after the other.
func TestDecoderSequence(t *testing.T) {
	d := Codec.NewDecoder(packet.Limits{MaxDepth: 10})
	for range 2 {
		for _, test := range wirePackets {
			p, complete, err := d.Binary(bin(t, test.wire))
			if err != nil || !complete {
				t.Fatalf("%s: %v, %v", test.name, complete, err)
			}
			if p.Header != test.header {
				t.Errorf("%s: %+v", test.name, p.Header)
			}
		}
	}
}

func TestEncodeRefusesHeaders(t *testing.T) {
	for name, test := range map[string]struct {
		header packet.Header
		args   []any
		index  int
	}{
		"binary type":         {packet.Header{Type: packet.BinaryEvent, Event: "x"}, nil, -1},
		"no id":               {packet.Header{Type: packet.Ack}, nil, -1},
		"namespace":           {packet.Header{Type: packet.Connect, Namespace: "a"}, nil, -1},
		"connect with a list": {packet.Header{Type: packet.Connect}, []any{[]any{}}, 0},
		"connect with text":   {packet.Header{Type: packet.Connect}, []any{"a"}, 0},
		"two payloads":        {packet.Header{Type: packet.Connect}, []any{1, 2}, -1},
		"two passed on":       {packet.Header{Type: packet.Connect}, []any{through(t, Codec, map[string]any{}, 1)}, 0},
		"refusal of a number": {packet.Header{Type: packet.ConnectError}, []any{1}, 0},
		"data of disconnect":  {packet.Header{Type: packet.Disconnect}, []any{1}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := encode(test.header, test.args...)
			var ee *packet.EncodeError
			if !errors.As(err, &ee) || ee.Index != test.index {
				t.Errorf("got %x, %v, want an *packet.EncodeError", b, err)
			}
		})
	}
}

func TestSpans(t *testing.T) {
	want := []any{"a", []byte("b"), 3.0, []any{4.0, map[string]any{"five": 5.0}}, nil, true, "g", 8.5}
	args := through(t, Codec, want...)
	if got := decoded(t, args); !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
	for _, i := range []int{-1, args.Len()} {
		if err := args.Decode(i, new(any)); !errors.Is(err, packet.ErrMissingArgument) {
			t.Errorf("argument %d: %v", i, err)
		}
	}
	if got := slices.Collect(func(yield func(string) bool) {
		for i := range args.Len() {
			yield(string(args.Raw(i)))
		}
	}); !slices.Equal(got, []string{`"a"`, ``, `3`, `[4,{"five":5}]`, `null`, `true`, `"g"`, `8.5`}) {
		t.Errorf("as JSON: %q", got)
	}
}
