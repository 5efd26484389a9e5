package msgpack

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// plain is what parser.mjs makes of the values of a packet.
func plain(v any) any {
	switch v := v.(type) {
	case []byte:
		return map[string]any{"$bytes": hex.EncodeToString(v)}
	case time.Time:
		return map[string]any{"$date": float64(v.UnixMilli())}
	case float64:
		switch {
		case math.IsNaN(v):
			return map[string]any{"$number": "NaN"}
		case math.IsInf(v, 0):
			return map[string]any{"$number": strings.TrimPrefix(fmt.Sprint(v), "+") + "inity"}
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = plain(v[name])
		}
	}
	return v
}

func lines(t *testing.T, out []byte, each func(line []byte)) {
	t.Helper()
	s := bufio.NewScanner(bytes.NewReader(out))
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		each(s.Bytes())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
}

// What the official parser writes, and that of our bundle, is read here as it was meant.
func TestReadsParsers(t *testing.T) {
	for _, parser := range []string{"official", "bundle"} {
		t.Run(parser, func(t *testing.T) { readsParser(t, parser) })
	}
}

func readsParser(t *testing.T, parser string) {
	packets := 0
	lines(t, node(t, nil, "parser.mjs", "encode", parser), func(line []byte) {
		packets++
		var want struct {
			Bytes  string
			Packet struct {
				Type packet.Type
				NSP  string
				ID   *uint64
				Data any
			}
		}
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		data, err := hex.DecodeString(want.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		p, complete, err := msgpack.Codec.NewDecoder(packet.Limits{}).Binary(data)
		if err != nil || !complete {
			t.Fatalf("%.100s: %v, %v", line, complete, err)
		}
		if p.Type != want.Packet.Type || p.Namespace != want.Packet.NSP || p.HasID != (want.Packet.ID != nil) || p.HasID && p.ID != *want.Packet.ID {
			t.Errorf("%.100s: %+v", line, p.Header)
		}
		var wanted []any
		switch data := want.Packet.Data.(type) {
		case nil:
		case []any:
			if wanted = data; p.Type == packet.Event {
				if fmt.Sprint(data[0]) != p.Event {
					t.Errorf("%.100s: name %q", line, p.Event)
				}
				wanted = data[1:]
			}
		default:
			wanted = []any{data}
		}
		if len(wanted) != p.Args.Len() {
			t.Fatalf("%.100s: %d arguments", line, p.Args.Len())
		}
		for i, want := range wanted {
			var got any
			if err := p.Args.Decode(i, &got); err != nil {
				t.Errorf("%.100s: %v", line, err)
			}
			if got = plain(got); !reflect.DeepEqual(got, want) {
				t.Errorf("%.100s: argument %d is %.100v, want %.100v", line, i, got, want)
			}
		}
	})
	if packets < 20 {
		t.Errorf("only %d packets", packets)
	}
}

// What is written here is read by the official parsers as it was meant, and is byte
// for byte what the parser would write itself.
func TestReadByOfficialParser(t *testing.T) {
	type inner struct {
		B []byte    `json:"b"`
		T time.Time `json:"t"`
	}
	event := packet.Header{Type: packet.Event, Event: "e"}
	sixteen := make(map[string]any)
	for i := range 20 {
		sixteen[fmt.Sprint("k", i)] = i
	}
	packets := []struct {
		header packet.Header
		args   []any
	}{
		{packet.Header{Type: packet.Connect}, nil},
		{packet.Header{Type: packet.Connect, Namespace: "/a"}, []any{map[string]string{"sid": "x"}}},
		{packet.Header{Type: packet.Disconnect, Namespace: "/a"}, nil},
		{packet.Header{Type: packet.ConnectError}, []any{map[string]any{"message": "no"}}},
		{packet.Header{Type: packet.ConnectError}, []any{"no"}},
		{packet.Header{Type: packet.ConnectError}, nil},
		{packet.Header{Type: packet.Ack, HasID: true}, nil},
		{packet.Header{Type: packet.Ack, HasID: true, ID: 1 << 40}, []any{nil, true, false}},
		{packet.Header{Type: packet.Event, Event: "é", HasID: true, ID: 300, Namespace: "/日本"}, nil},
		{event, []any{0, 127, 128, 255, 256, 65535, 65536, int64(1<<32 - 1), int64(1 << 32), int64(1 << 53)}},
		{event, []any{-1, -32, -33, -128, -129, -32768, -32769, -1 << 31, -1<<31 - 1, -1 << 53}},
		{event, []any{1.5, 100.0, -0.25, 1e-300, math.Inf(1), math.Inf(-1)}},
		{event, []any{"", strings.Repeat("a", 31), strings.Repeat("a", 32), strings.Repeat("é", 200), strings.Repeat("日本語", 8000), "😀\n\x00\"\\"}},
		{event, []any{[]any{}, map[string]any{}, [][]int{{1}, {}}, sixteen, make([]bool, 16), make([]int, 70000)}},
		{event, []any{time.UnixMilli(0), time.UnixMilli(1234), time.UnixMilli(-1), time.UnixMilli(1714979289123)}},
		{event, []any{[]byte{}, []byte{1}, make([]byte, 300), make([]byte, 70000), [4]byte{1, 2, 3, 4}}},
		{event, []any{inner{[]byte("b"), time.UnixMilli(5)}, &inner{}, map[string]inner{"x": {}}}},
		{event, []any{json.RawMessage(`{"a":[1,-2.5,"é",null,{"b":{}}]}`)}},
		{event, []any{packet.Raw{JSON: []byte(`[{"_placeholder":true,"num":0}]`), Attachments: [][]byte{[]byte("raw")}}}},
		{event, []any{1e300, -1e300, float64(1 << 64), float32(0.1), uint64(math.MaxUint64), math.MinInt64}}, // the last: see below
	}
	var input bytes.Buffer
	var sent []string
	for _, p := range packets {
		var b frame.Builder
		if err := msgpack.Codec.Encode(&b, p.header, p.args); err != nil {
			t.Fatal(err)
		}
		message, err := frame.ParsePacket(b.Message().AppendPolling(nil))
		if err != nil || !message.Binary {
			t.Fatalf("message %+v, %v", message, err)
		}
		sent = append(sent, hex.EncodeToString(message.Data))
		fmt.Fprintln(&input, sent[len(sent)-1])
	}
	i := 0
	lines(t, node(t, input.Bytes(), "parser.mjs", "decode"), func(line []byte) {
		var got struct {
			Packet, Browser map[string]any
			Bytes           string
		}
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatal(err)
		}
		// The parser writes whole numbers from 2^64 on as 0, and no float32.
		if got.Bytes != sent[i] && i < len(packets)-1 {
			t.Errorf("%.200s: sent %.200s, the parser writes %.200s", line, sent[i], got.Bytes)
		}
		if !reflect.DeepEqual(got.Packet, got.Browser) {
			t.Errorf("Node.js reads  %.200v\nbrowsers read %.200v", got.Packet, got.Browser)
		}
		if want := members(t, sent[i]); !reflect.DeepEqual(got.Packet, want) {
			t.Errorf("the parser reads %.200v, want %.200v", got.Packet, want)
		}
		i++
	})
	if i != len(packets) {
		t.Errorf("%d packets read", i)
	}
}

// members returns the members of a packet as parser.mjs prints them.
func members(t *testing.T, sent string) map[string]any {
	t.Helper()
	data, err := hex.DecodeString(sent)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := msgpack.Codec.NewDecoder(packet.Limits{}).Binary(data)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]any{"type": float64(p.Type), "nsp": p.Namespace}
	if p.HasID {
		m["id"] = float64(p.ID)
	}
	list := []any{}
	if p.Type == packet.Event {
		list = append(list, p.Event)
	}
	for i := range p.Args.Len() {
		var v any
		if err := p.Args.Decode(i, &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, plain(v))
	}
	switch {
	case p.Type == packet.Event || p.Type == packet.Ack:
		m["data"] = list
	case len(list) > 0:
		m["data"] = list[0]
	}
	return m
}
