package engine

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CORS says which pages of other origins may use the server from a browser. It
// restrains browsers only, and only their reading of answers; who may connect is
// decided by [Options.AllowOrigin] and [Options.AllowRequest].
//
// An origin is allowed if any of Origins, Patterns and AllowOrigin says so.
type CORS struct {
	// Origins lists allowed origins, such as "https://example.com". "*" allows all;
	// together with Credentials the request's own origin is then sent back, because
	// browsers refuse the star.
	Origins []string
	// Patterns allows the origins that match; anchor them with ^ and $.
	Patterns []*regexp.Regexp
	// AllowOrigin decides by itself.
	AllowOrigin func(origin string, r *http.Request) bool

	// Credentials lets pages send cookies and HTTP authentication. Clients of Socket.IO 1
	// and 2 do so without being told to, and cannot connect with polling otherwise.
	Credentials bool
	// Methods is what a preflight is told is allowed. Default GET, HEAD, PUT, PATCH,
	// POST and DELETE, as the official server.
	Methods []string
	// AllowedHeaders is what a preflight is told is allowed. By default whatever it
	// asked for.
	AllowedHeaders []string
	// ExposedHeaders are response headers that a page may read.
	ExposedHeaders []string
	// MaxAge is how long a browser may keep the answer to a preflight, in whole
	// seconds. 0 says nothing about it, negative forbids keeping.
	MaxAge time.Duration
}

const defaultMethods = "GET,HEAD,PUT,PATCH,POST,DELETE"

// apply sets the CORS headers of an answer to r.
func (c *CORS) apply(h http.Header, r *http.Request) {
	origin := r.Header.Get("Origin")
	switch {
	case slices.Contains(c.Origins, "*") && !c.Credentials:
		h.Set("Access-Control-Allow-Origin", "*")
	default:
		h.Add("Vary", "Origin")
		if origin != "" && c.allows(origin, r) {
			h.Set("Access-Control-Allow-Origin", origin)
		}
	}
	if c.Credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if len(c.ExposedHeaders) > 0 {
		h.Set("Access-Control-Expose-Headers", strings.Join(c.ExposedHeaders, ","))
	}
}

// Handle sets the headers of an answer to r, and answers r itself, which it reports,
// if it is a preflight request. It is for answers that do not come from a [Server],
// which does this by itself.
func (c *CORS) Handle(w http.ResponseWriter, r *http.Request) (answered bool) {
	c.apply(w.Header(), r)
	if r.Method != http.MethodOptions {
		return false
	}
	c.preflight(w, r)
	return true
}

// preflight answers an OPTIONS request whose headers were set by apply.
func (c *CORS) preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	methods := defaultMethods
	if len(c.Methods) > 0 {
		methods = strings.Join(c.Methods, ",")
	}
	h.Set("Access-Control-Allow-Methods", methods)
	if len(c.AllowedHeaders) > 0 {
		h.Set("Access-Control-Allow-Headers", strings.Join(c.AllowedHeaders, ","))
	} else {
		h.Add("Vary", "Access-Control-Request-Headers")
		if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
			h.Set("Access-Control-Allow-Headers", asked)
		}
	}
	if c.MaxAge != 0 {
		h.Set("Access-Control-Max-Age", strconv.FormatInt(int64(max(c.MaxAge, 0)/time.Second), 10))
	}
	h.Set("Content-Length", "0")
	w.WriteHeader(http.StatusNoContent)
}

func (c *CORS) allows(origin string, r *http.Request) bool {
	if slices.Contains(c.Origins, "*") || slices.Contains(c.Origins, origin) {
		return true
	}
	for _, p := range c.Patterns {
		if p.MatchString(origin) {
			return true
		}
	}
	return c.AllowOrigin != nil && c.AllowOrigin(origin, r)
}
