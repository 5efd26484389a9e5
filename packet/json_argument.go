package packet

import (
	"bytes"
	"errors"
	"maps"
	"reflect"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// argument is one argument about to be decoded.
type argument struct {
	json        []byte // checked, without white space around it
	plain       bool   // it is a string without escapes
	pinned      int    // bytes that stay in memory as long as any part of json is referred to
	attachments [][]byte
}

var errNotPointer = errors.New("the target must be a non-nil pointer")

// decodeArgument decodes a into the value that dst points to. The common scalars
// are decoded here; the JSON library does the rest.
func decodeArgument(a argument, dst any) error {
	switch dst := dst.(type) {
	case *string:
		if dst != nil && a.json[0] == '"' {
			*dst = a.string()
			return nil
		}
	case *any:
		if dst != nil {
			v, err := decodeAny(a.json, a.attachments)
			if err == nil {
				*dst = v
			}
			return err
		}
	case *map[string]any:
		if dst != nil && a.json[0] == '{' {
			var members map[string]any
			err := setDecoded(a, &members)
			if *dst == nil {
				*dst = members
			} else {
				maps.Copy(*dst, members)
			}
			return err
		}
	case *[]any:
		if dst != nil && a.json[0] == '[' {
			return setDecoded(a, dst)
		}
	case *Raw:
		if dst != nil {
			return decodeRaw(a, dst)
		}
	case *[]byte:
		if dst != nil {
			if b, ok := attachmentFor(a.json, a.attachments); ok {
				*dst = b
				return nil
			}
			// The library would decode base64 into the old memory, which may be
			// that of another attachment.
			*dst = nil
		}
	case *bool:
		if dst != nil && (a.json[0] == 't' || a.json[0] == 'f') {
			*dst = a.json[0] == 't'
			return nil
		}
	case *float64:
		if dst != nil && isNumber(a.json[0]) {
			f, err := strconv.ParseFloat(aliasString(a.json), 64)
			if err == nil {
				*dst = f
			}
			return err
		}
	case *int:
		if dst != nil && setInteger(a.json, strconv.IntSize, dst) {
			return nil
		}
	case *int64:
		if dst != nil && setInteger(a.json, 64, dst) {
			return nil
		}
	}
	return decodeByLibrary(a, dst)
}

// setDecoded decodes into a type that decodeAny yields, unless it yields another one.
func setDecoded[T any](a argument, dst *T) error {
	v, err := decodeAny(a.json, a.attachments)
	if err != nil {
		return err
	}
	t, ok := v.(T)
	if !ok {
		return errors.New("the argument is a binary attachment")
	}
	*dst = t
	return nil
}

// string returns the string that a is. One that makes up at least half of what it
// would keep in memory is not copied: nobody changes the text of a packet once a
// decoder has taken it over.
func (a argument) string() string {
	const worthSharing = 256
	if !a.plain {
		return unquote(a.json)
	}
	content := a.json[1 : len(a.json)-1]
	if len(content) >= worthSharing && len(content) >= a.pinned/2 {
		return aliasString(content)
	}
	return string(content)
}

func isNumber(first byte) bool { return first == '-' || '0' <= first && first <= '9' }

// setInteger sets dst if json is a whole number that fits.
func setInteger[T int | int64](json []byte, bits int, dst *T) bool {
	if !isNumber(json[0]) {
		return false
	}
	n, err := strconv.ParseInt(aliasString(json), 10, bits)
	if err != nil {
		return false // the library finds the right words
	}
	*dst = T(n)
	return true
}

// libraryDecoder holds options for the JSON library whose unmarshalers know the
// attachments of one packet. Building the options is dear, so they are pooled.
type libraryDecoder struct {
	attachments [][]byte
	standard    json.Options // []byte, any, Raw and json.Number
	thorough    json.Options // and every other type that holds bytes
}

// lenient makes the library accept what JavaScript accepts.
var lenient = json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

var libraryDecoders = sync.Pool{New: func() any {
	d := new(libraryDecoder)
	standard := json.JoinUnmarshalers(
		json.UnmarshalFromFunc(d.bytes),
		json.UnmarshalFromFunc(d.any),
		json.UnmarshalFromFunc(d.raw),
		json.UnmarshalFromFunc(unmarshalNumber),
	)
	d.standard = json.JoinOptions(lenient, json.WithUnmarshalers(standard))
	d.thorough = json.JoinOptions(lenient, json.WithUnmarshalers(
		json.JoinUnmarshalers(standard, json.UnmarshalFromFunc(d.otherBytes))))
	return d
}}

func decodeByLibrary(a argument, dst any) error {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return errNotPointer
	}
	holds := unmarshalContents.of(v.Type())
	if len(a.attachments) == 0 {
		holds &= holdsAny | holdsRaw | holdsNumber
	}
	if holds == 0 {
		return json.Unmarshal(a.json, dst, lenient)
	}
	d := libraryDecoders.Get().(*libraryDecoder)
	d.attachments = a.attachments
	options := d.standard
	if holds&holdsOther != 0 {
		options = d.thorough
	}
	err := json.Unmarshal(a.json, dst, options)
	d.attachments = nil
	libraryDecoders.Put(d)
	return err
}

// attachment reads the next value if it is a placeholder.
func (d *libraryDecoder) attachment(dec *jsontext.Decoder) ([]byte, error) {
	if len(d.attachments) == 0 || dec.PeekKind() != jsontext.KindBeginObject {
		return nil, errors.ErrUnsupported
	}
	text, err := dec.ReadValue()
	if err != nil {
		return nil, err
	}
	b, ok := attachmentFor(text, d.attachments)
	if !ok {
		return nil, errors.New("an object that is not a placeholder cannot be bytes")
	}
	return b, nil
}

func (d *libraryDecoder) bytes(dec *jsontext.Decoder, dst *[]byte) error {
	b, err := d.attachment(dec)
	if err == nil {
		*dst = b
	}
	return err
}

func (d *libraryDecoder) any(dec *jsontext.Decoder, dst *any) error {
	text, err := dec.ReadValue()
	if err != nil {
		return err
	}
	v, err := decodeAny(text, d.attachments)
	if err == nil {
		*dst = v
	}
	return err
}

func (d *libraryDecoder) raw(dec *jsontext.Decoder, dst *Raw) error {
	text, err := dec.ReadValue()
	if err != nil {
		return err
	}
	return decodeRaw(argument{json: text, attachments: d.attachments}, dst)
}

// otherBytes is called for values of every type.
func (d *libraryDecoder) otherBytes(dec *jsontext.Decoder, dst any) error {
	v := reflect.ValueOf(dst).Elem()
	if !isBytes(v.Type()) || unmarshalContents.hasMethod(v.Type()) {
		return errors.ErrUnsupported
	}
	b, err := d.attachment(dec)
	if err != nil {
		return err
	}
	if v.Kind() == reflect.Slice {
		v.SetBytes(b)
		return nil
	}
	if len(b) != v.Len() {
		return errors.New("an attachment of " + strconv.Itoa(len(b)) + " bytes does not fit an array of " + strconv.Itoa(v.Len()))
	}
	reflect.Copy(v, reflect.ValueOf(b))
	return nil
}

// decodeRaw keeps an argument as it came. If it refers to attachments it gets all of
// the packet, because its placeholders number them.
func decodeRaw(a argument, dst *Raw) error {
	raw := Raw{JSON: bytes.Clone(a.json)}
	if len(a.attachments) > 0 {
		found, err := countPlaceholders(a.json, len(a.attachments))
		if err != nil {
			return err
		}
		if found > 0 {
			raw.Attachments = a.attachments
		}
	}
	*dst = raw
	return nil
}
