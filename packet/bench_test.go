package packet

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/go-socketio/socketio/engine/frame"
)

type position struct {
	Player string    `json:"player"`
	X      float64   `json:"x"`
	Y      float64   `json:"y"`
	Frame  int       `json:"frame"`
	Keys   []string  `json:"keys"`
	Trail  []float64 `json:"trail"`
}

var benchPosition = position{"ada", 12.5, -3.25, 4711, []string{"up", "left"}, []float64{1, 2, 3, 4.5}}

// report is a struct that could hold bytes, because it holds an any.
type report struct {
	Title string `json:"title"`
	Data  any    `json:"data"`
}

// upload is a struct that holds bytes.
type upload struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
}

var benchValues = []struct {
	name string
	args []any
	dst  func() any // a new target for the first argument
}{
	{"string64", []any{strings.Repeat("x", 64)}, func() any { return new(string) }},
	{"string16K", []any{strings.Repeat("x", 16<<10)}, func() any { return new(string) }},
	{"unicode16K", []any{strings.Repeat("день ", 2<<10)}, func() any { return new(string) }},
	{"ints", []any{1, 2, 3}, func() any { return new(int) }},
	{"struct", []any{&benchPosition}, func() any { return new(position) }},
	{"structToAny", []any{&benchPosition}, func() any { return new(any) }},
	{"structWithAny", []any{&report{"t", map[string]any{"a": 1.5, "b": "c"}}}, func() any { return new(report) }},
	{"structWithBytes", []any{&upload{"n", make([]byte, 100)}}, func() any { return new(upload) }},
	{"map", []any{map[string]any{"player": "ada", "x": 12.5, "y": -3.25, "keys": []any{"up", "left"}}}, func() any { return new(map[string]any) }},
	{"binary1K", []any{bytes.Repeat([]byte{7}, 1<<10)}, func() any { return new([]byte) }},
}

func BenchmarkEncode(b *testing.B) {
	for _, v := range benchValues {
		b.Run(v.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var fb frame.Builder
				if err := JSON.Encode(&fb, event, v.args); err != nil {
					b.Fatal(err)
				}
				fb.Message()
			}
		})
	}
}

// BenchmarkDecode splits the packet and decodes its first argument.
func BenchmarkDecode(b *testing.B) {
	for _, v := range benchValues {
		m := mustEncode(b, event, v.args...)
		d := JSON.NewDecoder(Limits{})
		dst := v.dst()
		text := []byte(m.text)
		attachments := make([][]byte, len(m.attachments))
		for i := range attachments {
			attachments[i] = []byte(m.attachments[i])
		}
		b.Run(v.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				p, _, err := d.Text(text)
				for _, a := range attachments {
					p, _, err = d.Binary(a)
				}
				if err != nil {
					b.Fatal(err)
				}
				if err := p.Args.Decode(0, dst); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSplit is the decoder alone, on a large object and a large string.
func BenchmarkSplit(b *testing.B) {
	var list []any
	for range 100 {
		list = append(list, &benchPosition)
	}
	for name, m := range map[string]messages{
		"objects": mustEncode(b, event, list),
		"string":  mustEncode(b, event, strings.Repeat("x", 16<<10)),
	} {
		b.Run(name, func(b *testing.B) {
			d := JSON.NewDecoder(Limits{})
			text := []byte(m.text)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, _, err := d.Text(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkStandardLibrary is what encoding/json takes for the same.
func BenchmarkStandardLibrary(b *testing.B) {
	for _, v := range benchValues {
		text, err := json.Marshal(v.args)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("Encode/"+v.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := json.Marshal(v.args); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("Decode/"+v.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var raw []json.RawMessage
				if err := json.Unmarshal(text, &raw); err != nil {
					b.Fatal(err)
				}
				if err := json.Unmarshal(raw[0], v.dst()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkValid is what other checks of the same text take, which note nothing.
func BenchmarkValid(b *testing.B) {
	var list []any
	for range 100 {
		list = append(list, &benchPosition)
	}
	for name, m := range map[string]messages{
		"objects": mustEncode(b, event, list),
		"string":  mustEncode(b, event, strings.Repeat("x", 16<<10)),
	} {
		text := []byte(m.text[1:])
		b.Run(name+"/encoding-json", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				json.Valid(text)
			}
		})
		b.Run(name+"/jsontext", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				jsontext.Value(text).IsValid(lenient)
			}
		})
	}
}
