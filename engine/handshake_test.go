package engine

import (
	"crypto/tls"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestHandshakeIsKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{AllowRequest: func(*http.Request) (any, error) { return "the user", nil }}, memory)
		start := time.Now()
		h.request("GET", "transport=polling&a=1&a=2&b=%20", "", "X-Token", "secret", "Origin", page)
		e := h.session()
		time.Sleep(time.Second)
		hs := e.Handshake()
		if got := hs.URL(); got != "/engine.io/?EIO=4&transport=polling&a=1&a=2&b=%20" {
			t.Errorf("URL %q", got)
		}
		if q := hs.Query(); !slices.Equal(q["a"], []string{"1", "2"}) || q.Get("b") != " " {
			t.Errorf("Query %v", q)
		}
		if header := hs.Header(); header.Get("X-Token") != "secret" || header.Get("Origin") != page {
			t.Errorf("Header %v", header)
		}
		if !hs.Time().Equal(start) || hs.Value() != "the user" || hs.Secure() || !hs.CrossDomain() || hs.Address() != "192.0.2.1" {
			t.Errorf("time %v, value %v, secure %v, cross-domain %v, address %q",
				hs.Time(), hs.Value(), hs.Secure(), hs.CrossDomain(), hs.Address())
		}
		if e.Protocol() != 4 || e.Transport() != Polling {
			t.Errorf("protocol %d over %s", e.Protocol(), e.Transport())
		}
	})
}

// TestHandshakesShareWhatABrowserSendsToAll: of two sessions with the same browser the
// second one costs only what is its own.
func TestHandshakesShareWhatABrowserSendsToAll(t *testing.T) {
	request := func(key string) *http.Request {
		return &http.Request{Host: "chat.example", Header: http.Header{
			"User-Agent": {strings.Repeat("Mozilla", 20)}, "Accept-Language": {"en"}, "Accept-Encoding": {"gzip", "br"}, "Cookie": {key},
		}}
	}
	a, b := newHandshake(request("a"), nil, nil), newHandshake(request("b"), nil, nil)
	if a.packed.common != b.packed.common {
		t.Errorf("%q and %q are kept apart", a.packed.common.Value(), b.packed.common.Value())
	}
	if want := "\x00\x00Cookie\x00b\x00"; b.packed.own != want {
		t.Errorf("%q is kept for one session, want %q", b.packed.own, want)
	}
	if got := b.Header(); len(got) != 5 || got.Get("Cookie") != "b" || !slices.Equal(got["Accept-Encoding"], []string{"gzip", "br"}) {
		t.Errorf("Header() = %v", got)
	}
}

func TestHandshakeHeaderIsACopy(t *testing.T) {
	r := httptest.NewRequest("GET", "/engine.io/", nil)
	r.Header = http.Header{"A": {"1", ""}, "B": {"2"}, "C": {}}
	r.Host = "chat.example:8080" // net/http takes it out of the headers
	hs := newHandshake(r, nil, nil)
	want := http.Header{"A": {"1", ""}, "B": {"2"}, "Host": {"chat.example:8080"}}
	r.Header.Set("A", "changed")
	if got := hs.Header(); !maps.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("Header() = %v, want %v", got, want)
	}
	hs.Header().Set("B", "changed")
	if got := hs.Header(); got.Get("B") != "2" {
		t.Errorf("Header() = %v after a caller changed its copy", got)
	}
	if empty := newHandshake(&http.Request{}, nil, nil); len(empty.Header()) != 0 {
		t.Errorf("Header() = %v, want none", empty.Header())
	}
}

func TestTrustedProxies(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name, remote string
		forwarded    []string
		proto        string
		tls          bool
		address      string
		secure       bool
	}{
		{name: "direct", remote: "192.0.2.7:5000", address: "192.0.2.7"},
		{name: "direct and secure", remote: "192.0.2.7:5000", tls: true, address: "192.0.2.7", secure: true},
		{name: "a stranger's claim", remote: "192.0.2.7:5000", forwarded: []string{"1.2.3.4"}, proto: "https", address: "192.0.2.7"},
		{name: "proxy", remote: "10.0.0.1:5000", forwarded: []string{"1.2.3.4"}, proto: "https", address: "1.2.3.4", secure: true},
		{name: "proxy that says nothing", remote: "10.0.0.1:5000", address: "10.0.0.1"},
		{name: "TLS up to the proxy only counts if it says so", remote: "10.0.0.1:5000", tls: true, proto: "http", address: "10.0.0.1"},
		{name: "made up before the proxy", remote: "10.0.0.1:5000", forwarded: []string{"6.6.6.6, 1.2.3.4"}, address: "1.2.3.4"},
		{name: "two proxies", remote: "10.0.0.1:5000", forwarded: []string{"6.6.6.6, 1.2.3.4, 10.0.0.2"}, address: "1.2.3.4"},
		{name: "two headers", remote: "10.0.0.1:5000", forwarded: []string{"1.2.3.4", "10.0.0.2"}, address: "1.2.3.4"},
		{name: "with port", remote: "10.0.0.1:5000", forwarded: []string{"1.2.3.4:99"}, address: "1.2.3.4"},
		{name: "IPv6", remote: "[fd00::1]:5000", forwarded: []string{"2001:db8::5"}, address: "2001:db8::5"},
		{name: "IPv6 with port", remote: "[fd00::1]:5000", forwarded: []string{"[2001:db8::5]:99"}, address: "2001:db8::5"},
		{name: "IPv4 in IPv6", remote: "[::ffff:10.0.0.1]:5000", forwarded: []string{"1.2.3.4"}, address: "1.2.3.4"},
		{name: "garbage ends the search", remote: "10.0.0.1:5000", forwarded: []string{"1.2.3.4, unknown, 10.0.0.2"}, address: "10.0.0.2"},
		{name: "only proxies", remote: "10.0.0.1:5000", forwarded: []string{"10.0.0.3, 10.0.0.2"}, address: "10.0.0.3"},
		{name: "no address at all", remote: "pipe", forwarded: []string{"1.2.3.4"}, address: "pipe"},
	} {
		r := httptest.NewRequest("GET", "/engine.io/", nil)
		r.RemoteAddr = c.remote
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		if c.proto != "" {
			r.Header.Set("X-Forwarded-Proto", c.proto)
		}
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		hs := newHandshake(r, trusted, nil)
		if hs.Address() != c.address || hs.Secure() != c.secure {
			t.Errorf("%s: address %q, secure %v; want %q, %v", c.name, hs.Address(), hs.Secure(), c.address, c.secure)
		}
	}
}
