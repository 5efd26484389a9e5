package session

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-socketio/socketio/internal/deadline"
)

// The transports.
const (
	Polling   = "polling"
	WebSocket = "websocket"
)

// Config says how to open a session. All of it is required, except where noted.
type Config struct {
	// URL has the scheme http or https, the path of the server, and the query of the
	// application.
	URL    *url.URL
	Header http.Header  // added to every request; may be nil
	HTTP   *http.Client // its Timeout is ignored
	// Transports are tried in this order: the first only, or all if TryAll is set. If
	// the session begins on polling and WebSocket is one of them, that takes over,
	// unless NoUpgrade is set.
	Transports []string
	TryAll     bool
	NoUpgrade  bool
	// Base64 asks for text only, on a WebSocket too.
	Base64 bool
	// Deflate is the shortest WebSocket message, in bytes, that is compressed if the
	// server agrees; 0 does not offer it.
	Deflate int

	UpgradeTimeout time.Duration
	CloseTimeout   time.Duration
	MaxPayload     int64 // the largest WebSocket message, and the largest answer to a poll
	MaxQueue       int   // in bytes of encoded messages

	// Upgraded is called when a WebSocket has taken over, and polling is over. It may be nil.
	Upgraded func()

	Deadlines *deadline.Queue
	Tasks     *sync.WaitGroup // counts the goroutines of the session

	// Clock replaces the clocks of the system if it is not nil.
	Clock func() (mono time.Duration, wall time.Time)
}

// requestURL returns where a request for the transport goes. The order of the query is
// that of the official client.
func (c *Config) requestURL(transport, sid string) string {
	u := *c.URL
	query := make([]string, 0, 6)
	if u.RawQuery != "" {
		query = append(query, u.RawQuery)
	}
	query = append(query, "EIO=4", "transport="+transport)
	session := "sid=" + url.QueryEscape(sid)
	if transport == WebSocket && sid != "" {
		query = append(query, session)
	}
	if transport == Polling {
		query = append(query, "t="+cacheBuster())
	}
	if c.Base64 {
		query = append(query, "b64=1")
	}
	if transport == Polling && sid != "" {
		query = append(query, session)
	}
	u.RawQuery = strings.Join(query, "&")
	return u.String()
}
