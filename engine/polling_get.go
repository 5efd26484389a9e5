package engine

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// openPolling opens a session and answers its first request.
func (s *Server) openPolling(w http.ResponseWriter, r *http.Request, p params, id string, value any) {
	session, handshake, err := s.startPolling(r, p, id, value)
	switch {
	case errors.Is(err, ErrClosed):
		s.refusePoll(w, r, err)
		return
	case err != nil:
		s.refuseStart(w, r, false, err)
		return
	}
	served := false
	defer session.endUnless(&served)
	if c := s.opts.Cookie; c != nil {
		http.SetCookie(w, sessionCookie(*c, id))
	}
	s.responseHeaders(w.Header(), r, true)
	session.pollDone(s.answerPoll(w, r, p, session, handshake))
	served = true
}

// endUnless is deferred around a request that is a session's only one of its kind for the
// moment: if a function of the application panics there, it would be so for ever.
func (s *Session) endUnless(served *bool) {
	if !*served {
		s.Abort(ReasonTransportError, errPanicked)
	}
}

// startPolling opens a session, and returns what its first request is answered with:
// the handshake and nothing that the application sends, as officially, so that what
// comes with it does not depend on who is faster. Closing the server waits for the
// opening, but not for the answer. The error is ErrClosed if the application has ended
// the session already.
func (s *Server) startPolling(r *http.Request, p params, id string, value any) (*Session, []item, error) {
	if !s.begin() {
		return nil, nil, http.ErrServerClosed
	}
	defer s.running.Done()
	session := s.newSession(r, p, id, value, onPolling)
	handshake := session.machine.beginPolling() // nobody else knows it yet
	err := session.start()
	if err == nil && session.isClosed() {
		err = ErrClosed
	}
	return session, handshake, err
}

// refuseStart answers a handshake for which no session could be opened.
func (s *Server) refuseStart(w http.ResponseWriter, r *http.Request, upgrade bool, cause error) {
	err := refuse(CodeBadRequest, "no session: "+cause.Error())
	err.Err = cause
	if errors.Is(cause, http.ErrServerClosed) {
		err.Message = "Server shutting down"
	}
	s.refuse(w, r, upgrade, err)
}

func sessionCookie(c http.Cookie, id string) *http.Cookie {
	c.Value = id
	c.HttpOnly = true // the id is a secret
	if c.Name == "" {
		c.Name = "io"
	}
	if c.Path == "" {
		c.Path = "/"
	}
	if c.SameSite == 0 {
		c.SameSite = http.SameSiteLaxMode
	}
	return &c
}

// servePoll answers a GET with what is queued, and waits until there is something.
func (s *Server) servePoll(w http.ResponseWriter, r *http.Request, p params, session *Session) {
	waiting := &poll{answer: make(chan []item, 1)}
	if err := session.pollArrived(waiting); err != nil {
		s.refusePoll(w, r, err)
		return
	}
	served := false
	defer session.endUnless(&served)
	s.requested(session, r)
	s.responseHeaders(w.Header(), r, false)
	items, err := session.awaitOutput(w, r, waiting)
	if err == nil && items == nil {
		served = true
		s.refusePoll(w, r, errTransportMismatch)
		return
	}
	if err == nil {
		err = s.answerPoll(w, r, p, session, items)
	}
	session.pollDone(err)
	served = true
}

// refusePoll answers a GET or POST that the session did not accept.
func (s *Server) refusePoll(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, ErrClosed):
		s.refuse(w, r, false, refuse(CodeUnknownSession, "the session has ended"))
	case errors.Is(err, errTransportMismatch):
		s.refuse(w, r, false, refuse(CodeBadRequest, err.Error()))
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}

// pollArrived makes p the GET that the session's output goes to.
func (s *Session) pollArrived(p *poll) error {
	s.mu.Lock()
	now := s.server.now()
	// What is overdue may answer the GET that waits already, so it comes first, and
	// as of the same moment: nothing may become due in between.
	overdue := s.apply(s.machine.step(event{kind: evTick}, now))
	eff := s.machine.step(event{kind: evPoll}, now)
	if eff.refused == nil {
		s.waiting = p
	}
	w := s.apply(eff)
	s.arm()
	s.mu.Unlock()
	s.perform(overdue)
	s.perform(w)
	return eff.refused
}

// awaitOutput waits until p is answered. It returns an error if the client has
// gone before.
func (s *Session) awaitOutput(w http.ResponseWriter, r *http.Request, p *poll) ([]item, error) {
	select {
	case items := <-p.answer: // the usual case under load: no deadlines to move
		return items, nil
	default:
	}
	control := http.NewResponseController(w)
	var free <-chan time.Time
	if limit := lift(control, r); limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		free = timer.C
	}
	for {
		select {
		case items := <-p.answer:
			return items, nil
		case <-r.Context().Done():
			return nil, s.pollAborted(p)
		case <-free:
			s.pollFree(p)
		}
	}
}

// lift removes the request's read and write deadlines, which a server with
// time-outs has set, so that the poll may wait. Where a wrapped response writer
// does not allow that it returns for how long it is safe to wait.
func lift(control *http.ResponseController, r *http.Request) time.Duration {
	readErr := control.SetReadDeadline(time.Time{})
	writeErr := control.SetWriteDeadline(time.Time{})
	server, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
	if server == nil {
		return 0
	}
	var limit time.Duration
	if readErr != nil && server.ReadTimeout > 0 {
		limit = server.ReadTimeout
	}
	if writeErr != nil && server.WriteTimeout > 0 && (limit == 0 || server.WriteTimeout < limit) {
		limit = server.WriteTimeout
	}
	return limit / 2
}

// pollAborted tells the machine that p's client has gone. If p was answered in the
// same moment, the answer is lost, which is the same to the session; unless there was
// nothing to lose, because a WebSocket has taken over.
func (s *Session) pollAborted(p *poll) error {
	s.mu.Lock()
	if s.waiting != p {
		s.mu.Unlock()
		if <-p.answer == nil {
			return nil
		}
		return errPollAborted
	}
	w := s.advance(event{kind: evPollAbort})
	s.waiting = nil // only now: what was overdue may have answered it
	s.mu.Unlock()
	s.perform(w)
	return errPollAborted
}

// pollFree has p answered with something if it still waits.
func (s *Session) pollFree(p *poll) {
	s.mu.Lock()
	var w work
	if s.waiting == p {
		w = s.advance(event{kind: evPollFree})
	}
	s.mu.Unlock()
	s.perform(w)
}

func (s *Session) pollDone(err error) {
	s.step(event{kind: evPollDone, err: err})
}

// pollBuffers holds buffers for polling payloads.
var pollBuffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled is the size of a buffer that is not worth keeping.
const maxPooled = 64 << 10

// answerPoll writes the answer to a GET.
func (s *Server) answerPoll(w http.ResponseWriter, r *http.Request, p params, session *Session, items []item) error {
	buffer := pollBuffers.Get().(*[]byte)
	payload, contentType := session.appendPayload((*buffer)[:0], items, p.jsonp)
	defer func() {
		if cap(payload) <= maxPooled {
			*buffer = payload[:0]
			pollBuffers.Put(buffer)
		}
	}()

	h := w.Header()
	body := payload
	if p.jsonp {
		body = script(h, r, p.callback, payload)
	}
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	control := http.NewResponseController(w)
	// A client that does not read is given up as late as one that does not answer.
	// After the request, whose end may still be written, the http.Server removes the
	// deadline.
	control.SetWriteDeadline(time.Now().Add(s.writeLimit))
	if err := s.writePayload(w, r, body, wantsCompression(items)); err != nil {
		return fmt.Errorf("%w: %w", errPollWrite, err)
	}
	if err := control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("%w: %w", errPollWrite, err)
	}
	return nil
}

func wantsCompression(items []item) bool {
	return slices.ContainsFunc(items, func(it item) bool { return !it.noCompress })
}

func (s *Server) writePayload(w http.ResponseWriter, r *http.Request, payload []byte, compress bool) error {
	threshold := s.opts.CompressionThreshold
	if compress && threshold >= 0 && len(payload) >= threshold {
		w.Header().Add("Vary", "Accept-Encoding")
		if encoding := acceptedEncoding(r); encoding != "" {
			return writeCompressed(w, payload, encoding)
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(payload)))
	_, err := w.Write(payload)
	return err
}
