package engine

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// refusal is a request that is answered with an error, and how.
type refusal struct {
	name    string
	method  string // GET if empty
	query   string
	headers []string
	status  int // 400 if 0
	body    string
	code    Code
}

const (
	unknownTransport = `{"code":0,"message":"Transport unknown"}`
	unknownSession   = `{"code":1,"message":"Session ID unknown"}`
	badMethod        = `{"code":2,"message":"Bad handshake method"}`
	badRequest       = `{"code":3,"message":"Bad request"}`
	shuttingDown     = `{"code":3,"message":"Server shutting down"}`
	forbidden        = `{"code":4,"message":"Forbidden"}`
	badVersion       = `{"code":5,"message":"Unsupported protocol version"}`
)

func TestRefusals(t *testing.T) {
	refusals := []refusal{
		{name: "no transport", query: "x=1", body: unknownTransport, code: 0},
		{name: "unknown transport", query: "transport=tesla", body: unknownTransport, code: 0},
		{name: "webtransport over HTTP", query: "transport=webtransport", body: unknownTransport, code: 0},
		{name: "transport name of Object.prototype", query: "transport=constructor", body: unknownTransport, code: 0},
		{name: "transport is looked at before the session", query: "transport=tesla&sid=none", body: unknownTransport, code: 0},
		{name: "last transport counts", query: "transport=polling&transport=tesla", body: unknownTransport, code: 0},
		{name: "unknown session", query: "transport=polling&sid=none", body: unknownSession, code: 1},
		{name: "session is looked at before the method", method: "PUT", query: "transport=polling&sid=none", body: unknownSession, code: 1},
		{name: "POST without session", method: "POST", query: "transport=polling", body: badMethod, code: 2},
		{name: "OPTIONS without CORS", method: "OPTIONS", query: "transport=polling", body: badMethod, code: 2},
		{name: "method is looked at before the upgrade", method: "POST", query: "transport=websocket", body: badMethod, code: 2},
		{name: "websocket without upgrade", query: "transport=websocket", body: badRequest, code: 3},
		{name: "AllowRequest", query: "transport=polling", headers: []string{"X-Test", "refuse"}, status: 403,
			body: `{"code":4,"message":"not today"}`, code: 4},
		{name: "AllowRequest without a text", query: "transport=polling", headers: []string{"X-Test", "silent"}, status: 403,
			body: forbidden, code: 4},
		{name: "AllowOrigin", query: "transport=polling", headers: []string{"Origin", "https://evil.example"}, status: 403,
			body: forbidden, code: 4},
		{name: "old version", query: "transport=polling&EIO=3", body: badVersion, code: 5},
		{name: "no version", query: "transport=polling&EIO=", body: badVersion, code: 5},
		{name: "strange version", query: "transport=polling&EIO=04", body: badVersion, code: 5},
		{name: "last version counts", query: "transport=polling&EIO=4&EIO=3", body: badVersion, code: 5},
		{name: "AllowRequest comes before the version", query: "transport=polling&EIO=3", headers: []string{"X-Test", "refuse"},
			status: 403, body: `{"code":4,"message":"not today"}`, code: 4},
		{name: "GenerateID", query: "transport=polling", headers: []string{"X-Test", "no id"}, body: badRequest, code: 3},
		{name: "GenerateID returns nothing", query: "transport=polling", headers: []string{"X-Test", "empty id"}, body: badRequest, code: 3},
	}
	bubble(t, func(t *testing.T) {
		told := make(chan *ConnectionError, 10)
		h := newHost(t, Options{
			AllowRequest: func(r *http.Request) (any, error) {
				switch r.Header.Get("X-Test") {
				case "refuse":
					return nil, errors.New("not today")
				case "silent":
					return nil, errors.New("")
				}
				return nil, nil
			},
			AllowOrigin: func(origin string, _ *http.Request) bool { return origin == "https://good.example" },
			GenerateID: func(r *http.Request) (string, error) {
				switch r.Header.Get("X-Test") {
				case "no id":
					return "", errTest
				case "empty id":
					return "", nil
				}
				return "an-id", nil
			},
			OnConnectionError: func(_ *http.Request, err *ConnectionError) { told <- err },
		}, memory)
		for _, r := range refusals {
			if r.method == "" {
				r.method = "GET"
			}
			if r.status == 0 {
				r.status = 400
			}
			a := h.request(r.method, r.query, "", r.headers...)
			if a.status != r.status || a.body != r.body || a.header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: answered %d %q, %v", r.name, a.status, a.body, a.header)
			}
			if n := len(told); n != 1 {
				t.Fatalf("%s: OnConnectionError was told %d times", r.name, n)
			}
			if err := <-told; err.Code != r.code || err.Error() == "" {
				t.Errorf("%s: OnConnectionError was told %v", r.name, err)
			}
			if cc := a.header.Get("Cache-Control"); cc != "" {
				t.Errorf("%s: an error has Cache-Control %q", r.name, cc)
			}
		}
		if n := h.engine.Sessions(); n != 0 {
			t.Errorf("%d sessions were opened", n)
		}
	})
}

func TestRefusedUpgrades(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var told atomic.Int32
		h := newHost(t, Options{
			AllowRequest: func(r *http.Request) (any, error) {
				if r.Header.Get("X-Test") != "" {
					return nil, errors.New("not today")
				}
				return nil, nil
			},
			OnConnectionError: func(*http.Request, *ConnectionError) { told.Add(1) },
		}, memory)
		polling := h.open()
		for i, c := range []struct{ query, headers, text string }{
			{"transport=tesla", "", "Transport unknown"},
			{"transport=websocket&sid=none", "", "Session ID unknown"},
			{"transport=websocket", "X-Test: refuse\r\n", "not today"},
			{"transport=websocket&EIO=3", "", "Unsupported protocol version"},
			{"transport=polling", "", "Bad request"},
			{"transport=polling&sid=" + polling.ID(), "", "Bad request"},
			{"transport=websocket&EIO=3&sid=" + polling.ID(), "", "Bad request"},
		} {
			ws := h.tryWS(c.query, c.headers, "")
			body := make([]byte, len(c.text))
			ws.response.Body.Read(body)
			if ws.response.StatusCode != 400 || string(body) != c.text || !ws.response.Close {
				t.Errorf("%s: answered %d %q, close %v", c.query, ws.response.StatusCode, body, ws.response.Close)
			}
			ws.expectEnd()
			if n := told.Load(); n != int32(i+1) {
				t.Errorf("%s: OnConnectionError was called %d times, want %d", c.query, n, i+1)
			}
		}
		// A WebSocket handshake that is none is refused, and told, too.
		r, _ := http.NewRequest("GET", h.url("transport=websocket"), nil)
		r.Header.Set("Upgrade", "websocket")
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Sec-WebSocket-Version", "13")
		if a := h.do(r); a.status != 400 {
			t.Errorf("a handshake without a key was answered %d", a.status)
		}
		synctest.Wait() // it is told after the answer
		if told.Load() != 8 {
			t.Error("OnConnectionError was not told of a handshake without a key")
		}
	})
}

func TestOriginWithControlCharacters(t *testing.T) {
	s := NewServer(Options{}, func(*Session) Receiver { return nobody{} })
	defer s.Close()
	for _, c := range []struct {
		query, origin, body string
	}{
		{"transport=polling", "https://a\x01b", badRequest},
		{"transport=polling", "https://a\x7f", badRequest},
		{"transport=polling&sid=none", "https://a\nb", badRequest}, // before the session
		{"transport=tesla", "https://a\nb", unknownTransport},      // after the transport
	} {
		r := httptest.NewRequest("GET", "/engine.io/?EIO=4&"+c.query, nil)
		r.Header["Origin"] = []string{c.origin} // no client library lets it pass
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 400 || w.Body.String() != c.body {
			t.Errorf("%s, Origin %q: answered %d %q, want %q", c.query, c.origin, w.Code, w.Body, c.body)
		}
	}
	r := httptest.NewRequest("GET", "/engine.io/?EIO=4&transport=polling", nil)
	r.Header["Origin"] = []string{"https://a\tb"} // a tab is legal in a header
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 200 {
		t.Errorf("a tab in Origin: answered %d", w.Code)
	}
}

func TestAllowOriginConcernsBothTransportsAndOnlyBrowsers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{AllowOrigin: func(o string, _ *http.Request) bool { return o == "https://good.example" }}, memory)
		if c := h.tryWS("transport=websocket", "Origin: https://evil.example\r\n", ""); c.response.StatusCode != 400 {
			t.Errorf("a WebSocket from a foreign origin: %s", c.response.Status)
		}
		if c := h.tryWS("transport=websocket", "Origin: https://good.example\r\n", ""); c.response.StatusCode != 101 {
			t.Errorf("a WebSocket from the right origin: %s", c.response.Status)
		}
		if a := h.request("GET", "transport=polling", "", "Origin", "https://good.example"); a.status != 200 {
			t.Errorf("polling from the right origin: %+v", a)
		}
		if a := h.request("GET", "transport=polling", ""); a.status != 200 {
			t.Errorf("polling without an origin: %+v", a)
		}
	})
}

func TestTransportsOption(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{Transports: []string{WebSocket}}, memory)
		h.request("GET", "transport=polling", "").want(t, 400, unknownTransport)
		h.connect()
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{Transports: []string{Polling}}, memory)
		if a := h.request("GET", "transport=polling", ""); !strings.Contains(a.body, `"upgrades":[]`) {
			t.Errorf("an upgrade is offered that does not exist: %s", a.body)
		}
		if c := h.tryWS("transport=websocket", "", ""); c.response.StatusCode != 400 {
			t.Errorf("websocket: %s", c.response.Status)
		}
	})
}

func TestDisableUpgrades(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{DisableUpgrades: true}, memory)
		if a := h.request("GET", "transport=polling", ""); !strings.Contains(a.body, `"upgrades":[]`) {
			t.Errorf("an upgrade is offered: %s", a.body)
		}
		e := h.session()
		if c := h.tryWS("transport=websocket&sid="+e.ID(), "", ""); c.response.StatusCode != 400 {
			t.Errorf("an upgrade was answered %s", c.response.Status)
		}
		h.connect() // WebSocket from the start is not an upgrade
	})
}

func TestHandshakePacket(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{GenerateID: func(*http.Request) (string, error) { return "chosen", nil }}, memory)
		h.request("GET", "transport=polling&EIO=3&EIO=4", "").want(t, 200,
			`0{"sid":"chosen","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`)
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		seen := map[string]bool{}
		for range 100 {
			id := h.open().ID()
			if len(id) != 20 || seen[id] || strings.ContainsAny(id, "+/=") {
				t.Fatalf("session id %q", id)
			}
			seen[id] = true
		}
		if n := h.engine.Stats().Opened; n != 100 {
			t.Errorf("%d sessions counted", n)
		}
	})
}

func TestSessionIDInUse(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{GenerateID: func(*http.Request) (string, error) { return "same", nil }}, memory)
		first := h.open()
		h.request("GET", "transport=polling", "").want(t, 400, badRequest)
		if c := h.tryWS("transport=websocket", "", ""); c.response.StatusCode != 400 {
			t.Errorf("a WebSocket with an id in use was answered %s", c.response.Status)
		}
		select {
		case e := <-h.sessions:
			t.Errorf("the application was given a session with the id in use: %v", e.ID())
		default:
		}
		h.post(first, "4still there").want(t, 200, "ok")
		first.expect("text still there", "end")
	})
}

func TestPaths(t *testing.T) {
	for _, c := range []struct {
		opts   Options
		path   string
		status int
	}{
		{Options{}, "/engine.io/", 200},
		{Options{}, "/engine.io/xyz", 200},
		{Options{}, "/engine.io", 404},
		{Options{}, "/other/", 404},
		{Options{NoTrailingSlash: true}, "/engine.io", 200},
		{Options{NoTrailingSlash: true}, "/engine.io/", 200},
		{Options{NoTrailingSlash: true}, "/engine.iox", 404},
		{Options{Path: "/socket.io/"}, "/socket.io/", 200},
		{Options{Path: "/socket.io/"}, "/engine.io/", 404},
		{Options{Path: "/chat"}, "/chat/", 200},
		{Options{Path: "/chat"}, "/chat/xyz", 200},
		{Options{Path: "/chat"}, "/chatx", 404},
		{Options{Path: "/chat"}, "/chat", 404},
		{Options{Path: "/chat", NoTrailingSlash: true}, "/chat", 200},
		{Options{Path: "chat/"}, "/chat/", 200},
		{Options{Path: "chat"}, "/chat/", 200},
		{Options{Path: "/"}, "/", 200},
		{Options{Path: "/"}, "/anything", 200},
	} {
		s := NewServer(c.opts, func(*Session) Receiver { return nobody{} })
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", c.path+"?EIO=4&transport=polling", nil))
		if w.Code != c.status {
			t.Errorf("%+v: %s answered %d, want %d", c.opts, c.path, w.Code, c.status)
		}
		s.Close()
	}
}

func TestRefusedByOpen(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		h.refuses = true
		h.request("GET", "transport=polling", "").want(t, 400, unknownSession)
		h.dialWS("transport=websocket").expectClose(0)
		if n := h.engine.Sessions(); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
}

func TestClosedServerRefuses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		h.engine.Close()
		h.request("GET", "transport=polling", "").want(t, 503, shuttingDown)
		if c := h.tryWS("transport=websocket", "", ""); c.response.StatusCode != 503 {
			t.Errorf("websocket: %s", c.response.Status)
		}
		if len(h.sessions) > 0 {
			t.Error("a closed server opened a session")
		}
	})
}

func TestHeaderHooks(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{
			InitialHeaders: func(h http.Header, r *http.Request) { h.Add("X-Hook", "initial "+r.URL.Query().Get("transport")) },
			Headers:        func(h http.Header, r *http.Request) { h.Add("X-Hook", "each "+r.Method) },
		}, memory)
		check := func(what string, header http.Header, want ...string) {
			if got := header["X-Hook"]; !slices.Equal(got, want) {
				t.Errorf("%s: hooks set %q, want %q", what, got, want)
			}
		}
		check("handshake", h.request("GET", "transport=polling", "").header, "initial polling", "each GET")
		e := h.session()
		check("POST", h.post(e, "4x").header, "each POST")
		e.text("y")
		check("GET", h.get(e).header, "each GET")
		check("upgrade", h.dialWS("transport=websocket&sid="+e.ID()).response.Header, "each GET")
		check("WebSocket", h.dialWS("transport=websocket").response.Header, "initial websocket", "each GET")
	})
}

func TestCookie(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{
			Cookie:     &http.Cookie{},
			GenerateID: func(r *http.Request) (string, error) { return "id" + r.URL.Query().Get("n"), nil },
		}, memory)
		a := h.request("GET", "transport=polling&n=1", "")
		if got := a.header["Set-Cookie"]; !slices.Equal(got, []string{"io=id1; Path=/; HttpOnly; SameSite=Lax"}) {
			t.Errorf("the handshake set %q", got)
		}
		e := h.session()
		e.text("x")
		if got := h.get(e).header["Set-Cookie"]; got != nil {
			t.Errorf("a later answer set %q", got)
		}
		if got := h.dialWS("transport=websocket&n=2").response.Header["Set-Cookie"]; got != nil {
			t.Errorf("a WebSocket handshake set %q", got)
		}
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{
			Cookie:     &http.Cookie{Name: "lb", Path: "/app", Secure: true, SameSite: http.SameSiteStrictMode, MaxAge: 60},
			GenerateID: func(*http.Request) (string, error) { return "x", nil },
		}, memory)
		want := "lb=x; Path=/app; Max-Age=60; HttpOnly; Secure; SameSite=Strict"
		if got := h.request("GET", "transport=polling", "").header.Get("Set-Cookie"); got != want {
			t.Errorf("the handshake set %q, want %q", got, want)
		}
	})
}

func TestConnectionErrorText(t *testing.T) {
	e := &ConnectionError{Code: CodeForbidden, Message: "no", Detail: "AllowRequest", Err: errTest}
	if got, want := e.Error(), "engine: request refused: no (code 4): AllowRequest"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if !errors.Is(fmt.Errorf("x: %w", e), errTest) {
		t.Error("the cause is not found")
	}
}
