package packet

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// In the text of a binary packet an object such as {"_placeholder":true,"num":0}
// stands where an attachment belongs.
const (
	placeholderName   = "_placeholder"
	placeholderPrefix = `{"_placeholder":true,"num":`
)

func appendPlaceholder(dst []byte, num int) []byte {
	dst = append(dst, placeholderPrefix...)
	dst = strconv.AppendInt(dst, int64(num), 10)
	return append(dst, '}')
}

// countPlaceholders returns how many placeholders text has, which must be one
// checked JSON value. It fails if a placeholder does not refer to one of so many
// attachments, or holds another placeholder.
func countPlaceholders(text []byte, attachments int) (int, error) {
	if count, ok := countUsualPlaceholders(text, attachments); ok {
		return count, nil
	}
	w := placeholderWalk{text: text, limit: attachments}
	_, err := w.value()
	return w.count, err
}

// countUsualPlaceholders is countPlaceholders for text without escapes, in which every
// placeholder is written as every official encoder writes it; otherwise ok is false.
// Such text cannot be part of a string, which would have to escape the quotes.
func countUsualPlaceholders(text []byte, attachments int) (count int, ok bool) {
	if hasEscape(text) {
		return 0, false
	}
	for {
		i := bytes.Index(text, []byte(placeholderName))
		if i < 0 {
			return count, true
		}
		num, found := bytes.CutPrefix(text[max(i-len(`{"`), 0):], []byte(placeholderPrefix))
		end := bytes.IndexByte(num, '}')
		if !found || end < 0 {
			return 0, false
		}
		if n, err := strconv.ParseUint(aliasString(num[:end]), 10, 31); err != nil || int(n) >= attachments {
			return 0, false // the walk finds the right words
		}
		count++
		text = num[end:]
	}
}

// appendRenumbered appends text to dst, with offset added to the number of every
// placeholder, and is otherwise like countPlaceholders.
func appendRenumbered(dst, text []byte, attachments, offset int) ([]byte, int, error) {
	w := placeholderWalk{text: text, limit: attachments, renumber: true, offset: offset, dst: dst}
	_, err := w.value()
	return append(w.dst, text[w.copied:]...), w.count, err
}

// mayHoldPlaceholder reports whether a text has to be walked. A placeholder is an
// object with a member of a certain name, which only an escape could hide.
func mayHoldPlaceholder(text []byte) bool {
	return bytes.Contains(text, []byte(placeholderName)) || hasEscape(text)
}

// attachmentFor returns the attachment that json, one checked value without
// white space around it, stands for.
func attachmentFor(json []byte, attachments [][]byte) (b []byte, ok bool) {
	if len(attachments) == 0 || json[0] != '{' {
		return nil, false
	}
	if rest, found := bytes.CutPrefix(json, []byte(placeholderPrefix)); found && len(rest) == 2 {
		// As every official encoder writes it, and a number of one digit.
		if num := int(rest[0] - '0'); num < len(attachments) {
			return attachments[num], true
		}
	}
	w := placeholderWalk{text: json, limit: len(attachments)}
	num, err := w.value()
	if err != nil || num < 0 {
		return nil, false
	}
	return attachments[num], true
}

// placeholderWalk walks over checked JSON text. Its depth is that of the text,
// which the check has limited.
type placeholderWalk struct {
	text  []byte
	pos   int
	limit int // of the numbers
	count int // of the placeholders found

	renumber bool
	offset   int    // to add to each number
	dst      []byte // where to write the text, up to copied
	copied   int
}

// next skips white space, and returns the byte after it without consuming it.
func (w *placeholderWalk) next() byte {
	for w.text[w.pos] <= ' ' {
		w.pos++
	}
	return w.text[w.pos]
}

// value walks over one value and returns the number of the attachment it stands
// for, or -1 if it is not a placeholder itself.
func (w *placeholderWalk) value() (num int, err error) {
	switch w.next() {
	case '{':
		return w.object()
	case '[':
		return -1, w.array()
	default:
		w.scalar()
		return -1, nil
	}
}

func (w *placeholderWalk) array() error {
	for w.pos++; w.next() != ']'; {
		if _, err := w.value(); err != nil {
			return err
		}
		if w.next() == ',' {
			w.pos++
		}
	}
	w.pos++
	return nil
}

// object walks over an object, in which the last of several members with the
// same name counts, as in JavaScript.
func (w *placeholderWalk) object() (num int, err error) {
	marked, start, end, outside := false, 0, 0, w.count
	for w.pos++; w.next() != '}'; {
		name := w.scalar()
		w.next()
		w.pos++ // the colon
		w.next()
		valueStart := w.pos
		if _, err := w.value(); err != nil {
			return -1, err
		}
		switch {
		case isString(name, placeholderName):
			marked = string(w.text[valueStart:w.pos]) == "true"
		case isString(name, "num"):
			start, end = valueStart, w.pos
		}
		if w.next() == ',' {
			w.pos++
		}
	}
	w.pos++
	if !marked {
		return -1, nil
	}
	n, err := strconv.ParseUint(string(w.text[start:end]), 10, 31)
	if err != nil || int(n) >= w.limit {
		return -1, fmt.Errorf("placeholder for attachment %.20q, but there are %d", w.text[start:end], w.limit)
	}
	if w.count != outside {
		return -1, errors.New("placeholder within a placeholder")
	}
	w.count++
	if w.renumber {
		w.dst = append(w.dst, w.text[w.copied:start]...)
		w.dst = strconv.AppendInt(w.dst, int64(w.offset)+int64(n), 10)
		w.copied = end
	}
	return int(n), nil
}

// scalar skips a string, a number or a literal, and returns it.
func (w *placeholderWalk) scalar() []byte {
	start := w.pos
	if w.text[start] == '"' {
		w.pos = stringEnd(w.text, start)
	} else {
		w.pos = wordEnd(w.text, start)
	}
	return w.text[start:w.pos]
}

// stringEnd returns where the string that begins at pos ends, in checked text.
func stringEnd(text []byte, pos int) int {
	s := scanner{text: text, pos: pos}
	if _, err := s.string(); err != nil {
		return len(text) // not in checked text
	}
	return s.pos
}

// wordEnd returns where the number or literal that begins at pos ends, in checked text.
func wordEnd(text []byte, pos int) int {
	for pos < len(text) {
		switch text[pos] {
		case ',', ']', '}', ' ', '\t', '\n', '\r':
			return pos
		}
		pos++
	}
	return pos
}

// isString reports whether quoted, a checked JSON string, stands for s.
func isString(quoted []byte, s string) bool {
	content := quoted[1 : len(quoted)-1]
	if !hasEscape(content) {
		return string(content) == s
	}
	return len(content) <= 6*len(s) && unquote(quoted) == s
}
