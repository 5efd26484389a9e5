package msgpack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/go-socketio/socketio/packet"
)

var errRaw = errors.New("packet.Raw does not hold one valid JSON value")

// lenient makes the library accept what JavaScript accepts: names that come again,
// and escaped halves of surrogate pairs, which are not Unicode.
var lenient = jsontext.Options(json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)))

// jsonReader appends to an encoder what it reads.
type jsonReader struct {
	*encoder
	text        *jsontext.Decoder
	attachments [][]byte
}

// fromJSON appends a value that is encoded as JSON.
func (e *encoder) fromJSON(raw packet.Raw) error {
	if !utf8.Valid(raw.JSON) {
		return errRaw
	}
	r := jsonReader{
		encoder:     e,
		text:        jsontext.NewDecoder(bytes.NewBuffer(raw.JSON), lenient),
		attachments: raw.Attachments,
	}
	err := r.value()
	if err == nil {
		if _, end := r.text.ReadToken(); end != io.EOF {
			err = errRaw
		}
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) || err == io.EOF {
		err = fmt.Errorf("%w: %w", errRaw, err)
	}
	return err
}

func (r *jsonReader) value() error {
	t, err := r.text.ReadToken()
	if err != nil {
		return err
	}
	switch t.Kind() {
	case jsontext.KindNull:
		r.buf = appendNil(r.buf)
	case jsontext.KindTrue, jsontext.KindFalse:
		r.buf = appendBool(r.buf, t.Bool())
	case jsontext.KindString:
		r.buf = appendString(r.buf, t.String())
	case jsontext.KindNumber:
		r.buf = appendJSONNumber(r.buf, t.String())
	case jsontext.KindBeginArray:
		return r.array()
	default:
		return r.object()
	}
	return nil
}

// appendJSONNumber appends a number of any size as exactly as possible, and without
// failing: JavaScript has no limits either.
func appendJSONNumber(dst []byte, text string) []byte {
	if !strings.ContainsAny(text, ".eE") {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return appendInt(dst, n)
		}
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			return appendUint(dst, n)
		}
	}
	f, _ := strconv.ParseFloat(text, 64) // beyond the range it is infinite
	return appendFloat(dst, f)
}

func (r *jsonReader) array() error {
	if err := r.enter(); err != nil {
		return err
	}
	start, n := len(r.buf), 0
	r.buf = append(r.buf, shortArray)
	for r.text.PeekKind() != jsontext.KindEndArray {
		if err := r.value(); err != nil {
			return err
		}
		n++
	}
	r.buf = insertHead(r.buf, start, n, shortArray, longArray)
	r.leave()
	_, err := r.text.ReadToken()
	return err
}

// object appends an object, or the binary data that it stands for.
func (r *jsonReader) object() error {
	if err := r.enter(); err != nil {
		return err
	}
	start, n := len(r.buf), 0
	placeholder, num := false, ""
	r.buf = append(r.buf, shortMap)
	for r.text.PeekKind() != jsontext.KindEndObject {
		token, err := r.text.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		r.buf = appendString(r.buf, name)
		value := len(r.buf)
		if err := r.value(); err != nil {
			return err
		}
		n++
		switch name {
		case placeholderName:
			placeholder = string(r.buf[value:]) == "\xC3" // true
		case "num":
			num = string(r.buf[value:])
		}
	}
	if placeholder && len(r.attachments) > 0 {
		b, err := r.attachment(num)
		if err != nil {
			return err
		}
		r.buf = appendBytes(r.buf[:start], b)
	} else {
		r.buf = insertHead(r.buf, start, n, shortMap, longMap)
	}
	r.leave()
	_, err := r.text.ReadToken()
	return err
}

// attachment returns the binary data for a placeholder, whose encoded number is num.
func (r *jsonReader) attachment(num string) ([]byte, error) {
	n := reader{data: []byte(num)}
	t, err := n.next()
	if err != nil || t.kind != uintToken || t.n >= uint64(len(r.attachments)) {
		return nil, fmt.Errorf("a placeholder that stands for none of the %d attachments", len(r.attachments))
	}
	return r.attachments[t.n], nil
}
