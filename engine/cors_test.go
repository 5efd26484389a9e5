package engine

import (
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"
)

const page = "https://app.example"

func TestCORSOrigin(t *testing.T) {
	for _, c := range []struct {
		name   string
		cors   CORS
		origin string
		allow  string // Access-Control-Allow-Origin
		vary   []string
	}{
		{"star", CORS{Origins: []string{"*"}}, page, "*", nil},
		{"star without Origin", CORS{Origins: []string{"*"}}, "", "*", nil},
		{"star with credentials", CORS{Origins: []string{"*"}, Credentials: true}, page, page, []string{"Origin"}},
		{"in the list", CORS{Origins: []string{"https://x.example", page}}, page, page, []string{"Origin"}},
		{"not in the list", CORS{Origins: []string{"https://x.example"}}, page, "", []string{"Origin"}},
		{"no Origin", CORS{Origins: []string{page}}, "", "", []string{"Origin"}},
		{"the list is compared exactly", CORS{Origins: []string{page}}, page + ".evil", "", []string{"Origin"}},
		{"pattern", CORS{Patterns: []*regexp.Regexp{regexp.MustCompile(`^https://[a-z]+\.example$`)}}, page, page, []string{"Origin"}},
		{"other pattern", CORS{Patterns: []*regexp.Regexp{regexp.MustCompile(`^https://y\.`)}}, page, "", []string{"Origin"}},
		{"function", CORS{AllowOrigin: func(o string, r *http.Request) bool { return o == page && r.URL.Path != "" }}, page, page, []string{"Origin"}},
		{"function says no", CORS{AllowOrigin: func(string, *http.Request) bool { return false }}, page, "", []string{"Origin"}},
		{"nothing allowed", CORS{}, page, "", []string{"Origin"}},
	} {
		bubble(t, func(t *testing.T) {
			h := newHost(t, Options{CORS: &c.cors}, memory)
			var headers []string
			if c.origin != "" {
				headers = []string{"Origin", c.origin}
			}
			// Not allowed is not refused: the browser keeps the answer from the page.
			a := h.request("GET", "transport=polling", "", headers...)
			if a.status != 200 || a.header.Get("Access-Control-Allow-Origin") != c.allow || !slices.Equal(a.header["Vary"], c.vary) {
				t.Errorf("%s: answered %d with %v", c.name, a.status, a.header)
			}
			if got := a.header.Get("Access-Control-Allow-Credentials") == "true"; got != c.cors.Credentials {
				t.Errorf("%s: credentials allowed: %v", c.name, got)
			}
		})
	}
}

func TestCORSHeadersAreOnEveryAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{CORS: &CORS{Origins: []string{page}, ExposedHeaders: []string{"X-A", "X-B"}}}, memory)
		check := func(what string, header http.Header) {
			if header.Get("Access-Control-Allow-Origin") != page || header.Get("Access-Control-Expose-Headers") != "X-A,X-B" {
				t.Errorf("%s: %v", what, header)
			}
		}
		check("handshake", h.request("GET", "transport=polling", "", "Origin", page).header)
		e := h.session()
		check("POST", h.request("POST", sidQuery(e.ID()), "4x", "Origin", page).header)
		e.text("x")
		check("GET", h.request("GET", sidQuery(e.ID()), "", "Origin", page).header)
		check("refusal", h.request("GET", "transport=none", "", "Origin", page).header)
		check("101", h.tryWS("transport=websocket", "Origin: "+page+"\r\n", "").response.Header)
	})
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		for name := range h.request("GET", "transport=polling", "", "Origin", page).header {
			if name == "Vary" || name[0] == 'A' {
				t.Errorf("header %s without the option CORS", name)
			}
		}
	})
}

func TestPreflight(t *testing.T) {
	for _, c := range []struct {
		name string
		cors CORS
		want http.Header // nil: must not be there
	}{
		{"defaults", CORS{Origins: []string{page}}, http.Header{
			"Access-Control-Allow-Origin":      {page},
			"Access-Control-Allow-Methods":     {"GET,HEAD,PUT,PATCH,POST,DELETE"},
			"Access-Control-Allow-Headers":     {"x-one, x-two"},
			"Access-Control-Max-Age":           nil,
			"Access-Control-Allow-Credentials": nil,
			"Vary":                             {"Origin", "Access-Control-Request-Headers"},
		}},
		{"everything set", CORS{Origins: []string{page}, Credentials: true, Methods: []string{"GET", "POST"},
			AllowedHeaders: []string{"X-A", "X-B"}, MaxAge: 90 * time.Minute}, http.Header{
			"Access-Control-Allow-Methods":     {"GET,POST"},
			"Access-Control-Allow-Headers":     {"X-A,X-B"},
			"Access-Control-Max-Age":           {"5400"},
			"Access-Control-Allow-Credentials": {"true"},
			"Vary":                             {"Origin"},
		}},
		{"not to be kept", CORS{Origins: []string{"*"}, MaxAge: -1}, http.Header{
			"Access-Control-Allow-Origin": {"*"},
			"Access-Control-Max-Age":      {"0"},
		}},
		{"foreign origin", CORS{Origins: []string{"https://other.example"}}, http.Header{
			"Access-Control-Allow-Origin": nil,
		}},
	} {
		bubble(t, func(t *testing.T) {
			h := newHost(t, Options{CORS: &c.cors}, memory)
			a := h.request("OPTIONS", "transport=polling", "", "Origin", page,
				"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "x-one, x-two")
			a.want(t, 204, "")
			for name, want := range c.want {
				if got := a.header[name]; !slices.Equal(got, want) {
					t.Errorf("%s: %s is %q, want %q", c.name, name, got, want)
				}
			}
		})
	}
}
