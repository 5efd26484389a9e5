package packet

import (
	"bytes"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/go-socketio/socketio/engine/frame"
)

// callsWhenEncoded is a value whose encoding calls it.
type callsWhenEncoded func()

func (f callsWhenEncoded) MarshalJSON() ([]byte, error) {
	f()
	return []byte("null"), nil
}

type holder struct {
	A []byte
	B callsWhenEncoded
}

// Encoders are used again, however their last use has ended.
func TestEncoderLetsGo(t *testing.T) {
	long := strings.Repeat("x", frame.Large)
	for name, fail := range map[string]callsWhenEncoded{
		"an end":      func() {},
		"a panic":     func() { panic("MarshalJSON") },
		"a goroutine": runtime.Goexit,
	} {
		e := new(jsonEncoder)
		done := make(chan bool)
		go func() {
			defer close(done)
			defer func() { recover() }()
			defer e.release()
			e.attachments, e.large = make([][]byte, 0, 8), make(large, 0, 8)
			dst := e.appendTopLevelString(nil, long)
			dst, _ = e.appendValue(dst, []byte("before"))
			e.appendValue(dst, holder{[]byte("within"), fail})
		}()
		<-done
		for i, b := range e.attachments[:cap(e.attachments)] {
			if b != nil {
				t.Errorf("%s: attachment %d, %q, is kept", name, i, b)
			}
		}
		for i, r := range e.large[:cap(e.large)] {
			if r.text != nil {
				t.Errorf("%s: reference %d, %d bytes, is kept", name, i, len(r.text))
			}
		}
		if e.inLibrary || e.thorough || e.depth != 0 || e.placeholders != 0 || e.received != nil || len(e.attachments)+len(e.large) > 0 {
			t.Errorf("%s: an encoder to be used again is %+v", name, e)
		}
	}
}

// Goroutines that encode at the same time, some of them in vain or within each other, do
// not see each other's values.
func TestEncodersAreNotShared(t *testing.T) {
	var work sync.WaitGroup
	for g := range 8 {
		own := bytes.Repeat([]byte{byte('a' + g)}, 50)
		work.Go(func() {
			for range 200 {
				func() {
					defer func() { recover() }()
					encode(event, own, holder{own, func() { panic("MarshalJSON") }})
				}()
				values := []any{own, map[string]any{"nan": math.NaN(), "b": own}, holder{own, func() {
					if m, err := encode(event, own); err != nil || len(m.attachments) != 1 || m.attachments[0] != string(own) {
						t.Errorf("within another one: %v, %v", m, err)
					}
				}}, struct {
					F float64
					B []byte
				}{math.Inf(1), own}}
				m, err := encode(event, values...)
				if err != nil || len(m.attachments) != 4 || strings.Count(m.text, "null") != 3 {
					t.Errorf("%v, %v", m, err)
				}
				for _, a := range m.attachments {
					if a != string(own) {
						t.Errorf("attachment %q of goroutine %d", a, g)
					}
				}
			}
		})
	}
	work.Wait()
}

// Arguments and attachments of every number find their place.
func TestArgumentsWithAttachments(t *testing.T) {
	d := JSON.NewDecoder(Limits{})
	for arguments := 1; arguments <= 7; arguments++ {
		for attachments := 1; attachments <= 4; attachments++ {
			text := fmt.Sprintf(`5%d-["e"`, attachments)
			var binary []string
			for i := range arguments {
				text += fmt.Sprintf(`,[%d,{"_placeholder":true,"num":%d}]`, i, i%attachments)
			}
			for i := range attachments {
				binary = append(binary, fmt.Sprint("attachment ", i))
			}
			p, err := wire(text+"]", binary...).decode(d)
			if err != nil || p.Args.Len() != arguments || len(p.Args.Attachments()) != attachments {
				t.Fatalf("%d arguments, %d attachments: %d, %q, %v", arguments, attachments, p.Args.Len(), p.Args.Attachments(), err)
			}
			for i := range arguments {
				var got []any
				if err := p.Args.Decode(i, &got); err != nil || len(got) != 2 || got[0] != float64(i) || string(got[1].([]byte)) != binary[i%attachments] {
					t.Errorf("%d arguments, %d attachments: argument %d is %q, %v", arguments, attachments, i, got, err)
				}
			}
		}
	}
}
