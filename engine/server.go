package engine

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/internal/deadline"
	"github.com/go-socketio/socketio/internal/tasks"
)

// Server is an Engine.IO server. It is an http.Handler, to be mounted at
// [Options.Path]. All methods may be called from any goroutine.
type Server struct {
	opts       Options
	conf       machineConfig
	open       func(*Session) Receiver
	start      time.Time
	writeLimit time.Duration // how long a write may block
	deadlines  *deadline.Queue
	holds      holdWatch
	running    tasks.Group // goroutines; requests that open something; sessions until Closed has been called
	stats      counters

	mu       sync.RWMutex
	sessions map[string]*Session
	conns    map[*wsConn]struct{}
	closed   bool
}

type counters struct {
	opened, queueFull, volatileDropped atomic.Int64
}

// Stats are counts of what has happened since the server was made.
type Stats struct {
	Opened          int64 // sessions that were opened
	QueueFull       int64 // messages that did not fit into a session's queue
	VolatileDropped int64 // volatile messages that were dropped
}

// NewServer returns a server that calls open for each session, from the
// goroutine of its first request. The session is complete then, but not yet
// reachable: open may send to it, which goes out right after the handshake; on
// polling that is the answer to the next request.
// If open returns nil the session is closed.
func NewServer(opts Options, open func(*Session) Receiver) *Server {
	opts = opts.completed()
	return &Server{
		opts: opts,
		conf: machineConfig{
			pingInterval:   opts.PingInterval,
			pingTimeout:    opts.PingTimeout,
			upgradeTimeout: opts.UpgradeTimeout,
			closeTimeout:   opts.CloseTimeout,
			maxQueue:       opts.MaxQueue,
			policy:         opts.QueuePolicy,
		},
		open:       open,
		start:      time.Now().Add(-time.Nanosecond), // so that no deadline is 0
		writeLimit: opts.PingInterval + opts.PingTimeout,
		deadlines:  deadline.NewQueue(),
		sessions:   make(map[string]*Session),
		conns:      make(map[*wsConn]struct{}),
	}
}

// Options returns the server's options with all defaults filled in.
func (s *Server) Options() Options { return s.opts }

// Sessions returns how many sessions are open.
func (s *Server) Sessions() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.sessions)
}

// Stats returns the counts so far.
func (s *Server) Stats() Stats {
	return Stats{
		Opened:          s.stats.opened.Load(),
		QueueFull:       s.stats.queueFull.Load(),
		VolatileDropped: s.stats.volatileDropped.Load(),
	}
}

// Shutdown refuses new sessions, with status 503, and ends all that there are, with
// [ReasonServerShutdown]. What is queued for them is still sent. It returns when
// all receivers have been told and every goroutine of the server has ended; when
// ctx ends before, the rest is cut off, and the context's error is returned. It
// must not be called from a [Receiver].
//
// An http.Server does not know of WebSockets, so its own Shutdown does not end them:
// call this one first, and then that one. The other way round, and with
// RegisterOnShutdown, for which nobody waits, the port closes first, and clients on
// polling cannot fetch any more what is queued for them, which is waited for.
func (s *Server) Shutdown(ctx context.Context) error {
	for _, session := range s.stop() {
		session.step(event{kind: evShutdown, reason: ReasonServerShutdown})
	}
	err := s.running.Wait(ctx)
	if err != nil {
		s.cut()
		s.running.Wait(context.Background())
		err = fmt.Errorf("engine: shutdown: %w", err)
	}
	s.holds.close()
	s.deadlines.Close()
	return err
}

// Close ends everything at once, and returns when all receivers have been told and
// every goroutine of the server has ended. It must not be called from a [Receiver].
func (s *Server) Close() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, session := range s.stop() {
		session.Abort(ReasonServerShutdown, nil)
	}
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// stop makes the server refuse new sessions and returns those that there are.
func (s *Server) stop() []*Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	sessions := make([]*Session, 0, len(s.sessions))
	for _, session := range s.sessions {
		sessions = append(sessions, session)
	}
	return sessions
}

// cut ends the sessions and connections that are left.
func (s *Server) cut() {
	for _, session := range s.stop() {
		session.Abort(ReasonServerShutdown, nil)
	}
	s.mu.RLock()
	conns := slices.Collect(maps.Keys(s.conns))
	s.mu.RUnlock()
	for _, c := range conns {
		c.conn.Close()
	}
}

// ServeHTTP serves one request of the protocol.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.matches(r.URL.Path) {
		http.NotFound(w, r)
		return
	}
	if s.opts.CORS != nil && s.opts.CORS.Handle(w, r) {
		return
	}
	s.serve(w, r, parseParams(r.URL))
}

func (s *Server) matches(path string) bool {
	if strings.HasPrefix(path, s.opts.Path) {
		return true
	}
	return s.opts.NoTrailingSlash && path == strings.TrimSuffix(s.opts.Path, "/")
}

// params are the query parameters that the protocol knows. When one is given
// several times the last one counts.
type params struct {
	version   string
	revision  revision
	transport string
	sid       string
	base64    bool
	jsonp     bool   // polling, in the form of scripts
	callback  string // the number of the function that they call
}

func parseParams(u *url.URL) params {
	last := func(values []string) string {
		if len(values) == 0 {
			return ""
		}
		return values[len(values)-1]
	}
	q := u.Query()
	p := params{
		version:   last(q["EIO"]),
		revision:  revision3, // which old clients do not announce
		transport: last(q["transport"]),
		sid:       last(q["sid"]),
		base64:    last(q["b64"]) != "",
	}
	if p.version == "4" {
		p.revision = revision4
	}
	if j := q["j"]; len(j) > 0 && p.transport == Polling {
		p.jsonp, p.callback = true, onlyDigits(last(j))
	}
	return p
}

// serve verifies a request and gives it to its transport. The order of the
// checks is that of the official server.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, p params) {
	upgrade := isWebSocketUpgrade(r)
	if p.transport == "" || !slices.Contains(s.opts.Transports, p.transport) {
		s.refuse(w, r, upgrade, refuse(CodeUnknownTransport, fmt.Sprintf("transport %q", p.transport)))
		return
	}
	if p.jsonp && !s.opts.AllowJSONP {
		s.refuse(w, r, upgrade, refuse(CodeBadRequest, "JSONP, see Options.AllowJSONP"))
		return
	}
	if strings.ContainsFunc(r.Header.Get("Origin"), illegalInHeader) {
		s.refuse(w, r, upgrade, refuse(CodeBadRequest, "control characters in the Origin header"))
		return
	}
	if p.sid != "" {
		s.serveSession(w, r, p, upgrade)
		return
	}
	switch {
	case r.Method != http.MethodGet:
		s.refuse(w, r, upgrade, refuse(CodeBadMethod, r.Method))
	case (p.transport == WebSocket) != upgrade:
		s.refuse(w, r, upgrade, refuse(CodeBadRequest, "a WebSocket handshake and transport=websocket belong together"))
	default:
		s.serveHandshake(w, r, p)
	}
}

func illegalInHeader(c rune) bool { return c < ' ' && c != '\t' || c == 0x7F }

// serveSession serves a request that names a session.
func (s *Server) serveSession(w http.ResponseWriter, r *http.Request, p params, upgrade bool) {
	session := s.session(p.sid)
	switch {
	case session == nil:
		s.refuse(w, r, upgrade, refuse(CodeUnknownSession, "session "+p.sid))
	case p.revision != session.machine.revision:
		s.refuse(w, r, upgrade, refuse(CodeBadRequest, "the session was opened with another protocol version"))
	case upgrade && p.transport == WebSocket && s.opts.DisableUpgrades:
		s.refuse(w, r, upgrade, refuse(CodeBadRequest, "upgrades are disabled"))
	case upgrade && p.transport == WebSocket:
		s.serveUpgrade(w, r, p, session)
	case p.transport != Polling || upgrade:
		s.refuse(w, r, upgrade, refuse(CodeBadRequest, errTransportMismatch.Error()))
	case r.Method == http.MethodGet:
		s.servePoll(w, r, p, session)
	case r.Method == http.MethodPost:
		s.servePost(w, r, p, session)
	default:
		// The official server answers like this.
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// serveHandshake opens a session for a request that is formally right.
func (s *Server) serveHandshake(w http.ResponseWriter, r *http.Request, p params) {
	upgrade := p.transport == WebSocket
	value, err := s.admit(r, p)
	if err != nil {
		s.refuse(w, r, upgrade, err)
		return
	}
	id, idErr := s.generateID(r)
	if idErr == nil {
		idErr = s.vacant(id) // before the application or the client get to know of it
	}
	if idErr != nil {
		s.refuseStart(w, r, upgrade, idErr)
		return
	}
	if upgrade {
		s.openWebSocket(w, r, p, id, value)
	} else {
		s.openPolling(w, r, p, id, value)
	}
}

// admit decides whether a new session is wanted.
func (s *Server) admit(r *http.Request, p params) (value any, refused *ConnectionError) {
	origin := r.Header.Get("Origin")
	if origin == "" && p.jsonp {
		origin = refererOrigin(r)
	}
	if (origin != "" || p.jsonp) && s.opts.AllowOrigin != nil && !s.opts.AllowOrigin(origin, r) {
		return nil, refuse(CodeForbidden, "origin "+origin)
	}
	if s.opts.AllowRequest != nil {
		var err error
		if value, err = s.opts.AllowRequest(r); err != nil {
			refused := refuse(CodeForbidden, "AllowRequest")
			refused.Err = err
			if text := err.Error(); text != "" {
				refused.Message = text
			}
			return nil, refused
		}
	}
	if p.revision == revision3 && !s.opts.AllowEIO3 {
		return nil, refuse(CodeUnsupportedVersion, fmt.Sprintf("EIO=%q: the client is older than Socket.IO 3, see Options.AllowEIO3", p.version))
	}
	return value, nil
}

func (s *Server) generateID(r *http.Request) (string, error) {
	if s.opts.GenerateID != nil {
		id, err := s.opts.GenerateID(r)
		if err == nil && id == "" {
			err = errors.New("GenerateID returned no id")
		}
		return id, err
	}
	var b [15]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

func (s *Server) session(id string) *Session {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.sessions[id]
}

// vacant reports as an error that the server is closed, or that a session has
// the id already.
func (s *Server) vacant(id string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.vacantLocked(id)
}

func (s *Server) vacantLocked(id string) error {
	if s.closed {
		return http.ErrServerClosed
	}
	if _, taken := s.sessions[id]; taken {
		return errIDInUse
	}
	return nil
}

// remember makes a session reachable, unless its id is not vacant any more.
func (s *Server) remember(session *Session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.vacantLocked(session.id); err != nil {
		return err
	}
	s.sessions[session.id] = session
	session.counted = true
	s.running.Start()
	s.stats.opened.Add(1)
	return nil
}

// begin makes closing the server wait for a request that opens something, until
// running.Done is called, unless the server is closed.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.running.Start()
	return true
}

func (s *Server) forget(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[session.id] == session {
		delete(s.sessions, session.id)
	}
}

// now is the time that machines reckon with.
func (s *Server) now() time.Duration { return time.Since(s.start) }

// spawn starts a goroutine that closing the server waits for.
func (s *Server) spawn(f func()) { s.running.Go(f) }
