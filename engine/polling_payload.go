package engine

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/go-socketio/socketio/engine/frame"
)

// This file is the format of polling payloads, in both revisions of the protocol.

// Content types of payloads; only revision 3 has binary ones.
const (
	textPayload   = "text/plain; charset=UTF-8"
	binaryPayload = "application/octet-stream"
)

// appendPayload appends the payload that holds items, and returns its type. It can be made
// to be text.
func (s *Session) appendPayload(dst []byte, items []item, asText bool) (payload []byte, contentType string) {
	appendMessage, contentType := (*frame.Message).AppendPolling, textPayload
	if s.machine.revision == revision3 {
		appendMessage = (*frame.Message).AppendPolling3
		if !s.base64 && !asText && hasBinary(items) {
			appendMessage, contentType = (*frame.Message).AppendBinaryPolling3, binaryPayload
		}
	}
	for _, it := range items {
		dst = appendMessage(it.msg, dst)
	}
	return dst, contentType
}

func hasBinary(items []item) bool {
	return slices.ContainsFunc(items, func(it item) bool { return it.msg.HasBinary() })
}

func isBinaryPayload(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), binaryPayload)
}

// payloadReader takes apart what a client has posted.
type payloadReader struct {
	revision revision
	binary   bool
	rest     []byte
	size     int // of the whole payload
	done     bool
}

func (s *Session) newPayloadReader(payload []byte, binary bool) *payloadReader {
	if !binary {
		payload = validText(payload)
	}
	return &payloadReader{revision: s.machine.revision, binary: binary, rest: payload, size: len(payload)}
}

// release makes data, which is a part of the payload, the receiver's own. Otherwise a
// small message that is kept would keep the whole payload.
func (r *payloadReader) release(data []byte) []byte {
	if len(data) < r.size/2 {
		return bytes.Clone(data)
	}
	return slices.Clip(data)
}

// next returns the next packet. ok is false when there is none, and after an error.
func (r *payloadReader) next() (p frame.Packet, ok bool, err error) {
	if r.done {
		return frame.Packet{}, false, nil
	}
	if r.revision == revision3 {
		return r.next3()
	}
	packet, rest, more := frame.SplitPayload(r.rest)
	r.rest, r.done = rest, !more
	p, err = frame.ParsePacket(packet)
	return p, err == nil, err
}

func (r *payloadReader) next3() (p frame.Packet, ok bool, err error) {
	if len(r.rest) == 0 {
		_, err := frame.ParsePacket3(nil, false) // a payload holds something
		return frame.Packet{}, false, err
	}
	var packet []byte
	binary := false
	for len(packet) == 0 && len(r.rest) > 0 {
		if r.binary {
			packet, r.rest, binary, err = frame.SplitBinaryPayload3(r.rest)
		} else {
			packet, r.rest, err = frame.SplitPayload3(r.rest)
		}
		if err != nil {
			return frame.Packet{}, false, err
		}
	}
	r.done = len(r.rest) == 0
	if len(packet) == 0 {
		return frame.Packet{}, false, nil
	}
	if r.binary && !binary {
		packet = validText(packet)
	}
	p, err = frame.ParsePacket3(packet, binary)
	return p, err == nil, err
}

// validText replaces what is no UTF-8, as a browser would: it reaches nobody as text.
func validText(p []byte) []byte { return bytes.ToValidUTF8(p, []byte("\uFFFD")) }
