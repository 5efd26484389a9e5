package packet

// scanner checks JSON text in a single pass, without recursion and without
// decoding anything. It accepts the grammar of RFC 8259, which is what JSON.parse
// accepts. Like JSON.parse it does not mind repeated names of members, nor
// escaped halves of surrogate pairs. It leaves it to the caller whether the
// text is valid UTF-8.
type scanner struct {
	text     []byte
	pos      int
	maxDepth int
	bytes    uint64 // the bytes of all strings or-ed together, eight at a time
}

// nonASCII reports whether a string held bytes above 0x7F. It may report true
// for a text that is all ASCII inside of its strings.
func (s *scanner) nonASCII() bool { return s.bytes&highBits != 0 }

func (s *scanner) fail(reason string) error {
	return &SyntaxError{Offset: s.pos, Reason: reason}
}

// unexpected is the error for a byte that the grammar does not allow here.
func (s *scanner) unexpected(wanted string) error {
	if s.pos >= len(s.text) {
		return s.fail("unexpected end, want " + wanted)
	}
	return s.fail("invalid JSON, want " + wanted)
}

// space skips white space and returns the byte after it, or 0 at the end.
func (s *scanner) space() byte {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// nesting remembers for each open array or object which of the two it is.
type nesting struct {
	depth int
	bits  [2]uint64 // of the outermost levels, in place
	more  []uint64
}

func (n *nesting) word(level int) *uint64 {
	i := level / 64
	if i < len(n.bits) {
		return &n.bits[i]
	}
	i -= len(n.bits)
	if i == len(n.more) {
		n.more = append(n.more, 0)
	}
	return &n.more[i]
}

func (n *nesting) push(object bool) {
	word, bit := n.word(n.depth), uint64(1)<<(n.depth%64)
	*word &^= bit
	if object {
		*word |= bit
	}
	n.depth++
}

func (n *nesting) inObject() bool {
	level := n.depth - 1
	return *n.word(level)&(1<<(level%64)) != 0
}

// value checks the value that begins at pos, leaves pos behind it, and reports
// whether it is a string without escapes.
func (s *scanner) value() (plain bool, err error) {
	if s.space() == '"' {
		return s.string()
	}
	var open nesting
	for {
		opened, err := s.token(&open)
		if err != nil {
			return false, err
		}
		if opened {
			continue
		}
		more, err := s.afterValue(&open)
		if err != nil || !more {
			return false, err
		}
	}
}

// token checks a scalar or an empty array or object, or enters an array or an
// object and stops in front of its first value; then opened is true.
func (s *scanner) token(open *nesting) (opened bool, err error) {
	switch c := s.space(); c {
	case '"':
		_, err = s.string()
	case '{', '[':
		if open.depth >= s.maxDepth {
			return false, &LimitError{Limit: "MaxDepth", Max: s.maxDepth}
		}
		s.pos++
		if s.space() == c+2 { // both closing brackets are two after the opening ones
			s.pos++
			return false, nil
		}
		open.push(c == '{')
		if c == '{' {
			err = s.name()
		}
		return true, err
	case 't':
		err = s.literal("true")
	case 'f':
		err = s.literal("false")
	case 'n':
		err = s.literal("null")
	default:
		err = s.number()
	}
	return false, err
}

// afterValue goes on to the next value, closing what ends before it. more is
// false when everything is closed.
func (s *scanner) afterValue(open *nesting) (more bool, err error) {
	for open.depth > 0 {
		object := open.inObject()
		switch c := s.space(); {
		case c == ',':
			s.pos++
			if object {
				err = s.name()
			}
			return true, err
		case c == '}' && object, c == ']' && !object:
			s.pos++
			open.depth--
		default:
			return false, s.unexpected("a comma or the closing bracket")
		}
	}
	return false, nil
}

// name checks the name of a member and the colon behind it.
func (s *scanner) name() error {
	if s.space() != '"' {
		return s.unexpected("the name of a member")
	}
	if _, err := s.string(); err != nil {
		return err
	}
	if s.space() != ':' {
		return s.unexpected("a colon")
	}
	s.pos++
	return nil
}

// string checks the string whose opening quote is at pos.
func (s *scanner) string() (plain bool, err error) {
	plain = true
	s.pos++
	for {
		s.plainText()
		if s.pos >= len(s.text) {
			return false, s.unexpected("the end of the string")
		}
		switch s.text[s.pos] {
		case '"':
			s.pos++
			return plain, nil
		case '\\':
			plain = false
			if err := s.escape(); err != nil {
				return false, err
			}
		default:
			return false, s.unexpected("an escape instead of a control character")
		}
	}
}

func (s *scanner) escape() error {
	if s.pos+1 >= len(s.text) {
		return s.fail("unexpected end in an escape")
	}
	switch s.text[s.pos+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos += 2
		return nil
	case 'u':
		if len(s.text)-s.pos >= 6 && isHex4(s.text[s.pos+2:]) {
			s.pos += 6
			return nil
		}
	}
	return s.fail("invalid escape in a string")
}

func isHex4(b []byte) bool {
	for _, c := range b[:4] {
		if !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f') {
			return false
		}
	}
	return true
}

func (s *scanner) literal(word string) error {
	if len(s.text)-s.pos < len(word) || string(s.text[s.pos:s.pos+len(word)]) != word {
		return s.fail("invalid JSON, want " + word)
	}
	s.pos += len(word)
	return nil
}

// number checks: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
func (s *scanner) number() error {
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		s.pos++
	} else if !s.digits() {
		return s.unexpected("a value")
	}
	if s.peek() == '.' {
		s.pos++
		if !s.digits() {
			return s.unexpected("a digit")
		}
	}
	if s.peek()|0x20 == 'e' {
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		if !s.digits() {
			return s.unexpected("a digit")
		}
	}
	return nil
}

func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

// digits skips digits and reports whether there were any.
func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.text) && '0' <= s.text[s.pos] && s.text[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > start
}
