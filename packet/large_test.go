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

// TestLargePayloadIsPassedOn: a payload that is referred to is checked like another.
func TestLargePayloadIsPassedOn(t *testing.T) {
	long := strings.Repeat("long", frame.Large)
	for _, test := range []struct {
		packetType Type
		json       string
		ok         bool
	}{
		{Connect, `{"a":"` + long + `"}`, true},
		{Connect, `"` + long + `"`, false},
		{Connect, `[1,"` + long + `"]`, false},
		{ConnectError, `{"a":"` + long + `"}`, true},
		{ConnectError, `"` + long + `"`, true},
		{ConnectError, `[1,"` + long + `"]`, false},
	} {
		args := mustDecode(t, wire(`2["in",`+test.json+`]`)).Args
		got, err := encode(Header{Type: test.packetType}, args)
		if (err == nil) != test.ok {
			t.Errorf("%v with %.10s…: %v", test.packetType, test.json, err)
		}
		if want := string('0'+byte(test.packetType)) + test.json; err == nil && got.text != want {
			t.Errorf("got  %.50q\nwant %.50q", got.text, want)
		}
	}
}

// TestLittleDoesNotKeepMuchInMemory: a message that waits in a queue counts there with its
// size, so it must not keep what is many times larger.
func TestLittleDoesNotKeepMuchInMemory(t *testing.T) {
	refers := func(text string) bool {
		data := []byte(text)
		p, _, err := JSON.NewDecoder(Limits{}).Text(data)
		if err != nil {
			t.Fatal(err)
		}
		var b frame.Builder
		if err := JSON.Encode(&b, event, []any{p.Args}); err != nil {
			t.Fatal(err)
		}
		first := strings.Index(text, "long")
		for _, piece := range b.Message().AppendPieces(nil, frame.Form{}) {
			if i := bytes.Index(piece, []byte("long")); i >= 0 {
				return &piece[i] == &data[first]
			}
		}
		t.Fatal("the argument is not there")
		return false
	}
	long := `"` + strings.Repeat("long", frame.Large) + `"`
	for name, test := range map[string]struct {
		text string
		want bool
	}{
		"alone":                  {`2["e",` + long + `]`, true},
		"one of several":         {`2["e",` + long + `,1,` + long + `,` + long + `]`, true},
		"mostly white space":     {`2["e",` + strings.Repeat(" ", 3*len(long)) + long + `]`, false},
		"white space at the end": {`2["e",` + long + `]` + strings.Repeat("\n", 3*len(long)), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := refers(test.text); got != test.want {
				t.Errorf("referred to: %v, want %v", got, test.want)
			}
		})
	}
}
