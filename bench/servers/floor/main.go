// Command floor is the least that a Go server can do for the load of this benchmark:
// a bare WebSocket echo that knows the shape of the messages and nothing of
// Socket.IO. What a complete server costs above it is its own.
//
// It answers everything that one read brought with one write, reads into a buffer
// that belongs to nobody while nothing arrives, and builds the frame of a broadcast
// once. See ../../CONTRACT.md for what it answers.
package main

import (
	"net/http"

	"github.com/go-socketio/socketio/bench/internal/serve"
)

func main() {
	f := &floor{rooms: make(map[string]*members), interval: serve.PingInterval()}
	p := &polling{sessions: make(map[string]*session)}
	serve.Run(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			f.upgrade(w, r)
			return
		}
		p.ServeHTTP(w, r)
	}))
}
