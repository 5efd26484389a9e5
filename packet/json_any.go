package packet

import (
	"strconv"

	"github.com/go-socketio/socketio/internal/intern"
)

// anyDecoder decodes checked JSON text into the types that an any holds. The JSON
// library could do that too, but not with attachments, and not with repeated
// names the way JavaScript treats them. The depth of its recursion is that of the
// text, which the check has limited.
type anyDecoder struct {
	text        []byte
	pos         int
	attachments [][]byte
}

// decodeAny decodes one checked value.
func decodeAny(json []byte, attachments [][]byte) (any, error) {
	d := anyDecoder{text: json, attachments: attachments}
	return d.value()
}

// next skips white space, and returns the byte after it without consuming it.
func (d *anyDecoder) next() byte {
	for d.text[d.pos] <= ' ' {
		d.pos++
	}
	return d.text[d.pos]
}

func (d *anyDecoder) value() (any, error) {
	switch d.next() {
	case '{':
		return d.object()
	case '[':
		return d.array()
	case '"':
		return unquote(d.string()), nil
	case 't':
		d.pos += len("true")
		return true, nil
	case 'f':
		d.pos += len("false")
		return false, nil
	case 'n':
		d.pos += len("null")
		return nil, nil
	default:
		return d.number()
	}
}

func (d *anyDecoder) string() []byte {
	start := d.pos
	d.pos = stringEnd(d.text, start)
	return d.text[start:d.pos]
}

func (d *anyDecoder) number() (any, error) {
	start := d.pos
	d.pos = wordEnd(d.text, start)
	f, err := strconv.ParseFloat(aliasString(d.text[start:d.pos]), 64)
	if err != nil {
		return nil, err // which holds a copy of the text
	}
	return f, nil
}

func (d *anyDecoder) array() (any, error) {
	list := []any{}
	for d.pos++; d.next() != ']'; {
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if d.next() == ',' {
			d.pos++
		}
	}
	d.pos++
	return list, nil
}

func (d *anyDecoder) object() (any, error) {
	start := d.pos
	members := make(map[string]any)
	for d.pos++; d.next() != '}'; {
		name := d.name()
		d.next()
		d.pos++ // the colon
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		members[name] = v
		if d.next() == ',' {
			d.pos++
		}
	}
	d.pos++
	if len(d.attachments) > 0 && members[placeholderName] == true {
		if b, ok := attachmentFor(d.text[start:d.pos], d.attachments); ok {
			return b, nil
		}
	}
	return members, nil
}

func (d *anyDecoder) name() string {
	quoted := d.string()
	if len(quoted) <= intern.MaxLen && !hasEscape(quoted) {
		return intern.String(quoted[1 : len(quoted)-1])
	}
	return unquote(quoted)
}
