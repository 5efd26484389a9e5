package engine

import (
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strings"
	"testing"
)

// unpacked is the body as it was before it was compressed.
func (a answer) unpacked(t *testing.T) string {
	t.Helper()
	var r io.Reader = strings.NewReader(a.body)
	var err error
	switch encoding := a.header.Get("Content-Encoding"); encoding {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "deflate": // which is what HTTP calls the format of zlib
		r, err = zlib.NewReader(r)
	case "":
	default:
		t.Fatalf("Content-Encoding %q", encoding)
	}
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestCompression(t *testing.T) {
	at := strings.Repeat("x", 1023) // with its type, exactly the default threshold
	for _, c := range []struct {
		name, accept string
		threshold    int
		sent         []string
		noCompress   []bool
		want         string
	}{
		{name: "gzip", accept: "gzip, deflate", sent: []string{at}, want: "gzip"},
		{name: "gzip is preferred", accept: "deflate, gzip", sent: []string{at}, want: "gzip"},
		{name: "deflate", accept: "deflate", sent: []string{at}, want: "deflate"},
		{name: "case and space", accept: "br , GZIP ;q=0.5", sent: []string{at}, want: "gzip"},
		{name: "anything", accept: "*", sent: []string{at}, want: "gzip"},
		{name: "anything but gzip", accept: "gzip;q=0, *", sent: []string{at}, want: "deflate"},
		{name: "refused", accept: "gzip;q=0, deflate;q=0.0", sent: []string{at}},
		{name: "unknown", accept: "br", sent: []string{at}},
		{name: "not accepted", sent: []string{at}},
		{name: "too short", accept: "gzip", sent: []string{at[1:]}},
		{name: "the payload counts", accept: "gzip", sent: []string{at[:510], at[:511]}, want: "gzip"},
		{name: "threshold", accept: "gzip", threshold: 10, sent: []string{"123456789"}, want: "gzip"},
		{name: "below the threshold", accept: "gzip", threshold: 11, sent: []string{"123456789"}},
		{name: "off", accept: "gzip", threshold: -1, sent: []string{at}},
		{name: "not wanted", accept: "gzip", sent: []string{at}, noCompress: []bool{true}},
		{name: "wanted for one", accept: "gzip", sent: []string{at, at}, noCompress: []bool{true, false}, want: "gzip"},
	} {
		bubble(t, func(t *testing.T) {
			h := newHost(t, Options{CompressionThreshold: c.threshold}, memory)
			e := h.open()
			for i, s := range c.sent {
				e.Send(textMessage(s), SendOptions{NoCompress: c.noCompress != nil && c.noCompress[i]})
			}
			var headers []string
			if c.accept != "" {
				headers = []string{"Accept-Encoding", c.accept}
			}
			a := h.request("GET", sidQuery(e.ID()), "", headers...)
			if got := a.header.Get("Content-Encoding"); got != c.want {
				t.Errorf("%s: Content-Encoding %q, want %q", c.name, got, c.want)
			}
			if got, want := a.unpacked(t), "4"+strings.Join(c.sent, "\x1e4"); got != want {
				t.Errorf("%s: %d bytes came, want %d", c.name, len(got), len(want))
			}
			if c.want != "" && (a.header.Get("Content-Length") != "" || a.header.Get("Vary") != "Accept-Encoding") {
				t.Errorf("%s: %v", c.name, a.header)
			}
		})
	}
}

func TestPollHeaders(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory)
		a := h.request("GET", "transport=polling", "")
		e := h.session()
		e.text("€")
		for _, a := range []answer{a, h.get(e)} {
			if a.header.Get("Content-Type") != "text/plain; charset=UTF-8" || a.header.Get("Cache-Control") != "no-store" ||
				a.header.Get("Content-Length") == "" {
				t.Errorf("a poll was answered with %v", a.header)
			}
		}
		a = h.post(e, "4x")
		if a.header.Get("Content-Type") != "text/html" || a.header.Get("Content-Length") != "2" {
			t.Errorf("a POST was answered with %v", a.header)
		}
	})
}

// plainWriter hides everything but the plain methods of a response writer.
type plainWriter struct{ http.ResponseWriter }

func TestCompressionWithoutFlush(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{}, memory, func(h *host) {
			h.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.engine.ServeHTTP(plainWriter{w}, r) })
		})
		e := h.open()
		e.text(strings.Repeat("x", 5000))
		a := h.request("GET", sidQuery(e.ID()), "", "Accept-Encoding", "gzip")
		if got := a.unpacked(t); len(got) != 5001 {
			t.Errorf("%d bytes came", len(got))
		}
	})
}
