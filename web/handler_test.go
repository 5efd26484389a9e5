package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func get(t *testing.T, method, target string, header map[string]string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) []byte {
	t.Helper()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestFiles(t *testing.T) {
	want := []string{
		"socket.io.esm.min.js", "socket.io.esm.min.js.map",
		"socket.io.js", "socket.io.js.map",
		"socket.io.min.js", "socket.io.min.js.map",
		"socket.io.msgpack.min.js", "socket.io.msgpack.min.js.map",
	}
	if got := Files(); !slices.Equal(got, want) {
		t.Errorf("Files() = %q, want %q", got, want)
	}
	if _, ok := File("../web.go"); ok {
		t.Error("a file outside dist is served")
	}
}

func TestHandlerServesEachFile(t *testing.T) {
	for _, name := range Files() {
		res := get(t, http.MethodGet, "/socket.io/"+name, nil)
		want, _ := File(name)
		if res.StatusCode != http.StatusOK || !bytes.Equal(body(t, res), want) {
			t.Errorf("%s: status %d, or other bytes", name, res.StatusCode)
		}
		contentType := "application/javascript; charset=utf-8"
		if strings.HasSuffix(name, ".map") {
			contentType = "application/json; charset=utf-8"
		}
		for field, value := range map[string]string{
			"Content-Type":     contentType,
			"Cache-Control":    "public, max-age=0",
			"Vary":             "Accept-Encoding",
			"Content-Encoding": "",
		} {
			if got := res.Header.Get(field); got != value {
				t.Errorf("%s: %s is %q, want %q", name, field, got, value)
			}
		}
	}
}

func TestHandlerRefuses(t *testing.T) {
	for _, test := range []struct {
		method, target string
		status         int
	}{
		{http.MethodGet, "/socket.io/", http.StatusNotFound},
		{http.MethodGet, "/socket.io/socket.io.js/", http.StatusNotFound},
		{http.MethodGet, "/socket.io/other.js", http.StatusNotFound},
		{http.MethodGet, "/socket.io/types/index.d.ts", http.StatusNotFound},
		{http.MethodPost, "/socket.io/socket.io.js", http.StatusMethodNotAllowed},
		{http.MethodDelete, "/socket.io/socket.io.js", http.StatusMethodNotAllowed},
	} {
		res := get(t, test.method, test.target, nil)
		if res.StatusCode != test.status {
			t.Errorf("%s %s: status %d, want %d", test.method, test.target, res.StatusCode, test.status)
		}
		if allow := res.Header.Get("Allow"); (allow == "GET, HEAD") != (test.status == http.StatusMethodNotAllowed) {
			t.Errorf("%s %s: Allow is %q", test.method, test.target, allow)
		}
	}
}

func TestHandlerHead(t *testing.T) {
	want := get(t, http.MethodGet, "/socket.io.js", nil)
	res := get(t, http.MethodHead, "/socket.io.js", nil)
	if n := len(body(t, res)); n != 0 {
		t.Errorf("a body of %d bytes", n)
	}
	for _, field := range []string{"Content-Length", "ETag", "Content-Type"} {
		if res.Header.Get(field) == "" || res.Header.Get(field) != want.Header.Get(field) {
			t.Errorf("%s is %q, want %q", field, res.Header.Get(field), want.Header.Get(field))
		}
	}
}

func TestHandlerConditionalGet(t *testing.T) {
	const target = "/socket.io/socket.io.min.js"
	etag := get(t, http.MethodGet, target, nil).Header.Get("ETag")
	if other := get(t, http.MethodGet, "/socket.io/socket.io.js", nil).Header.Get("ETag"); other == etag {
		t.Error("two files share an entity tag")
	}
	for value, status := range map[string]int{
		etag:                    http.StatusNotModified,
		"W/" + etag:             http.StatusNotModified,
		`"a", W/` + etag:        http.StatusNotModified,
		"*":                     http.StatusNotModified,
		`"other"`:               http.StatusOK,
		strings.Trim(etag, `"`): http.StatusOK,
	} {
		res := get(t, http.MethodGet, target, map[string]string{"If-None-Match": value})
		if res.StatusCode != status {
			t.Errorf("If-None-Match: %s: status %d, want %d", value, res.StatusCode, status)
		}
		if res.Header.Get("ETag") != etag {
			t.Errorf("If-None-Match: %s: no entity tag in the answer", value)
		}
		if n := len(body(t, res)); (n == 0) != (status == http.StatusNotModified) {
			t.Errorf("If-None-Match: %s: a body of %d bytes", value, n)
		}
	}
}

func TestHandlerCompression(t *testing.T) {
	want, _ := File("socket.io.js")
	for accept, zipped := range map[string]bool{
		"gzip":                true,
		"br, gzip;q=0.5":      true,
		"deflate, GZIP ; q=1": true,
		"*":                   true,
		"":                    false,
		"br":                  false,
		"gzip;q=0":            false,
		"*;q=1, gzip;q=0.0":   false,
		"identity, *;q=0":     false,
		"gzip;q=nonsense":     false,
	} {
		res := get(t, http.MethodGet, "/socket.io.js", map[string]string{"Accept-Encoding": accept})
		if got := res.Header.Get("Content-Encoding") == "gzip"; got != zipped {
			t.Errorf("Accept-Encoding %q: compressed is %v", accept, got)
			continue
		}
		data := body(t, res)
		if zipped {
			r, err := gzip.NewReader(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if data, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(data, want) {
			t.Errorf("Accept-Encoding %q: other bytes", accept)
		}
	}
}
