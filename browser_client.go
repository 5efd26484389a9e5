package socketio

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/web"
)

// browserClient serves the files of the browser client below the path of the server.
type browserClient struct {
	path  string
	cors  *CORS
	files []string
	next  http.Handler
}

func newBrowserClient(o Options, next *engine.Server) http.Handler {
	if o.DisableClient {
		return next
	}
	return &browserClient{path: next.Options().Path, cors: o.CORS, files: web.Files(), next: next}
}

func (b *browserClient) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := strings.CutPrefix(r.URL.Path, b.path)
	switch {
	case !ok || file == "" || !slices.Contains(b.files, file):
		b.next.ServeHTTP(w, r)
	case b.cors != nil && b.cors.Handle(w, r):
	default:
		web.Handler().ServeHTTP(w, r)
	}
}
