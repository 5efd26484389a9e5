package socketio_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/web"
)

func TestTheBrowserClientIsServed(t *testing.T) {
	const origin = "http://page.example"
	srv := socketio.NewServer(socketio.Options{Path: "/live/", CORS: &socketio.CORS{Origins: []string{origin}}})
	defer srv.Close()
	get := func(method, path string, header ...string) *http.Response {
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Origin", origin)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, r)
		return w.Result()
	}
	if len(web.Files()) == 0 {
		t.Fatal("there are no files")
	}
	for _, file := range web.Files() {
		res := get("GET", "/live/"+file)
		var body bytes.Buffer
		body.ReadFrom(res.Body)
		want, _ := web.File(file)
		if res.StatusCode != http.StatusOK || !bytes.Equal(body.Bytes(), want) || res.Header.Get("Access-Control-Allow-Origin") != origin {
			t.Errorf("%s: %s, %d bytes, %v", file, res.Status, body.Len(), res.Header)
		}
		if res := get("GET", "/live/"+file, "If-None-Match", res.Header.Get("ETag")); res.StatusCode != http.StatusNotModified {
			t.Errorf("%s again: %s", file, res.Status)
		}
	}
	file := "/live/" + web.Files()[0]
	if res := get("OPTIONS", file); res.StatusCode != http.StatusNoContent || res.Header.Get("Access-Control-Allow-Methods") == "" {
		t.Errorf("preflight: %s %v", res.Status, res.Header)
	}
	// What is not one of the files is a request of a client, or nothing.
	for path, want := range map[string]int{
		file + "x":                           http.StatusBadRequest,
		"/live/x/" + web.Files()[0]:          http.StatusBadRequest,
		"/" + web.Files()[0]:                 http.StatusNotFound,
		"/live/?EIO=4&transport=polling":     http.StatusOK,
		"/socket.io/" + web.Files()[0]:       http.StatusNotFound,
		"/live/" + strings.Repeat("x", 1000): http.StatusBadRequest,
	} {
		if res := get("GET", path); res.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, res.Status, want)
		}
	}

	off := socketio.NewServer(socketio.Options{DisableClient: true})
	defer off.Close()
	w := httptest.NewRecorder()
	off.ServeHTTP(w, httptest.NewRequest("GET", "/socket.io/"+web.Files()[0], nil))
	if w.Code != http.StatusBadRequest {
		t.Errorf("disabled: status %d", w.Code)
	}
}

func TestTheBrowserClientIsServedBelowAnyPath(t *testing.T) {
	for path, base := range map[string]string{"": "/socket.io/", "/live": "/live/", "live": "/live/", "/": "/"} {
		srv := socketio.NewServer(socketio.Options{Path: path})
		defer srv.Close()
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, httptest.NewRequest("GET", base+web.Files()[0], nil))
		if w.Code != http.StatusOK {
			t.Errorf("Path %q: status %d", path, w.Code)
		}
	}
}
