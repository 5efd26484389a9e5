package engine

import (
	"net/http"
	"strings"
	"unique"
)

// packedRequest is a compact copy of what is kept of a request. A browser sends more
// than a kilobyte of headers, nearly all of which is the same for everybody with that
// browser, and kept once. The rest is one piece of memory.
type packedRequest struct {
	common unique.Handle[string] // name, NUL, value, NUL, …
	own    string                // address, NUL, URL, NUL, and more headers in the same form
}

// commonHeaders are those whose values many clients have in common.
var commonHeaders = [...]string{
	"Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Connection", "Dnt", "Origin", "Pragma", "Priority",
	"Sec-Ch-Ua", "Sec-Ch-Ua-Mobile", "Sec-Ch-Ua-Platform", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site",
	"Sec-Gpc", "Sec-Websocket-Extensions", "Sec-Websocket-Version", "Upgrade", "User-Agent",
}

// packRequest copies the URL and the headers of a request. HTTP allows no NUL in them.
// Host is one of them, although net/http keeps it elsewhere.
func packRequest(r *http.Request, address string) packedRequest {
	var common, own strings.Builder
	common.Grow(1 << 10)
	if r.Host != "" {
		packHeader(&common, "Host", r.Host)
	}
	packed := 0
	for _, name := range commonHeaders {
		if values, ok := r.Header[name]; ok {
			packHeader(&common, name, values...)
			packed++
		}
	}
	if packed < len(r.Header) {
		for name, values := range r.Header {
			if !isCommonHeader(name) {
				packHeader(&own, name, values...)
			}
		}
	}
	return packedRequest{unique.Make(common.String()), address + "\x00" + r.RequestURI + "\x00" + own.String()}
}

func packHeader(b *strings.Builder, name string, values ...string) {
	for _, value := range values {
		b.WriteString(name)
		b.WriteByte(0)
		b.WriteString(value)
		b.WriteByte(0)
	}
}

func isCommonHeader(name string) bool {
	for _, common := range commonHeaders {
		if name == common {
			return true
		}
	}
	return false
}

// parts takes own apart.
func (p packedRequest) parts() (address, url, headers string) {
	address, headers, _ = strings.Cut(p.own, "\x00")
	url, headers, _ = strings.Cut(headers, "\x00")
	return address, url, headers
}

// header returns the headers as they were.
func (p packedRequest) header() http.Header {
	header := make(http.Header)
	_, _, own := p.parts()
	for _, rest := range [...]string{p.common.Value(), own} {
		for rest != "" {
			var name, value string
			name, rest, _ = strings.Cut(rest, "\x00")
			value, rest, _ = strings.Cut(rest, "\x00")
			header[name] = append(header[name], value)
		}
	}
	return header
}
