package session

import (
	"bytes"
	"io"
	"net/http"

	"github.com/go-socketio/socketio/engine/frame"
)

// poll makes one GET after the other, for as long as the machine wants.
func (s *Session) poll() {
	for again := true; again; {
		again = s.polled(s.get())
	}
}

// get makes one GET and takes the packets that it brings.
func (s *Session) get() error {
	res, err := s.conf.request(s.ctx, http.MethodGet, Polling, s.id, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := s.conf.readAnswer(s.ctx, res)
	if err != nil {
		return err
	}
	s.payload(body)
	return nil
}

// payload takes the packets of an answer to a poll.
func (s *Session) payload(body []byte) {
	for more := true; more && !s.ended.Load(); {
		var packet []byte
		packet, body, more = frame.SplitPayload(body)
		p, err := frame.ParsePacket(packet)
		if err != nil {
			s.step(event{kind: evBad, err: err})
			return
		}
		s.arrived(p)
	}
}

// post sends what is queued, for as long as there is something.
func (s *Session) post() {
	for err := error(nil); ; {
		items := s.lent(event{kind: evPosted, err: err})
		if len(items) == 0 {
			return
		}
		err = s.postItems(items)
	}
}

func (s *Session) postItems(items []item) error {
	var payload []byte
	for _, it := range items {
		payload = it.msg.AppendPolling(payload)
	}
	for len(payload) > 0 {
		var body []byte
		body, payload = cutBody(payload, s.maxPost)
		if err := s.postBody(body); err != nil {
			return err
		}
	}
	return nil
}

// cutBody cuts as many whole packets off a payload as the server takes in one
// body. A single packet that is larger than that is sent nevertheless: the server
// may have changed its mind, and if not, it says so.
func cutBody(payload []byte, limit int) (body, rest []byte) {
	if limit <= 0 || len(payload) <= limit {
		return payload, nil
	}
	end := bytes.LastIndexByte(payload[:limit+1], frame.Separator)
	if end < 0 {
		end = bytes.IndexByte(payload, frame.Separator)
	}
	if end < 0 {
		return payload, nil
	}
	return payload[:end], payload[end+1:]
}

func (s *Session) postBody(body []byte) error {
	res, err := s.conf.request(s.ctx, http.MethodPost, Polling, s.id, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return statusError(Polling, res)
	}
	// Read, so that the connection can be used again.
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, maxErrorBody))
	if err != nil {
		return &DialError{Step: StepRequest, Transport: Polling, Code: -1, Err: withoutURL(s.ctx, err)}
	}
	return nil
}
