package msgpack

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-socketio/socketio/packet"
)

// FuzzBinary feeds one message. Nothing a peer sends makes the decoder or what is
// decoded from it panic, and what is accepted can be passed on.
func FuzzBinary(f *testing.F) {
	for _, test := range wirePackets {
		f.Add(bin(f, test.wire))
	}
	for _, v := range agreeValues {
		f.Add(mustEncode(f, testEvent, v, v))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := decode(data)
		if err != nil {
			return
		}
		before := bytes.Clone(data)
		for i := range p.Args.Len() {
			for _, dst := range []any{new(string), new(any), new([]byte), new(float64), new(int64), new(bool), new(map[string]any), new([]any),
				new(everything), new(position), new([][]byte), new(map[int]digest), new(time.Time), new(*[2]uint8), new(map[float64]tags)} {
				if err := p.Args.Decode(i, dst); err != nil {
					continue
				}
				if s, ok := dst.(*string); ok && !utf8.ValidString(*s) {
					t.Fatalf("argument %d is not UTF-8: %q", i, *s)
				}
				if v, ok := dst.(*any); ok {
					if _, err := encode(testEvent, *v); err != nil {
						t.Fatalf("argument %d: %v", i, err)
					}
				}
			}
		}
		if !bytes.Equal(data, before) {
			t.Fatal("the message has changed")
		}
		var args []any
		if p.Args.Len() > 0 {
			args = []any{p.Args}
		}
		again := mustDecode(t, mustEncode(t, p.Header, args...))
		if again.Header != p.Header || again.Args.Len() != p.Args.Len() && p.Type != packet.ConnectError {
			t.Fatalf("passed on as %+v with %d arguments", again.Header, again.Args.Len())
		}
		for i := range p.Args.Len() {
			var v, w any
			err, err2 := p.Args.Decode(i, &v), again.Args.Decode(i, &w)
			if (err == nil) != (err2 == nil) || err == nil && !same(v, w) {
				t.Fatalf("argument %d passed on as %#v, %v, was %#v, %v", i, w, err2, v, err)
			}
		}
		// As JSON too, unless it has a date or looks like a placeholder.
		if m, err := encodeBy(packet.JSON, p.Header, args...); err == nil {
			d := packet.JSON.NewDecoder(packet.Limits{MaxAttachments: -1, MaxDepth: -1})
			if _, _, err := d.Text(m[0].Data); err != nil {
				t.Fatalf("as JSON, %q: %v", m[0].Data, err)
			}
		}
	})
}

// FuzzAny feeds one argument. Decoded into an any it is the same by way of JSON,
// and what is encoded of that decodes to the same again.
func FuzzAny(f *testing.F) {
	for _, v := range agreeValues {
		message := mustEncode(f, testEvent, v)
		f.Add(message[len(arg(f, "")):])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := decode(append(arg(t, ""), data...))
		if err != nil || p.Args.Len() != 1 {
			return
		}
		var v any
		if p.Args.Decode(0, &v) != nil {
			return
		}
		if again := decoded(t, through(t, Codec, v)); !same(again[0], v) {
			t.Fatalf("got %#v, was %#v", again[0], v)
		}
		raw, err := p.Args.Source().Raw(0)
		if err != nil {
			return
		}
		var viaJSON any
		if err := raw.Decode(&viaJSON); err != nil {
			t.Fatalf("%s: %v", raw.JSON, err)
		}
		if v = plain(v); !same(viaJSON, v) {
			t.Fatalf("by way of JSON %#v, was %#v", viaJSON, v)
		}
	})
}

// plain turns dates and floats that are not finite into what they are in JSON.
func plain(v any) any {
	switch v := v.(type) {
	case time.Time:
		return string(appendISO(nil, v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
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

// same is reflect.DeepEqual for what an any holds, for which NaN equals itself, and
// dates are equal to the millisecond.
func same(a, b any) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && (a == b || math.IsNaN(a) && math.IsNaN(b))
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.UnixMilli() == b.UnixMilli()
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !same(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for name, v := range a {
			if w, ok := b[name]; !ok || !same(v, w) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// FuzzJSON feeds JSON text that is passed on: it decodes to the same.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`null`, `-1.5e+10`, `1e999`, `"a\"b\ud83d\ude00\ud800"`, `[1,[2,[3]],{}]`, `{"a":1,"a":{"b":null}}`,
		`{"_placeholder":true,"num":0}`, `[` + strings.Repeat("0,", 20) + `0]`, `18446744073709551616`, `9007199254740993`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, complete, err := packet.JSON.NewDecoder(packet.Limits{}).Text([]byte(`2["e",` + text + `]`))
		if err != nil || !complete {
			return
		}
		var want []any
		for i := range p.Args.Len() {
			var v any
			if p.Args.Decode(i, &v) != nil {
				return // a number beyond the range of float64
			}
			want = append(want, v)
		}
		if got := decoded(t, through(t, Codec, p.Args)); !same(got, want) {
			t.Errorf("got %#v, want %#v", got, want)
		}
	})
}
