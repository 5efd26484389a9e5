package packet

import "github.com/go-socketio/socketio/engine/frame"

// appendPassed appends all arguments that were received in another packet.
// They were checked when they were received.
func (e *jsonEncoder) appendPassed(dst []byte, a Args, first bool) ([]byte, bool, error) {
	if a.n == 0 {
		return dst, first, nil
	}
	attachments := a.Attachments()
	offset := len(e.attachments)
	e.addReceived(attachments)
	mayRefer := len(a.text) >= frame.Large && a.fillTheirText()
	for i := range a.n {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		var err error
		if source := a.Source(); source != nil {
			dst, err = e.appendForeign(dst, source, i)
		} else if len(attachments) == 0 {
			dst = e.appendReceived(dst, a.at(i), a.text, mayRefer)
		} else {
			dst, err = e.appendEncoded(dst, a.at(i).of(a.text), len(attachments), offset)
		}
		if err != nil {
			return nil, false, err
		}
	}
	return dst, first, nil
}

// appendForeign appends an argument that came through another codec.
func (e *jsonEncoder) appendForeign(dst []byte, s Source, i int) ([]byte, error) {
	raw, err := s.Raw(i)
	if err != nil {
		return nil, err
	}
	return e.appendRaw(dst, raw)
}

// appendRaw appends a value that the caller has encoded, after a check: a mistake
// here would make every receiver close its connection.
func (e *jsonEncoder) appendRaw(dst []byte, r Raw) ([]byte, error) {
	if _, err := r.check(maxNesting); err != nil {
		return nil, err
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
