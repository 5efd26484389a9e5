package packet

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonSeeds are JSON values, and texts that almost are.
var jsonSeeds = []string{
	`null`, `true`, `false`, `0`, `-0`, `-1.5e+10`, `1E-7`, `01`, `1.`, `-`, `1e999`, `""`, `"a\"b"`, `"\u00e9\ud83d\ude00\ud800"`, `"\x"`,
	"\"\xff\"", "\"a\nb\"", `[]`, `[1,[2,[3]],{}]`, `[1,]`, `{}`, `{"a":1,"a":{"b":null}}`, `{"a"}`, `{"a":1,}`, ` [ 1 , { "x" : "y" } ] `,
	`{"_placeholder":true,"num":0}`, `{"\u005fplaceholder":true,"num":0}`, strings.Repeat("[", 130), `"` + strings.Repeat("abcdefg\\n", 20) + `"`,
}

// The scanner accepts what the JSON library accepts, which is told not to mind
// what the scanner does not mind either.
func FuzzScan(f *testing.F) {
	for _, s := range jsonSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := scanner{text: []byte(text), maxDepth: depthCeiling}
		plain, err := s.value()
		s.space()
		got := err == nil && s.pos == len(text)
		want := jsontext.Value(text).IsValid(lenient)
		if _, deep := err.(*LimitError); got != want && !deep {
			t.Fatalf("accepted %v, want %v (%v)", got, want, err)
		}
		if !got {
			return
		}
		trimmed := strings.TrimSpace(text)
		if want := trimmed[0] == '"' && !strings.Contains(trimmed, `\`); plain != want {
			t.Errorf("plain %v", plain)
		}
		if !utf8.ValidString(text) && !s.nonASCII() {
			t.Error("missed bytes that are not ASCII")
		}
	})
}

// Decoded into an any, a value is what encoding/json makes of it.
func FuzzDecodeAny(f *testing.F) {
	for _, s := range jsonSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // replaced as a whole here, and byte by byte there
		}
		p, _, err := JSON.NewDecoder(Limits{}).Text([]byte(`2["e",` + text + `]`))
		if err != nil || p.Args.Len() != 1 {
			return
		}
		var got, want any
		err, wantErr := p.Args.Decode(0, &got), json.Unmarshal([]byte(text), &want)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("error %v, encoding/json: %v", err, wantErr)
		}
		if err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("got %#v, encoding/json: %#v", got, want)
		}
	})
}

// What encoding/json decodes, it decodes again from what the codec encodes.
func FuzzEncodeAny(f *testing.F) {
	for _, s := range jsonSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want any
		if json.Unmarshal([]byte(text), &want) != nil {
			return
		}
		// As an argument, and as a value that the library meets.
		for _, v := range []any{want, link{want}} {
			m, err := encode(event, v)
			if err != nil {
				t.Fatal(err)
			}
			var got []any
			if err := json.Unmarshal([]byte(m.text[1:]), &got); err != nil {
				t.Fatalf("%q: %v", m.text, err)
			}
			value := got[1]
			if _, ok := v.(link); ok {
				value = value.(map[string]any)["next"]
			}
			if !reflect.DeepEqual(value, want) {
				t.Errorf("%q, want %#v", m.text, want)
			}
		}
	})
}

// A string survives, except for what is not UTF-8, and the fast encoder agrees
// with the library.
func FuzzString(f *testing.F) {
	for _, s := range append(jsonSeeds, "\x00\x1f\x7f", "\xe2\x82", "\u2028<&>", "0123456\x80\n") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := appendString(nil, s)
		want, _ := jsontext.AppendQuote(nil, s) // the error is about UTF-8
		if string(got) != string(want) {
			t.Fatalf("got %q, want %q", got, want)
		}
		if back := unquote(got); back != string([]rune(s)) {
			t.Errorf("decoded %q", back)
		}
	})
}

// FuzzText feeds one text message. Nothing a peer sends makes the decoder or
// what is decoded from it panic, and what is accepted can be passed on.
func FuzzText(f *testing.F) {
	for _, test := range wirePackets {
		f.Add(test.wire.text)
	}
	for _, s := range jsonSeeds {
		f.Add(`2["e",` + s + `]`)
		f.Add(`0` + s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, complete, err := JSON.NewDecoder(Limits{}).Text([]byte(text))
		if err == nil && complete {
			checkPacket(t, p)
		}
	})
}

// FuzzSequence feeds text and binary messages by turns. Each byte b of script
// takes the next b/2 bytes of data, as text if b is even.
func FuzzSequence(f *testing.F) {
	f.Add([]byte{78, 5}, `51-["e",{"_placeholder":true,"num":0}]`+"ab")
	f.Add([]byte{10, 80, 3, 3, 12}, `2["a"]`+`62-7[[{"num":1,"_placeholder":true},"x"]]`+"ab"+`2["bc"]`)
	f.Fuzz(func(t *testing.T, script []byte, data string) {
		d := JSON.NewDecoder(Limits{})
		missing := 0
		for _, b := range script {
			n := min(int(b/2), len(data))
			var message string
			message, data = data[:n], data[n:]
			feed := d.Text
			if b%2 == 1 {
				feed = d.Binary
			}
			p, complete, err := feed([]byte(message))
			if (b%2 == 1) != (missing > 0) && err == nil {
				t.Fatalf("message %q accepted while %d attachments are missing", message, missing)
			}
			if err != nil {
				return
			}
			if complete {
				missing = 0
				checkPacket(t, p)
			} else {
				missing++
			}
		}
	})
}

// checkPacket decodes all arguments of p in many ways, and passes them on.
func checkPacket(t *testing.T, p Packet) {
	t.Helper()
	for i := range p.Args.Len() {
		for _, dst := range []any{new(string), new(any), new([]byte), new(float64), new(int64), new(bool), new(map[string]any), new([]any),
			new(everything), new(report), new(position), new([][]byte), new(map[string]digest)} {
			if err := p.Args.Decode(i, dst); err != nil {
				continue
			}
			if s, ok := dst.(*string); ok && !utf8.ValidString(*s) {
				t.Fatalf("argument %d is not UTF-8: %q", i, *s)
			}
			if _, ok := dst.(*any); !ok {
				continue
			}
			// What came in as a value can go out as one. Data that looks like a
			// placeholder among attachments is the exception.
			if _, err := encode(event, reflect.ValueOf(dst).Elem().Interface()); err != nil && len(p.Args.Attachments()) == 0 {
				t.Fatalf("argument %d: %v", i, err)
			}
		}
	}
	var args []any
	if p.Args.Len() > 0 {
		args = []any{p.Args}
	}
	m, err := encode(p.Header, args...)
	if err != nil {
		t.Fatalf("pass on %+v: %v", p.Header, err)
	}
	again, err := m.decode(JSON.NewDecoder(Limits{}))
	if err != nil {
		t.Fatalf("decode %q again: %v", m.text, err)
	}
	header, list := decoded(p)
	if h, l := decoded(again); h != header || !reflect.DeepEqual(l, list) {
		t.Fatalf("passed on as %+v %q, was %+v %q", h, l, header, list)
	}
}
