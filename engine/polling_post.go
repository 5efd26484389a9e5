package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// servePost takes the packets that a client posts.
func (s *Server) servePost(w http.ResponseWriter, r *http.Request, p params, session *Session) {
	if done := session.step(event{kind: evPost}); done.eff.refused != nil {
		s.refusePoll(w, r, done.eff.refused)
		return
	}
	served := false
	defer session.endUnless(&served)
	s.responseHeaders(w.Header(), r, false)
	body, status, err := s.readPost(w, r, p)
	if err != nil {
		session.step(event{kind: evPostDone, err: err})
		w.WriteHeader(status)
		served = true
		return
	}
	s.requested(session, r)
	await := func() error { return session.awaitResume(w, r) }
	err = session.deliverPayload(session.newPayloadReader(body, isBinaryPayload(r)), await)
	if err == nil {
		// While the application wants no more input the client is kept from sending it.
		err = await()
	}
	if !errors.Is(err, ErrClosed) {
		session.step(event{kind: evPostDone, err: err})
	}
	served = true
	if err != nil {
		s.refusePoll(w, r, err)
		return
	}

	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Content-Length", "2")
	w.Header().Set("Cache-Control", "no-store")
	// After the request the http.Server removes the deadline.
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.writeLimit))
	io.WriteString(w, "ok")
}

// readPost reads the body of a POST, or says which status the client gets.
func (s *Server) readPost(w http.ResponseWriter, r *http.Request, p params) (body []byte, status int, err error) {
	if p.revision == revision4 && isBinaryPayload(r) {
		return nil, http.StatusBadRequest, errPostType
	}
	limit := s.opts.MaxPayload
	if p.jsonp {
		limit = formLimit(limit)
	}
	if r.ContentLength > limit {
		return nil, http.StatusRequestEntityTooLarge, beyond(errPostTooLarge, s.opts.MaxPayload)
	}
	// A client that is slower than this would be given up by the heartbeat anyway.
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.writeLimit))
	var b bytes.Buffer
	if r.ContentLength > 0 {
		b.Grow(min(int(r.ContentLength), maxPooled) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(r.Body, limit+1))
	switch {
	case n > limit:
		return nil, http.StatusRequestEntityTooLarge, beyond(errPostTooLarge, s.opts.MaxPayload)
	case err != nil:
		return nil, http.StatusBadRequest, fmt.Errorf("%w: %w", errPostRead, err)
	case r.ContentLength >= 0 && n != r.ContentLength:
		return nil, http.StatusBadRequest, errors.Join(errPostRead, io.ErrUnexpectedEOF)
	}
	body = b.Bytes()
	if p.jsonp {
		body = formPayload(body)
	}
	if int64(len(body)) > s.opts.MaxPayload {
		return nil, http.StatusRequestEntityTooLarge, beyond(errPostTooLarge, s.opts.MaxPayload)
	}
	return body, 0, nil
}

// deliverPayload takes apart a polling payload. It ends at the first packet that
// is none. While the application wants no more input it waits: a payload can hold a
// hundred thousand packets, each of which takes more memory than it has bytes. The
// error is ErrClosed if the session has ended before everything was delivered, or that
// of the function that waits.
func (s *Session) deliverPayload(payload *payloadReader, await func() error) error {
	for {
		paused, err := s.deliverUntilPaused(payload)
		if !paused || err != nil {
			return err
		}
		if err := await(); err != nil {
			return err
		}
	}
}

// awaitResume returns when the session is not paused, or has ended; or, with an error,
// when the client of a POST that is held meanwhile has given it up. Nothing else tells
// that such a client is gone, since its silence is no reason to end the session.
func (s *Session) awaitResume(w http.ResponseWriter, r *http.Request) error {
	resumed := s.whenResumed()
	if resumed == nil {
		return nil
	}
	gone := r.Context().Done()
	if lift(http.NewResponseController(w), r) > 0 {
		gone = nil // the end of the server's time-outs would look the same
	}
	select {
	case <-resumed:
		return nil
	case <-gone:
		return errPostAborted
	}
}

// pauseInterval is how many packets of a payload are delivered before it is seen that
// the application wants no more.
const pauseInterval = 16

// deliverUntilPaused takes apart a payload, up to its end or until the application
// wants no more, which it reports.
func (s *Session) deliverUntilPaused(payload *payloadReader) (paused bool, err error) {
	deliver, err := s.beginTurn()
	if err != nil {
		return false, err
	}
	delivered := false
	defer func() { s.finishDelivery(deliver, delivered) }()
	for n := 1; ; n++ {
		p, ok, err := payload.next()
		if err != nil {
			s.step(event{kind: evBadPacket, err: err})
		}
		if !ok {
			return false, nil
		}
		p.Data = payload.release(p.Data)
		if s.receive(p, deliver) {
			delivered = true
		}
		if n%pauseInterval == 0 && s.isPaused() {
			return true, nil
		}
	}
}
