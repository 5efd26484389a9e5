package engine

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Handshake is what is kept of a session's first request. It is a compact copy:
// the headers are parsed from it when they are asked for. It does not change,
// and may be used from any goroutine, also after the session has ended.
type Handshake struct {
	time    time.Time
	packed  packedRequest
	value   any
	secure  bool
	xdomain bool
}

func newHandshake(r *http.Request, trusted []netip.Prefix, value any) Handshake {
	address, secure := remote(r, trusted)
	return Handshake{
		time:    time.Now(),
		packed:  packRequest(r, address),
		value:   value,
		secure:  secure,
		xdomain: r.Header.Get("Origin") != "",
	}
}

// Time is when the session began.
func (h *Handshake) Time() time.Time { return h.time }

// Address is the client's IP address, without port. It is that of the peer of the
// connection, or, behind a proxy of [Options.TrustedProxies], the one that the
// proxy gave.
func (h *Handshake) Address() string {
	address, _, _ := h.packed.parts()
	return strings.Clone(address) // who keeps it does not keep the headers
}

// URL is the request's target, such as "/socket.io/?EIO=4&transport=polling".
func (h *Handshake) URL() string {
	_, url, _ := h.packed.parts()
	return strings.Clone(url)
}

// Query returns the parameters of the URL. The caller owns the result.
func (h *Handshake) Query() url.Values {
	_, query, _ := strings.Cut(h.URL(), "?")
	values, _ := url.ParseQuery(query) // the readable part is better than nothing
	return values
}

// Header returns the headers of the request, Host among them. The caller owns the
// result.
func (h *Handshake) Header() http.Header {
	return h.packed.header()
}

// Secure reports whether the client connected with TLS, to this server or to a
// proxy of [Options.TrustedProxies].
func (h *Handshake) Secure() bool { return h.secure }

// CrossDomain reports whether the request had an Origin header.
func (h *Handshake) CrossDomain() bool { return h.xdomain }

// Value is what [Options.AllowRequest] returned.
func (h *Handshake) Value() any { return h.value }

// remote determines the client's address, and whether it uses TLS. Of the
// addresses in X-Forwarded-For, the last one that no trusted proxy has is the
// client's; everything before it may be made up.
func remote(r *http.Request, trusted []netip.Prefix) (address string, secure bool) {
	address, secure = r.RemoteAddr, r.TLS != nil
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	if !isTrusted(address, trusted) {
		return address, secure
	}
	if proto := r.Header.Get("X-Forwarded-Proto"); proto != "" {
		secure = proto == "https" || proto == "wss"
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if addrPort, err := netip.ParseAddrPort(hop); err == nil {
			hop = addrPort.Addr().String()
		}
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		address = hop
		if !isTrusted(hop, trusted) {
			break
		}
	}
	return address, secure
}

func isTrusted(address string, trusted []netip.Prefix) bool {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, prefix := range trusted {
		if prefix.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}
