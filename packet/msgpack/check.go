package msgpack

import (
	"bytes"
	"unicode/utf8"

	"github.com/go-socketio/socketio/packet"
)

// checker checks values without decoding them.
type checker struct {
	reader
	maxDepth    int
	invalidUTF8 bool // in a string that was checked
}

// value checks a value that is nested so deeply already.
func (c *checker) value(depth int) error {
	t, err := c.next()
	if err != nil {
		return err
	}
	return c.rest(t, depth)
}

// rest checks what follows the first token of a value.
func (c *checker) rest(t token, depth int) error {
	switch t.kind {
	case stringToken:
		c.text(t.body)
	case arrayToken, mapToken:
		if depth >= c.maxDepth {
			return &packet.LimitError{Limit: "MaxDepth", Max: c.maxDepth}
		}
		return c.container(t, depth+1)
	}
	return nil
}

func (c *checker) container(t token, depth int) error {
	for range t.n {
		if t.kind == mapToken {
			if _, err := c.name(); err != nil {
				return err
			}
		}
		if err := c.value(depth); err != nil {
			return err
		}
	}
	return nil
}

// name checks the name of a member. JavaScript turns numbers into strings.
func (c *checker) name() (token, error) {
	start := c.pos
	t, err := c.next()
	switch {
	case err != nil:
	case t.kind == stringToken:
		c.text(t.body)
	case t.kind != uintToken && t.kind != intToken:
		err = c.fail(start, "the name of a member must be a string or an integer")
	}
	return t, err
}

func (c *checker) text(b []byte) {
	if !c.invalidUTF8 && !utf8.Valid(b) {
		c.invalidUTF8 = true
	}
}

// repaired returns a copy of checked data in which every string is UTF-8. Counts
// remain what they are, so it is enough to go through the tokens.
func repaired(data []byte) []byte {
	fixed := make([]byte, 0, len(data)+len(data)/8)
	r := reader{data: data}
	for r.pos < len(data) {
		start := r.pos
		t, err := r.next()
		if err != nil {
			return fixed // not in checked data
		}
		if t.kind == stringToken && !utf8.Valid(t.body) {
			body := bytes.ToValidUTF8(t.body, []byte(string(utf8.RuneError)))
			fixed = append(appendStringHead(fixed, len(body)), body...)
		} else {
			fixed = append(fixed, data[start:r.pos]...)
		}
	}
	return fixed
}
