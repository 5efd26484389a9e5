package msgpack

import (
	"errors"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/go-socketio/socketio/packet"
)

// In JSON, an object stands where binary data belongs.
const (
	placeholderName   = "_placeholder"
	placeholderPrefix = `{"_placeholder":true,"num":`
)

var errPlaceholder = errors.New("data that looks like a placeholder for binary data, beside binary data")

// jsonWriter writes one value in the form of [packet.JSON].
type jsonWriter struct {
	*valueReader
	out         packet.Raw
	placeholder bool // a map looks like one
}

// json reads the next value.
func (d *valueReader) json() (packet.Raw, error) {
	w := jsonWriter{valueReader: d}
	err := w.value()
	if err == nil && w.placeholder && len(w.out.Attachments) > 0 {
		err = errPlaceholder
	}
	return w.out, err
}

func (w *jsonWriter) write(s string) { w.out.JSON = append(w.out.JSON, s...) }

func (w *jsonWriter) string(s []byte) (err error) {
	w.out.JSON, err = jsontext.AppendQuote(w.out.JSON, s)
	return err
}

func (w *jsonWriter) binary(b []byte) {
	w.write(placeholderPrefix)
	w.out.JSON = strconv.AppendInt(w.out.JSON, int64(len(w.out.Attachments)), 10)
	w.write("}")
	w.out.Attachments = append(w.out.Attachments, b)
}

func (w *jsonWriter) value() error {
	t, err := w.next()
	if err != nil {
		return err
	}
	switch t.kind {
	case boolToken:
		w.out.JSON = strconv.AppendBool(w.out.JSON, t.n == 1)
	case uintToken, intToken, floatToken:
		if t.isFinite() {
			w.out.JSON = appendNumber(w.out.JSON, t)
		} else {
			w.write("null")
		}
	case stringToken:
		return w.string(t.body)
	case bytesToken:
		w.binary(t.body)
	case arrayToken:
		return w.array(t.n)
	case mapToken:
		return w.object(t.n)
	case dateToken, timestampToken:
		date, ok := t.time()
		if !ok {
			return errDate
		}
		w.write(`"`)
		w.out.JSON = appendISO(w.out.JSON, date)
		w.write(`"`)
	case extToken:
		w.write("[")
		w.out.JSON = strconv.AppendInt(w.out.JSON, int64(t.n), 10)
		w.write(",")
		w.binary(t.body)
		w.write("]")
	default:
		w.write("null")
	}
	return nil
}

func (w *jsonWriter) array(n uint64) error {
	w.write("[")
	for i := range n {
		if i > 0 {
			w.write(",")
		}
		if err := w.value(); err != nil {
			return err
		}
	}
	w.write("]")
	return nil
}

func (w *jsonWriter) object(n uint64) error {
	w.write("{")
	empty := true
	for range n {
		name, present, err := w.member()
		if err != nil {
			return err
		}
		if !present {
			continue
		}
		if !empty {
			w.write(",")
		}
		empty = false
		if err := w.string(name); err != nil {
			return err
		}
		w.write(":")
		w.placeholder = w.placeholder || string(name) == placeholderName && w.data[w.pos] == 0xC3 // true
		if err := w.value(); err != nil {
			return err
		}
	}
	w.write("}")
	return nil
}
