package packet

import (
	"runtime"
	"testing"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/intern"
)

// TestAllocations is the budget of an echo: decode a packet, decode its argument,
// encode the answer. Every allocation counts at hundreds of thousands of packets
// per second.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
	for _, test := range []struct {
		name   string // of a value of the benchmarks
		decode float64
		encode float64
		names  []string // in it
	}{
		{"string64", 1, 2, nil},                     // the string; the buffer and the message of the frame
		{"string16K", 0, 5, nil},                    // the string shares the memory of the packet; three for the reference to it
		{"ints", 0, 2, nil},                         //
		{"struct", 0, 2, nil},                       // into a target with room in its slices
		{"structWithAny", 4, 2, []string{"a", "b"}}, // a map of two and the string and the float in it
		{"map", 13, 2, []string{"player", "x", "y", "keys"}},
		{"binary1K", 1, 2, nil}, // the pending packet
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, v := range benchValues {
				if v.name != test.name {
					continue
				}
				if anewEachTime(append(test.names, event.Event)) {
					t.Skip("this process keeps two of the names in one place")
				}
				m := mustEncode(t, event, v.args...)
				text, dst, d := []byte(m.text), v.dst(), JSON.NewDecoder(Limits{})
				attachments := make([][]byte, len(m.attachments))
				for i := range attachments {
					attachments[i] = []byte(m.attachments[i])
				}
				if got := testing.AllocsPerRun(200, func() {
					p, _, err := d.Text(text)
					for _, a := range attachments {
						p, _, err = d.Binary(a)
					}
					if err == nil {
						err = p.Args.Decode(0, dst)
					}
					if err != nil {
						t.Fatal(err)
					}
				}); got > test.decode {
					t.Errorf("decode: %v allocations, want at most %v", got, test.decode)
				}
				var b frame.Builder
				var sent *frame.Message
				if got := testing.AllocsPerRun(200, func() {
					b.Reset()
					if err := JSON.Encode(&b, event, v.args); err != nil {
						t.Fatal(err)
					}
					sent = b.Message()
				}); got > test.encode {
					t.Errorf("encode: %v allocations, want at most %v", got, test.encode)
				}
				runtime.KeepAlive(sent)
				return
			}
			t.Fatal("no such value")
		})
	}
}

// anewEachTime reports whether names push each other out of where they are kept. That
// depends on a seed.
func anewEachTime(names []string) bool {
	return testing.AllocsPerRun(10, func() {
		for _, name := range names {
			intern.String([]byte(name))
		}
	}) > 0
}

// An idle decoder is 16 bytes, and decodes without limits of its own.
func TestDecoderSize(t *testing.T) {
	if got := testing.AllocsPerRun(100, func() { JSON.NewDecoder(Limits{}) }); got > 1 {
		t.Errorf("%v allocations", got)
	}
}
