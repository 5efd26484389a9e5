// Package serve is the part of a measured Go server that is not measured: where it
// listens, and what it tells the runner about itself. See ../../CONTRACT.md.
package serve

import (
	"encoding/json"
	"log"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
)

// Stats is what a server may tell about itself.
type Stats struct {
	Goroutines  int    `json:"goroutines,omitempty"`
	Mallocs     uint64 `json:"mallocs,omitempty"`
	MallocBytes uint64 `json:"mallocBytes,omitempty"`
}

// Run serves handler where the runner wants it, until the process is killed.
func Run(handler http.Handler) {
	if port := os.Getenv("DEBUG_PORT"); port != "" {
		go func() { log.Fatal(http.ListenAndServe(net.JoinHostPort("127.0.0.1", port), debugHandler())) }()
	}
	log.Fatal(http.ListenAndServe(net.JoinHostPort("127.0.0.1", os.Getenv("PORT")), handler))
}

// PingInterval is the heartbeat that the runner asks for; 0 if it does not.
func PingInterval() time.Duration {
	ms, err := strconv.Atoi(os.Getenv("PING_INTERVAL"))
	if err != nil {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}

func debugHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		json.NewEncoder(w).Encode(Stats{runtime.NumGoroutine(), m.Mallocs, m.TotalAlloc})
	})
	mux.HandleFunc("POST /gc", func(http.ResponseWriter, *http.Request) { debug.FreeOSMemory() })
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	return mux
}
