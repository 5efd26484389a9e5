package msgpack

import (
	"runtime"
	"testing"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// TestAllocationBudget is the budget of an echo: decode a packet, decode its
// argument, encode the answer.
func TestAllocationBudget(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
	budget := map[string]struct{ decode, encode float64 }{
		"string64":  {3, 2}, // arguments and what packet.Args needs for them, the string; the buffer and the message
		"string16K": {2, 2}, // the string shares the memory of the packet
		"int":       {2, 2},
		"struct":    {5, 2}, // its three strings
		"map":       {18, 2},
		"binary1K":  {2, 2},
	}
	for _, v := range benchValues {
		t.Run(v.name, func(t *testing.T) {
			want, ok := budget[v.name]
			if !ok {
				t.Fatal("no budget")
			}
			data, dst, d, args := mustEncode(t, testEvent, v.arg), v.dst(), Codec.NewDecoder(packet.Limits{}), []any{v.arg}
			if got := testing.AllocsPerRun(200, func() {
				p, _, err := d.Binary(data)
				if err == nil {
					err = p.Args.Decode(0, dst)
				}
				if err != nil {
					t.Fatal(err)
				}
			}); got > want.decode {
				t.Errorf("decode: %v allocations, want at most %v", got, want.decode)
			}
			var b frame.Builder // which servers use again
			var sent *frame.Message
			if got := testing.AllocsPerRun(200, func() {
				b = frame.Builder{}
				if err := Codec.Encode(&b, testEvent, args); err != nil {
					t.Fatal(err)
				}
				sent = b.Message()
			}); got > want.encode {
				t.Errorf("encode: %v allocations, want at most %v", got, want.encode)
			}
			runtime.KeepAlive(sent)
		})
	}
}

func TestDecoderSize(t *testing.T) {
	if got := testing.AllocsPerRun(100, func() { Codec.NewDecoder(packet.Limits{}) }); got > 1 {
		t.Errorf("%v allocations", got)
	}
}
