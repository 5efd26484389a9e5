package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// asset is one file, ready to be sent.
type asset struct {
	contentType string
	etag        string
	plain       []byte
	gzipped     []byte
}

// assets is filled when the first handler is made, so that a program which serves no client pays nothing.
var assets = sync.OnceValue(func() map[string]asset {
	all := make(map[string]asset)
	for _, name := range Files() {
		data, _ := File(name)
		all[name] = newAsset(name, data)
	}
	return all
})

func newAsset(name string, data []byte) asset {
	sum := sha256.Sum256(data)
	contentType := "application/javascript; charset=utf-8"
	if strings.HasSuffix(name, ".map") {
		contentType = "application/json; charset=utf-8"
	}
	return asset{
		contentType: contentType,
		etag:        `"` + hex.EncodeToString(sum[:12]) + `"`,
		plain:       data,
		gzipped:     compress(data),
	}
}

func compress(data []byte) []byte {
	var buf bytes.Buffer
	// Neither a constant level nor a buffer can fail.
	w, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	_, _ = w.Write(data)
	_ = w.Close()
	return buf.Bytes()
}

// Handler serves the built client. Only the last element of the request's path counts, so it can be
// mounted below any prefix: GET and HEAD of a name in [Files] are answered with the file, an entity
// tag, and gzip if the client accepts it; other methods with 405, other names with 404. It is safe
// for concurrent use.
func Handler() http.Handler {
	files := assets()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := files[path.Base(r.URL.Path)]
		if !ok || strings.HasSuffix(r.URL.Path, "/") {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		file.serve(w, r)
	})
}

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("ETag", a.etag)
	header.Set("Cache-Control", "public, max-age=0")
	header.Add("Vary", "Accept-Encoding")
	if matches(r.Header.Values("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.plain
	if acceptsGzip(r.Header.Values("Accept-Encoding")) {
		header.Set("Content-Encoding", "gzip")
		body = a.gzipped
	}
	header.Set("Content-Type", a.contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		// The client may be gone; there is nobody to tell.
		_, _ = w.Write(body)
	}
}

// matches reports whether one of the entity tags is ours. The comparison is weak, as for every
// conditional GET.
func matches(fields []string, etag string) bool {
	for tag := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
			return true
		}
	}
	return false
}

// acceptsGzip reads Accept-Encoding. What is said of gzip itself goes before what is said of "*".
func acceptsGzip(fields []string) bool {
	accepted := false
	for item := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		coding, params, _ := strings.Cut(item, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		switch coding {
		case "gzip", "x-gzip":
			return quality(params) > 0
		case "*":
			accepted = quality(params) > 0
		}
	}
	return accepted
}

// quality returns the weight in the parameters of a header item, 1 if there is none.
func quality(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				return 0
			}
			return q
		}
	}
	return 1
}
