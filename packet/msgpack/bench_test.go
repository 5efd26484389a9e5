package msgpack

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

type position struct {
	Player string    `json:"player"`
	X      float64   `json:"x"`
	Y      float64   `json:"y"`
	Frame  int       `json:"frame"`
	Keys   []string  `json:"keys"`
	Trail  []float64 `json:"trail"`
}

var benchValues = []struct {
	name string
	arg  any
	dst  func() any // a new target
}{
	{"string64", strings.Repeat("x", 64), func() any { return new(string) }},
	{"string16K", strings.Repeat("x", 16<<10), func() any { return new(string) }},
	{"int", 1, func() any { return new(int) }},
	{"struct", &position{"ada", 12.5, -3.25, 4711, []string{"up", "left"}, []float64{1, 2, 3, 4.5}}, func() any { return new(position) }},
	{"map", map[string]any{"player": "ada", "x": 12.5, "y": -3.25, "keys": []any{"up", "left"}}, func() any { return new(map[string]any) }},
	{"binary1K", bytes.Repeat([]byte{7}, 1<<10), func() any { return new([]byte) }},
}

var codecs = []struct {
	name string
	packet.Codec
}{{"msgpack", Codec}, {"json", packet.JSON}}

func BenchmarkEncode(b *testing.B) {
	for _, v := range benchValues {
		for _, c := range codecs {
			b.Run(v.name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					var fb frame.Builder
					if err := c.Encode(&fb, testEvent, []any{v.arg}); err != nil {
						b.Fatal(err)
					}
					fb.Message()
				}
			})
		}
	}
}

// BenchmarkDecode takes the packet apart and decodes its argument.
func BenchmarkDecode(b *testing.B) {
	for _, v := range benchValues {
		for _, c := range codecs {
			messages, err := encodeBy(c, testEvent, v.arg)
			if err != nil {
				b.Fatal(err)
			}
			dst, d := v.dst(), c.NewDecoder(packet.Limits{})
			b.Run(v.name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					var p packet.Packet
					var err error
					for _, m := range messages {
						if m.Binary {
							p, _, err = d.Binary(m.Data)
						} else {
							p, _, err = d.Text(m.Data)
						}
					}
					if err == nil {
						err = p.Args.Decode(0, dst)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
