package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// newSession makes a session whose handshake is queued. The caller starts it.
func (s *Server) newSession(r *http.Request, p params, id string, value any, c carrier) *Session {
	session := &Session{
		server:    s,
		id:        id,
		handshake: newHandshake(r, s.opts.TrustedProxies, value),
		base64:    p.base64,
		machine:   newMachine(&s.conf, p.revision, c, s.now()),
	}
	session.machine.push(item{msg: s.openPacket(id, c)})
	if m := s.opts.InitialPacket; m.Size() > 0 {
		session.machine.push(item{msg: m})
	}
	return session
}

// openPacket is the first packet of a session.
func (s *Server) openPacket(id string, c carrier) *frame.Message {
	upgrades := []string{}
	if c == onPolling && !s.opts.DisableUpgrades && s.offers(WebSocket) {
		upgrades = append(upgrades, WebSocket)
	}
	data, _ := json.Marshal(struct {
		ID           string   `json:"sid"`
		Upgrades     []string `json:"upgrades"`
		PingInterval int64    `json:"pingInterval"`
		PingTimeout  int64    `json:"pingTimeout"`
		MaxPayload   int64    `json:"maxPayload"`
	}{id, upgrades, milliseconds(s.opts.PingInterval), milliseconds(s.opts.PingTimeout), s.opts.MaxPayload})
	return frame.Control(frame.Open, string(data))
}

func milliseconds(d time.Duration) int64 { return int64(d / time.Millisecond) }

// start calls the application's open function and makes the session reachable.
// Until then nothing can end it but what open itself does. The caller then sends
// the first messages.
func (s *Session) start() error {
	s.turn = true // nobody else knows the session yet
	s.receiver = s.server.open(s)
	if s.receiver == nil {
		s.receiver = nobody{}
		s.Abort(ReasonForcedClose, nil)
	}
	err := s.server.remember(s)
	s.endTurn()
	if err != nil {
		reason := ReasonForcedClose
		if errors.Is(err, http.ErrServerClosed) {
			reason = ReasonServerShutdown
		}
		s.Abort(reason, err)
		return err
	}
	s.mu.Lock()
	s.arm()
	ended := s.machine.life == closed
	s.mu.Unlock()
	if ended {
		s.server.forget(s) // open has ended it before it was in the table
	}
	return nil
}

// nobody receives what a session brings that was refused.
type nobody struct{}

func (nobody) ReceiveText([]byte)   {}
func (nobody) ReceiveBinary([]byte) {}
func (nobody) EndBatch()            {}
func (nobody) Closed(Reason, error) {}

func (s *Server) offers(transport string) bool {
	for _, t := range s.opts.Transports {
		if t == transport {
			return true
		}
	}
	return false
}

// responseHeaders calls the application's header hooks.
func (s *Server) responseHeaders(h http.Header, r *http.Request, initial bool) {
	if initial && s.opts.InitialHeaders != nil {
		s.opts.InitialHeaders(h, r)
	}
	if s.opts.Headers != nil {
		s.opts.Headers(h, r)
	}
}

// requested tells the application of a further request of a session.
func (s *Server) requested(session *Session, r *http.Request) {
	if s.opts.OnRequest != nil {
		s.opts.OnRequest(session, r)
	}
}

// refuse answers a request that is not accepted.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, upgrade bool, err *ConnectionError) {
	s.report(r, err)
	status := http.StatusBadRequest
	switch {
	case err.Code == CodeBadRequest && errors.Is(err.Err, http.ErrServerClosed):
		status = http.StatusServiceUnavailable // a proxy may try another server
	case err.Code == CodeForbidden && !upgrade:
		status = http.StatusForbidden
	}
	if upgrade {
		// A client that asked for a WebSocket gets plain text, as from the official server.
		w.Header().Set("Connection", "close")
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Length", fmt.Sprint(len(err.Message)))
		w.WriteHeader(status)
		fmt.Fprint(w, err.Message)
		return
	}
	body, _ := json.Marshal(struct {
		Code    Code   `json:"code"`
		Message string `json:"message"`
	}{err.Code, err.Message})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body)
}

// report tells the operator of a request that is refused.
func (s *Server) report(r *http.Request, err *ConnectionError) {
	if s.opts.OnConnectionError != nil {
		s.opts.OnConnectionError(r, err)
	}
	s.opts.Logger.Debug("engine: request refused", "code", int(err.Code), "message", err.Message, "detail", err.Detail, "remote", r.RemoteAddr)
}

func isWebSocketUpgrade(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}
