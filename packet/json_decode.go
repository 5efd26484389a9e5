package packet

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/go-socketio/socketio/internal/intern"
)

// jsonDecoder is the Decoder of [JSON]. Between packets it holds nothing but its limits.
type jsonDecoder struct {
	limits  *Limits
	pending *pending
}

// pending is a packet that lacks attachments, together with what most packets have
// when they no longer do.
type pending struct {
	packet  Packet
	extra   extra
	first   [1][]byte // where extra's attachments begin
	missing int
}

// Text implements [Decoder].
func (d *jsonDecoder) Text(data []byte) (p Packet, complete bool, err error) {
	if d.pending != nil {
		return Packet{}, false, &SyntaxError{Reason: "text instead of a binary attachment"}
	}
	r := reader{scanner: scanner{text: data, maxDepth: d.limits.MaxDepth}, limits: d.limits}
	err = r.packet()
	if err == nil && r.nonASCII() && !utf8.Valid(data) {
		// Repaired once and for all, so that neither a Go string nor a receiver to
		// whom the text is passed on ever sees what is not UTF-8: a browser closes
		// its connection over that.
		data = bytes.ToValidUTF8(data, []byte(string(utf8.RuneError)))
		r = reader{scanner: scanner{text: data, maxDepth: d.limits.MaxDepth}, limits: d.limits}
		err = r.packet()
	}
	if err != nil {
		return Packet{}, false, err
	}
	if r.attachments > 0 {
		d.pending = newPending(r.result, r.attachments)
		return Packet{}, false, nil
	}
	return r.result, true, nil
}

// Binary implements [Decoder].
func (d *jsonDecoder) Binary(data []byte) (p Packet, complete bool, err error) {
	w := d.pending
	if w == nil {
		return Packet{}, false, &SyntaxError{Reason: "binary data that no packet announced"}
	}
	args := &w.packet.Args
	args.extra.attachments = append(args.extra.attachments, data)
	if w.missing--; w.missing > 0 {
		return Packet{}, false, nil
	}
	d.pending = nil
	return w.packet, true, nil
}

func newPending(p Packet, missing int) *pending {
	w := &pending{packet: p, missing: missing}
	if w.packet.Args.extra == nil {
		w.packet.Args.extra = &w.extra
	}
	w.packet.Args.extra.attachments = w.first[:0]
	return w
}

// reader takes apart the text of one packet:
//
//	<type>[<attachments>-][<namespace>,][<id>][<json>]
type reader struct {
	scanner
	limits      *Limits
	result      Packet
	attachments int
}

func (r *reader) packet() error {
	if len(r.text) > maxText {
		return r.fail("text too long")
	}
	if err := r.packetType(); err != nil {
		return err
	}
	if err := r.namespace(); err != nil {
		return err
	}
	if err := r.id(); err != nil {
		return err
	}
	if err := r.payload(); err != nil {
		return err
	}
	return r.placeholders()
}

func (r *reader) packetType() error {
	t := Type(r.peek() - '0')
	switch {
	case r.pos >= len(r.text):
		return r.fail("empty packet")
	case t > BinaryAck:
		return r.fail("unknown packet type " + strconv.QuoteRuneToASCII(rune(r.text[0])))
	}
	r.pos++
	r.result.Type = t
	if t == BinaryEvent || t == BinaryAck {
		r.result.Type = t - (BinaryEvent - Event)
		return r.attachmentCount()
	}
	return nil
}

func (r *reader) attachmentCount() error {
	start := r.pos
	r.digits()
	n, err := strconv.ParseUint(aliasString(r.text[start:r.pos]), 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && n > uint64(r.limits.MaxAttachments):
		return &LimitError{Limit: "MaxAttachments", Max: r.limits.MaxAttachments}
	case err != nil || n == 0 || r.peek() != '-':
		return r.fail("invalid number of attachments")
	}
	r.pos++
	r.attachments = int(n)
	return nil
}

func (r *reader) namespace() error {
	if r.peek() != '/' {
		r.result.Namespace = MainNamespace
		return nil
	}
	start := r.pos
	name := r.text[start:]
	if end := bytes.IndexByte(name, ','); end >= 0 {
		name = name[:end]
		r.pos += end + 1
	} else {
		r.pos = len(r.text)
	}
	if len(name) > r.limits.MaxName {
		return &LimitError{Limit: "MaxName", Max: r.limits.MaxName}
	}
	for i, c := range name {
		r.bytes |= uint64(c)
		if c < ' ' {
			r.pos = start + i
			return r.fail("control character in a namespace")
		}
	}
	r.result.Namespace = intern.String(name)
	return nil
}

func (r *reader) id() error {
	start := r.pos
	if !r.digits() {
		if r.result.Type == Ack {
			return r.fail("an ACK needs an ID")
		}
		return nil
	}
	if r.result.Type != Event && r.result.Type != Ack {
		r.pos = start
		return r.fail("an ID in a " + r.result.Type.String() + " packet")
	}
	id, err := strconv.ParseUint(aliasString(r.text[start:r.pos]), 10, 64)
	if err != nil {
		r.pos = start
		return r.fail("the ID is larger than " + strconv.FormatUint(math.MaxUint64, 10))
	}
	r.result.ID, r.result.HasID = id, true
	return nil
}

func (r *reader) payload() error {
	first := r.space()
	switch r.result.Type {
	case Event, Ack:
		if first != '[' {
			return r.unexpected("an array of arguments")
		}
		if err := r.arguments(); err != nil {
			return err
		}
	case Connect, ConnectError:
		switch {
		case first == '{', first == '"' && r.result.Type == ConnectError:
			if err := r.argument(); err != nil {
				return err
			}
		case r.pos < len(r.text):
			return r.unexpected("an object")
		}
	}
	if r.space(); r.pos < len(r.text) {
		return r.fail("unexpected text at the end of the packet")
	}
	return nil
}

// arguments reads the array of arguments, the first of which is an event's name.
func (r *reader) arguments() error {
	r.pos++
	if r.result.Type == Event {
		if err := r.eventName(); err != nil {
			return err
		}
		switch r.space() {
		case ',':
			r.pos++
		case ']':
			r.pos++
			return nil
		default:
			return r.unexpected("a comma or the closing bracket")
		}
	} else if r.space() == ']' {
		r.pos++
		return nil
	}
	for {
		if err := r.argument(); err != nil {
			return err
		}
		switch r.space() {
		case ',':
			r.pos++
		case ']':
			r.pos++
			return nil
		default:
			return r.unexpected("a comma or the closing bracket")
		}
	}
}

func (r *reader) argument() error {
	r.space()
	start := r.pos
	plain, err := r.value()
	if err == nil {
		r.result.Args.add(newSpan(start, r.pos, plain))
	}
	return err
}

func (r *reader) eventName() error {
	first := r.space()
	start := r.pos
	if first != '"' && !isNumber(first) {
		return r.unexpected("the name of an event")
	}
	plain, err := r.value()
	if err != nil {
		return err
	}
	text := r.text[start:r.pos]
	if len(text) > r.limits.MaxName {
		return &LimitError{Limit: "MaxName", Max: r.limits.MaxName}
	}
	switch {
	case first != '"':
		r.result.Event = intern.String(text)
	case plain:
		r.result.Event = intern.String(text[1 : len(text)-1])
	default:
		r.result.Event = unquote(text)
	}
	if reserved(r.result.Event) {
		r.pos = start
		return r.fail("reserved event name " + strconv.Quote(r.result.Event))
	}
	return nil
}

// placeholders checks that every placeholder of a binary packet refers to one of
// its attachments. In other packets placeholders are data like any other.
func (r *reader) placeholders() error {
	args := &r.result.Args
	args.text = r.text
	if r.attachments == 0 {
		return nil
	}
	for i := range args.n {
		s := args.at(i)
		if _, err := countPlaceholders(s.of(r.text), r.attachments); err != nil {
			return &SyntaxError{Offset: int(s.start), Reason: err.Error()}
		}
	}
	return nil
}
