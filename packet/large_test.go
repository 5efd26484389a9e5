package packet

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/engine/frame"
)

// TestLargeArguments have the same form on the wire as short ones, whether they are
// copied or referred to.
func TestLargeArguments(t *testing.T) {
	long := strings.Repeat("long", frame.Large)
	text := func(json string) Args { return mustDecode(t, wire(`2["in",`+json+`]`)).Args }
	binary := mustDecode(t, wire(`51-["in",{"a":{"_placeholder":true,"num":0},"b":"`+long+`"}]`, long)).Args
	for name, test := range map[string]struct {
		args []any
		want messages
	}{
		"string":                  {[]any{long}, wire(`2["e","` + long + `"]`)},
		"strings":                 {[]any{1, long, "", long}, wire(`2["e",1,"` + long + `","","` + long + `"]`)},
		"an escape at the end":    {[]any{long + `"`}, wire(`2["e","` + long + `\""]`)},
		"not ASCII":               {[]any{"é" + long}, wire(`2["e","é` + long + `"]`)},
		"not UTF-8":               {[]any{long + "\xff"}, wire(`2["e","` + long + `�"]`)},
		"string and attachment":   {[]any{long, []byte("x")}, wire(`51-["e","`+long+`",{"_placeholder":true,"num":0}]`, "x")},
		"passed on":               {[]any{text(`"` + long + `",1`)}, wire(`2["e","` + long + `",1]`)},
		"passed on with escapes":  {[]any{text(`"` + long + `\n"`)}, wire(`2["e","` + long + `\n"]`)},
		"an object passed on":     {[]any{text(`{"a":"` + long + `"}`), 2}, wire(`2["e",{"a":"` + long + `"},2]`)},
		"passed on, attachment":   {[]any{text(`[` + strings.Repeat("1,", frame.Large) + `1]`), []byte("x")}, wire(`51-["e",[`+strings.Repeat("1,", frame.Large)+`1],{"_placeholder":true,"num":0}]`, "x")},
		"binary passed on":        {[]any{binary}, wire(`51-["e",{"a":{"_placeholder":true,"num":0},"b":"`+long+`"}]`, long)},
		"own and received binary": {[]any{[]byte(long + "own"), binary}, wire(`52-["e",{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1},"b":"`+long+`"}]`, long+"own", long)},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustEncode(t, event, test.args...)
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %.200q\nwant %.200q", got, test.want)
			}
			mustDecode(t, got)
		})
	}
}

// What looks like a placeholder is found in large arguments too.
func TestLargePlaceholderIsNotOverlooked(t *testing.T) {
	args := mustDecode(t, wire(`2["in",{"_placeholder":true,"num":0,"x":"`+strings.Repeat("x", frame.Large)+`"}]`)).Args
	if _, err := encode(event, args, []byte("x")); err == nil {
		t.Error("no error for data that the receiver would take for an attachment")
	}
}

// TestBytesOfTheApplicationAreCopied: it may use them again when Emit has returned.
func TestBytesOfTheApplicationAreCopied(t *testing.T) {
	own := bytes.Repeat([]byte("o"), 2*frame.Large)
	json := append(append([]byte{'"'}, own...), '"')
	var b frame.Builder
	if err := JSON.Encode(&b, event, []any{own, Raw{JSON: json}, Raw{JSON: []byte(`{"_placeholder":true,"num":0}`), Attachments: [][]byte{own}}}); err != nil {
		t.Fatal(err)
	}
	clear(own)
	clear(json)
	if wire := b.Message().WebSocket(); bytes.Count(wire, []byte("o")) != 6*frame.Large+2 { // and the o of _placeholder, twice
		t.Errorf("%d of the bytes are there", bytes.Count(wire, []byte("o")))
	}
}
