package engine

import (
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// compressor is what gzip and zlib writers have in common.
type compressor interface {
	io.WriteCloser
	Reset(io.Writer)
}

var compressors = map[string]*sync.Pool{
	"gzip":    {New: func() any { return gzip.NewWriter(nil) }},
	"deflate": {New: func() any { return zlib.NewWriter(nil) }}, // HTTP's name for zlib's format
}

// acceptedEncoding returns how r's client wants its answer compressed, or "".
func acceptedEncoding(r *http.Request) string {
	accepted := make(map[string]bool)
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(part, ";")
		accepted[strings.ToLower(strings.TrimSpace(name))] = !zeroQuality(params)
	}
	for _, name := range []string{"gzip", "deflate"} {
		if ok, named := accepted[name]; ok || !named && accepted["*"] {
			return name
		}
	}
	return ""
}

func zeroQuality(params string) bool {
	name, value, _ := strings.Cut(strings.TrimSpace(params), "=")
	if strings.TrimSpace(name) != "q" {
		return false
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err == nil && q == 0
}

// writeCompressed sends payload compressed, without knowing the length before.
func writeCompressed(w http.ResponseWriter, payload []byte, encoding string) error {
	w.Header().Set("Content-Encoding", encoding)
	pool := compressors[encoding]
	c := pool.Get().(compressor)
	defer func() {
		c.Reset(io.Discard) // the pool must not keep the request in memory
		pool.Put(c)
	}()
	c.Reset(w)
	if _, err := c.Write(payload); err != nil {
		return err
	}
	return c.Close()
}
