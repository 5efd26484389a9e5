package packet

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// decoded is what a test compares of a packet: its header and the JSON of its arguments.
func decoded(p Packet) (Header, []string) {
	var args []string
	for i := range p.Args.Len() {
		args = append(args, string(p.Args.Raw(i)))
	}
	return p.Header, args
}

// wirePackets are packets as official clients and servers send them.
var wirePackets = []struct {
	wire   messages
	header Header
	args   []string // JSON
}{
	{wire(`0`), Header{Type: Connect, Namespace: "/"}, nil},
	{wire(`0/admin,`), Header{Type: Connect, Namespace: "/admin"}, nil},
	{wire(`0{"token":"x"}`), Header{Type: Connect, Namespace: "/"}, []string{`{"token":"x"}`}},
	{wire(`0/admin,{"token":"x"}`), Header{Type: Connect, Namespace: "/admin"}, []string{`{"token":"x"}`}},
	{wire(`1`), Header{Type: Disconnect, Namespace: "/"}, nil},
	{wire(`1/admin,`), Header{Type: Disconnect, Namespace: "/admin"}, nil},
	{wire(`2["foo"]`), Header{Type: Event, Namespace: "/", Event: "foo"}, nil},
	{wire(`2["foo",1]`), Header{Type: Event, Namespace: "/", Event: "foo"}, []string{`1`}},
	{wire(`2/admin,["foo"]`), Header{Type: Event, Namespace: "/admin", Event: "foo"}, nil},
	{wire(`212["foo"]`), Header{Type: Event, Namespace: "/", Event: "foo", ID: 12, HasID: true}, nil},
	{wire(`20["foo"]`), Header{Type: Event, Namespace: "/", Event: "foo", HasID: true}, nil},
	{wire(`2/admin,12["foo"]`), Header{Type: Event, Namespace: "/admin", Event: "foo", ID: 12, HasID: true}, nil},
	{wire(`2["error",1,2,3,4,5,6]`), Header{Type: Event, Namespace: "/", Event: "error"}, []string{"1", "2", "3", "4", "5", "6"}},
	{wire(`312["a",null,{"b":1}]`), Header{Type: Ack, Namespace: "/", ID: 12, HasID: true}, []string{`"a"`, `null`, `{"b":1}`}},
	{wire(`30[]`), Header{Type: Ack, Namespace: "/", HasID: true}, nil},
	{wire(`318446744073709551615[]`), Header{Type: Ack, Namespace: "/", ID: 1<<64 - 1, HasID: true}, nil},
	{wire(`4{"message":"no","data":{"code":7}}`), Header{Type: ConnectError, Namespace: "/"}, []string{`{"message":"no","data":{"code":7}}`}},
	{wire(`4/foo,{"message":"Invalid namespace"}`), Header{Type: ConnectError, Namespace: "/foo"}, []string{`{"message":"Invalid namespace"}`}},
	{wire(`4"no2"`), Header{Type: ConnectError, Namespace: "/"}, []string{`"no2"`}},
	{wire(`51-5["echo",{"_placeholder":true,"num":0}]`, "\x01\x02"),
		Header{Type: Event, Namespace: "/", Event: "echo", ID: 5, HasID: true}, []string{`{"_placeholder":true,"num":0}`}},
	{wire(`61-5[{"_placeholder":true,"num":0}]`, "\x01\x02"),
		Header{Type: Ack, Namespace: "/", ID: 5, HasID: true}, []string{`{"_placeholder":true,"num":0}`}},
	{wire(`52-/admin,["x",{"a":{"_placeholder":true,"num":0},"b":[{"_placeholder":true,"num":1}]}]`, "one", ""),
		Header{Type: Event, Namespace: "/admin", Event: "x"}, []string{`{"a":{"_placeholder":true,"num":0},"b":[{"_placeholder":true,"num":1}]}`}},
}

func TestDecodeWire(t *testing.T) {
	for _, test := range wirePackets {
		t.Run(test.wire.text, func(t *testing.T) {
			p := mustDecode(t, test.wire)
			header, args := decoded(p)
			if header != test.header || !slices.Equal(args, test.args) {
				t.Errorf("got %+v %q\nwant %+v %q", header, args, test.header, test.args)
			}
			var attachments []string
			for _, a := range p.Args.Attachments() {
				attachments = append(attachments, string(a))
			}
			if !slices.Equal(attachments, test.wire.attachments) {
				t.Errorf("attachments %q, want %q", attachments, test.wire.attachments)
			}
		})
	}
}

// What was decoded is encoded again, without looking at the arguments, to the same bytes.
func TestEncodeWire(t *testing.T) {
	for _, test := range wirePackets {
		t.Run(test.wire.text, func(t *testing.T) {
			p := mustDecode(t, test.wire)
			var args []any
			if p.Args.Len() > 0 {
				args = append(args, p.Args)
			}
			got := mustEncode(t, test.header, args...)
			if got.text != test.wire.text || !slices.Equal(got.attachments, test.wire.attachments) {
				t.Errorf("got %q, want %q", got, test.wire)
			}
		})
	}
}

// These are other ways to write a packet than the ones a codec chooses.
func TestDecodeAlternatives(t *testing.T) {
	for _, test := range []struct {
		wire   messages
		header Header
		args   []string
	}{
		{wire(`0/admin`), Header{Type: Connect, Namespace: "/admin"}, nil},
		{wire(`0/,{}`), Header{Type: Connect, Namespace: "/"}, []string{`{}`}},
		{wire(`0/admin?x=1,`), Header{Type: Connect, Namespace: "/admin?x=1"}, nil},
		{wire(`4`), Header{Type: ConnectError, Namespace: "/"}, nil},
		{wire(`2[42,true]`), Header{Type: Event, Namespace: "/", Event: "42"}, []string{`true`}},
		{wire(`2[-1.5e3]`), Header{Type: Event, Namespace: "/", Event: "-1.5e3"}, nil},
		{wire(`2[""]`), Header{Type: Event, Namespace: "/"}, nil},
		{wire(`2["\u0066\u006fo"]`), Header{Type: Event, Namespace: "/", Event: "foo"}, nil},
		{wire("2 \t[ \"foo\" , 1 ,\r\n[ ] , { \"a\" : { } } ] \n"), Header{Type: Event, Namespace: "/", Event: "foo"}, []string{`1`, `[ ]`, `{ "a" : { } }`}},
		{wire(`2007["foo"]`), Header{Type: Event, Namespace: "/", Event: "foo", ID: 7, HasID: true}, nil},
		{wire(`501-["foo",0]`, "x"), Header{Type: Event, Namespace: "/", Event: "foo"}, []string{`0`}},
		// A placeholder in a packet that is not binary is data.
		{wire(`2["foo",{"_placeholder":true,"num":9}]`), Header{Type: Event, Namespace: "/", Event: "foo"}, []string{`{"_placeholder":true,"num":9}`}},
		{wire(`51-["foo",{"_placeholder":1,"num":9},{"_placeholder":true,"num":9,"_placeholder":false}]`, "x"),
			Header{Type: Event, Namespace: "/", Event: "foo"}, []string{`{"_placeholder":1,"num":9}`, `{"_placeholder":true,"num":9,"_placeholder":false}`}},
		// What is not UTF-8 is repaired before anyone can see it.
		{wire("2[\"a\xff\",\"\xe2\x82\"]"), Header{Type: Event, Namespace: "/", Event: "a\uFFFD"}, []string{"\"\uFFFD\""}},
		{wire("0/a\xffb,"), Header{Type: Connect, Namespace: "/a\uFFFDb"}, nil},
		{wire(`2["foo","\ud800","\udc00\ud800"]`), Header{Type: Event, Namespace: "/", Event: "foo"}, []string{`"\ud800"`, `"\udc00\ud800"`}},
		{wire(`2["foo",{"a":1,"a":2}]`), Header{Type: Event, Namespace: "/", Event: "foo"}, []string{`{"a":1,"a":2}`}},
	} {
		t.Run(test.wire.text, func(t *testing.T) {
			header, args := decoded(mustDecode(t, test.wire))
			if header != test.header || !slices.Equal(args, test.args) {
				t.Errorf("got %+v %q\nwant %+v %q", header, args, test.header, test.args)
			}
		})
	}
}

func TestDecodeRefusesSyntax(t *testing.T) {
	for _, text := range []string{
		``, `7`, `9["x"]`, `a`, ` 2["x"]`, "\x00",
		// payloads of the wrong kind
		`0[]`, `0"a"`, `0null`, `01`, `1{}`, `1[]`, `1x`, `2`, `2{}`, `2"x"`, `2null`, `20`, `30`, `3[]`, `3{}`, `30{}`, `4[]`, `41`, `4null`,
		// namespaces
		"0/a\x1eb,", "2/\n,[\"x\"]", "0/\x00",
		// IDs
		`00`, `112`, `4/a,1{}`, `218446744073709551616["x"]`, `30000000000000000000000000000000000000000[`, `2-1["x"]`, `21.5["x"]`,
		// names of events
		`2[]`, `2[null]`, `2[true]`, `2[{}]`, `2[["x"]]`, `2["connect"]`, `2["connect_error"]`, `2["disconnect"]`, `2["disconnecting"]`,
		`2["newListener"]`, `2["removeListener"]`, `2["\u0063onnect"]`, `51-["connect",{"_placeholder":true,"num":0}]`,
		// numbers of attachments
		`5["x"]`, `5-["x"]`, `50-["x"]`, `51["x"]`, `5a-["x"]`, `51.0-["x"]`, `5+1-["x"]`, `6-1[]`, `51`, `5`,
		// JSON
		`2["x"`, `2["x",`, `2["x",]`, `2["x"]]`, `2["x"]1`, `2["x"],`, `2["x" 1]`, `2[,]`, `2["x",,1]`, `2["x",01]`, `2["x",1.]`, `2["x",.5]`,
		`2["x",+1]`, `2["x",1e]`, `2["x",-]`, `2["x",NaN]`, `2["x",Infinity]`, `2["x",tru]`, `2["x",nulL]`, `2["x",undefined]`, `2["x",'a']`,
		`2["x",{a:1}]`, `2["x",{"a"}]`, `2["x",{"a":}]`, `2["x",{"a":1,}]`, `2["x",{,}]`, `2["x",[1,]]`, `2["x",[1}]`, `2["x",{"a":1]]`,
		`2["x",{1:2}]`, `2["x","\x"]`, `2["x","\u12"]`, `2["x","\u12g4"]`, `2["x","a`, `2["x","\`, `2["x","\u`, "2[\"x\",\"a\nb\"]", "2[\"x\",\"\x00\"]",
		"2[\"x\"\v]", "2[\"x\",\u00a01]", "2\ufeff[\"x\"]", `2["x",//c` + "\n1]",
		// placeholders
		`51-["x",{"_placeholder":true,"num":1}]`, `51-["x",{"_placeholder":true,"num":-1}]`, `51-["x",{"_placeholder":true,"num":"0"}]`,
		`51-["x",{"_placeholder":true,"num":0.5}]`, `51-["x",{"_placeholder":true}]`, `51-["x",{"_placeholder":true,"num":null}]`,
		`51-["x",{"_placeholder":true,"num":0,"num":1}]`, `51-["x",[[{"a":{"num":99999999999,"_placeholder":true}}]]]`,
		`51-["x",{"\u005fplaceholder":true,"\u006eum":1}]`, `51-["x",{"_placeholder":false,"_placeholder":true,"num":7}]`,
		`51-["x",{"num":0,"_placeholder":true,"a":{"_placeholder":true,"num":0}}]`, `61-1[{"_placeholder":true,"num":1}]`,
	} {
		t.Run(text, func(t *testing.T) {
			p, complete, err := JSON.NewDecoder(Limits{}).Text([]byte(text))
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || !errors.Is(err, ErrInvalidPacket) {
				t.Fatalf("got %+v, %v, %v, want a *SyntaxError", p, complete, err)
			}
			if syntax.Offset < 0 || syntax.Offset > len(text) {
				t.Errorf("offset %d of %d", syntax.Offset, len(text))
			}
		})
	}
}

func TestDecodeRefusesOutOfTurn(t *testing.T) {
	announce := func(d Decoder) {
		if _, complete, err := d.Text([]byte(`52-["x",{"_placeholder":true,"num":1}]`)); complete || err != nil {
			t.Fatalf("complete %v, error %v", complete, err)
		}
	}
	for name, feed := range map[string]func(Decoder) error{
		"binary first": func(d Decoder) error {
			_, _, err := d.Binary([]byte("x"))
			return err
		},
		"text instead of an attachment": func(d Decoder) error {
			announce(d)
			_, _, err := d.Text([]byte(`2["x"]`))
			return err
		},
		"text instead of the last attachment": func(d Decoder) error {
			announce(d)
			if _, complete, err := d.Binary(nil); complete || err != nil {
				t.Fatalf("complete %v, error %v", complete, err)
			}
			_, _, err := d.Text([]byte(`2["x"]`))
			return err
		},
		"one attachment too many": func(d Decoder) error {
			announce(d)
			d.Binary(nil)
			if _, complete, err := d.Binary(nil); !complete || err != nil {
				t.Fatalf("complete %v, error %v", complete, err)
			}
			_, _, err := d.Binary(nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			var syntax *SyntaxError
			if err := feed(JSON.NewDecoder(Limits{})); !errors.As(err, &syntax) {
				t.Errorf("error %v, want a *SyntaxError", err)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	nested := func(depth int) string {
		return `2["x",` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + "]"
	}
	objects := func(depth int) string {
		return `2["x",` + strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth) + "]"
	}
	for _, test := range []struct {
		limits Limits
		good   string
		bad    string
		err    LimitError
	}{
		{Limits{}, `510-["x"]`, `511-["x"]`, LimitError{"MaxAttachments", 10}},
		{Limits{}, `510-["x"]`, `599999999999999999999999-["x"]`, LimitError{"MaxAttachments", 10}},
		{Limits{MaxAttachments: 2}, `52-["x"]`, `53-["x"]`, LimitError{"MaxAttachments", 2}},
		{Limits{}, nested(128), nested(129), LimitError{"MaxDepth", 128}},
		{Limits{}, objects(128), objects(129), LimitError{"MaxDepth", 128}},
		{Limits{}, nested(128), `2["x",` + strings.Repeat("[", 100_000), LimitError{"MaxDepth", 128}},
		{Limits{}, nested(128), `0` + strings.Repeat(`{"a":`, 100_000), LimitError{"MaxDepth", 128}},
		{Limits{MaxDepth: 1}, nested(1), nested(2), LimitError{"MaxDepth", 1}},
		{Limits{MaxDepth: 1}, `2["x",[1],{},[],{"a":1}]`, `2["x",{"a":[]}]`, LimitError{"MaxDepth", 1}},
		{Limits{MaxDepth: -1}, nested(9000), nested(9001), LimitError{"MaxDepth", 9000}},
		{Limits{MaxDepth: 1 << 30}, objects(9000), objects(9001), LimitError{"MaxDepth", 9000}},
		{Limits{MaxName: 4}, `2["xy"]`, `2["xyz"]`, LimitError{"MaxName", 4}},
		{Limits{MaxName: 4}, `2[1234]`, `2[12345]`, LimitError{"MaxName", 4}},
		{Limits{MaxName: 4}, `0/abc,`, `0/abcd,`, LimitError{"MaxName", 4}},
		{Limits{}, `0/` + strings.Repeat("a", 1023), `0/` + strings.Repeat("a", 1024), LimitError{"MaxName", 1024}},
	} {
		t.Run(fmt.Sprintf("%+v %.20s", test.limits, test.bad), func(t *testing.T) {
			if _, _, err := JSON.NewDecoder(test.limits).Text([]byte(test.good)); err != nil {
				t.Errorf("within the limit: %v", err)
			}
			_, _, err := JSON.NewDecoder(test.limits).Text([]byte(test.bad))
			var limit *LimitError
			if !errors.As(err, &limit) || *limit != test.err || !errors.Is(err, ErrInvalidPacket) {
				t.Errorf("beyond the limit: %v, want %v", err, &test.err)
			}
		})
	}
}

func TestNoLimit(t *testing.T) {
	d := JSON.NewDecoder(Limits{MaxAttachments: -1, MaxName: -1})
	name := strings.Repeat("a", 5000)
	if _, _, err := d.Text([]byte(`2/` + name + `,["` + name + `"]`)); err != nil {
		t.Error(err)
	}
	if _, complete, err := d.Text([]byte(`5100000-["x"]`)); complete || err != nil {
		t.Errorf("complete %v, error %v", complete, err)
	}
}

// One decoder serves one packet after the other, of all kinds.
func TestDecoderSequence(t *testing.T) {
	d := JSON.NewDecoder(Limits{})
	for range 2 {
		for _, test := range wirePackets {
			p, err := test.wire.decode(d)
			if err != nil {
				t.Fatalf("%q: %v", test.wire.text, err)
			}
			if header, args := decoded(p); header != test.header || !slices.Equal(args, test.args) {
				t.Errorf("%q: got %+v %q", test.wire.text, header, args)
			}
		}
	}
}

func TestTypeString(t *testing.T) {
	for typ, want := range map[Type]string{Connect: "CONNECT", Event: "EVENT", BinaryAck: "BINARY_ACK", 7: "Type(7)"} {
		if got := typ.String(); got != want {
			t.Errorf("%d: %q, want %q", typ, got, want)
		}
	}
}
