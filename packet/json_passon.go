package packet

import (
	"errors"
	"unicode/utf8"
)

var (
	errRawJSON = errors.New("packet.Raw does not hold one valid JSON value")
	errRawUTF8 = errors.New("packet.Raw does not hold valid UTF-8")
)

// appendPassed appends all arguments that were received in another packet.
// They were checked when they were received.
func (e *jsonEncoder) appendPassed(dst []byte, a Args, first bool) ([]byte, bool, error) {
	if a.n == 0 {
		return dst, first, nil
	}
	attachments := a.Attachments()
	offset := len(e.attachments)
	e.attachments = append(e.attachments, attachments...)
	for i := range a.n {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		var err error
		if a.extra != nil && a.extra.source != nil {
			dst, err = e.appendDecoded(dst, a, i)
		} else {
			dst, err = e.appendEncoded(dst, a.at(i).of(a.text), len(attachments), offset)
		}
		if err != nil {
			return nil, false, err
		}
	}
	return dst, first, nil
}

// appendDecoded appends an argument that came through another codec.
func (e *jsonEncoder) appendDecoded(dst []byte, a Args, i int) ([]byte, error) {
	var v any
	if err := a.Decode(i, &v); err != nil {
		return nil, err
	}
	return e.appendValue(dst, v)
}

// appendRaw appends a value that the caller has encoded, after a check: a mistake
// here would make every receiver close its connection.
func (e *jsonEncoder) appendRaw(dst []byte, r Raw) ([]byte, error) {
	s := scanner{text: r.JSON, maxDepth: maxNesting}
	if _, err := s.value(); err != nil {
		return nil, errRawJSON
	}
	if s.space(); s.pos != len(r.JSON) {
		return nil, errRawJSON
	}
	if s.nonASCII() && !utf8.Valid(r.JSON) {
		return nil, errRawUTF8
	}
	offset := len(e.attachments)
	e.attachments = append(e.attachments, r.Attachments...)
	return e.appendEncoded(dst, r.JSON, len(r.Attachments), offset)
}

// appendEncoded appends checked JSON text. Its placeholders number its own
// attachments, which stand at offset among those of the packet.
func (e *jsonEncoder) appendEncoded(dst, json []byte, attachments, offset int) ([]byte, error) {
	if attachments == 0 {
		return append(dst, json...), nil
	}
	var found int
	var err error
	if offset > 0 {
		dst, found, err = appendRenumbered(dst, json, attachments, offset)
	} else {
		dst = append(dst, json...)
		found, err = countPlaceholders(json, attachments)
	}
	e.placeholders += found
	return dst, err
}
