package packet

import (
	"cmp"
	stdjson "encoding/json"
	"errors"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// A [stdjson.Number] is a string whose text is a number. encoding/json/v2 knows that by a
// method which the type has not yet in this version of Go.

var (
	numberType = reflect.TypeFor[stdjson.Number]()

	errNumber = errors.New("the text of a json.Number is not a number")
)

func marshalNumber(enc *jsontext.Encoder, n stdjson.Number) error {
	if atName(enc) {
		return errors.ErrUnsupported // a string, as for any other type of string
	}
	text := jsontext.Value(cmp.Or(n, "0"))
	if !isNumberText(text) {
		return errNumber
	}
	return enc.WriteValue(text)
}

func unmarshalNumber(dec *jsontext.Decoder, n *stdjson.Number) error {
	kind := dec.PeekKind()
	if kind != jsontext.KindNumber && kind != jsontext.KindString || atNameOf(dec) {
		return errors.ErrUnsupported
	}
	text, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if kind == jsontext.KindString {
		text = jsontext.Value(unquote(text))
	}
	if !isNumberText(text) {
		return errNumber
	}
	*n = stdjson.Number(text)
	return nil
}

// isNumberText looks at both ends because a valid value may have white space around it.
func isNumberText(text jsontext.Value) bool {
	return len(text) > 0 && isNumber(text[0]) && '0' <= text[len(text)-1] && text[len(text)-1] <= '9' && text.IsValid()
}

// atNameOf reports whether dec is about to read the name of a member.
func atNameOf(dec *jsontext.Decoder) bool {
	kind, length := dec.StackIndex(dec.StackDepth())
	return kind == jsontext.KindBeginObject && length%2 == 0
}
