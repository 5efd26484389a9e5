package engine

import (
	"cmp"
	"log/slog"
	"math"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// The transports, as [Options.Transports] and [Session.Transport] name them.
const (
	Polling   = "polling"
	WebSocket = "websocket"
)

// QueuePolicy says what happens to a message that does not fit into a session's
// outgoing queue. In every case the message is counted, see [Server.Stats].
type QueuePolicy int

const (
	// QueueDisconnect ends the session with [ReasonQueueFull]: a client that comes
	// back and recovers is better than one that misses something unawares.
	QueueDisconnect QueuePolicy = iota
	// QueueDropVolatile first makes room by dropping queued volatile messages,
	// oldest first, and ends the session if that is not enough.
	QueueDropVolatile
	// QueueError returns [ErrQueueFull] to the sender and keeps the session.
	QueueError
)

// Options configures a [Server]. The zero value has the defaults of the official
// server. A negative duration or size means the default too, except where the
// comment gives it a meaning. Durations are from a millisecond, in which clients are told
// of them, to 12 days, beyond which JavaScript cannot wait; what is outside means the
// nearest of these. [NewServer] logs a warning about other values that make no sense.
type Options struct {
	// Path is where the server is mounted. Whatever is below it is the server's, and
	// requests for other paths are answered with 404. A slash is added at either end where
	// it is missing. Default "/engine.io/".
	Path string
	// NoTrailingSlash makes Path match without its trailing slash too, for clients
	// that have the option addTrailingSlash set to false.
	NoTrailingSlash bool

	// PingInterval is the time between a pong, or the handshake, and the next ping.
	// Default 25 s. It is sent to the client, rounded down to milliseconds.
	PingInterval time.Duration
	// PingTimeout is how long a client may take to answer a ping before the session
	// ends with [ReasonPingTimeout]. Default 20 s. It is sent to the client.
	PingTimeout time.Duration
	// UpgradeTimeout is how long a WebSocket that is to take over a polling session
	// may take to do so. Default 10 s.
	UpgradeTimeout time.Duration
	// CloseTimeout bounds how long [Session.Close] waits for the client to take
	// what is queued. Default 30 s.
	CloseTimeout time.Duration

	// MaxPayload is the largest body of a POST, and the largest WebSocket message,
	// in bytes. A larger one ends the session, after status 413 or close code 1009.
	// Default 1,000,000, and at most 2 GiB. It is sent to the client.
	MaxPayload int64
	// MaxQueue bounds what is queued for one session, in bytes of encoded messages
	// and 128 for each message that waits before another, including what is being
	// written. Default 4 MiB.
	MaxQueue int
	// QueuePolicy says what happens when MaxQueue is reached. Default
	// [QueueDisconnect], which also stands for a policy that there is not.
	QueuePolicy QueuePolicy

	// Transports are the transports offered, [Polling] and [WebSocket] by default. Others
	// that are named here are left out.
	Transports []string
	// DisableUpgrades keeps a session on the transport it began with.
	DisableUpgrades bool
	// AllowEIO3 admits clients of Engine.IO protocol 3 too, which are those of Socket.IO
	// 1 and 2. They are refused otherwise.
	AllowEIO3 bool
	// AllowJSONP answers polls with scripts to clients that ask for it: old browsers that
	// cannot make requests to another origin in any other way. Such requests are refused
	// otherwise. The browser lets every page run such a script, whatever [CORS] says,
	// and sends no Origin with the request for it: AllowOrigin is then asked about that
	// of the Referer, or "" if there is none.
	AllowJSONP bool

	// AllowRequest is called with the first request of each session and decides
	// whether it may connect. The text of an error is sent to the client, with
	// status 403; the official server's, if it is given none, is "Forbidden". The
	// value, for example the user that was found, is kept: see [Handshake.Value]. It
	// runs in the request's goroutine and may block. Nil admits everybody.
	AllowRequest func(r *http.Request) (value any, err error)
	// AllowOrigin decides by the Origin header who may connect, over any transport.
	// It is not called for a request without one, such as from a program that is not
	// a browser. Nil allows every origin. This is about who may connect; [CORS]
	// is about which pages may read the answers.
	AllowOrigin func(origin string, r *http.Request) bool
	// CORS answers preflight requests and sets the CORS headers. Nil sends none, so
	// that only pages of the server's own origin can use polling.
	CORS *CORS
	// TrustedProxies are the addresses of proxies whose Forwarded-For headers are
	// believed when the client's address is determined. None by default.
	TrustedProxies []netip.Prefix

	// OnRequest is called with each further request of a session: a poll, a POST, or
	// the handshake of a WebSocket that is to take over. For a POST that is before
	// its packets are delivered, and until the last of them is delivered it is not
	// called for another POST, so a receiver can tell which request brought a
	// message. A poll may come at any time. It runs in the request's goroutine and may
	// block, but must not read the body. Nil means none.
	OnRequest func(s *Session, r *http.Request)
	// InitialPacket is sent to each client right after the handshake, before anything
	// that the application sends, and on polling in the same payload. Nil sends none.
	InitialPacket *frame.Message

	// Cookie is sent with the answer to a polling handshake, for load balancers that
	// need one; its value is set to the session's id. Nil sends none. An empty
	// name means "io", an empty path "/", and SameSite unset means Lax. It is always
	// HttpOnly, because the id is a secret. A cookie that HTTP does not allow is not sent.
	Cookie *http.Cookie
	// InitialHeaders may add headers to the first response of a session. Nil adds none.
	InitialHeaders func(h http.Header, r *http.Request)
	// Headers may add headers to every response to a client that is let in, including that
	// of the WebSocket handshake. To add them to everything, errors and preflights included,
	// wrap the server: it is an http.Handler. Nil adds none.
	Headers func(h http.Header, r *http.Request)
	// CompressionThreshold is the smallest polling answer, in bytes, that is
	// compressed with gzip or deflate if the client accepts it. Default 1024;
	// negative turns compression off.
	CompressionThreshold int
	// PerMessageDeflate compresses WebSocket messages for clients that offer it. Nil
	// compresses none.
	PerMessageDeflate *PerMessageDeflate

	// GenerateID makes session ids, which must be unguessable and unique. Nil means
	// 20 characters from 15 random bytes.
	GenerateID func(r *http.Request) (string, error)
	// OnConnectionError is told of each request that is refused. Nil means that only the
	// log is, at debug level.
	OnConnectionError func(r *http.Request, err *ConnectionError)
	// Logger receives what an operator may want to know. Nil means slog.Default.
	Logger *slog.Logger
}

// The bounds of durations.
const (
	minDuration = time.Millisecond
	maxDuration = 12 * 24 * time.Hour // two of them are less than the 2^31 ms of setTimeout
)

// completed returns o with every default filled in, and without what cannot be meant.
func (o Options) completed() Options {
	o.Path = "/" + strings.Trim(cmp.Or(o.Path, "/engine.io/"), "/") + "/"
	if o.Path == "//" {
		o.Path = "/"
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.PingInterval = duration(o.PingInterval, 25*time.Second)
	o.PingTimeout = duration(o.PingTimeout, 20*time.Second)
	o.UpgradeTimeout = duration(o.UpgradeTimeout, 10*time.Second)
	o.CloseTimeout = duration(o.CloseTimeout, 30*time.Second)
	setDefault(&o.MaxPayload, 1_000_000)
	setDefault(&o.MaxQueue, 4<<20)
	o.MaxPayload = min(o.MaxPayload, math.MaxInt32)
	if o.QueuePolicy < QueueDisconnect || o.QueuePolicy > QueueError {
		o.warn("QueuePolicy", int(o.QueuePolicy))
		o.QueuePolicy = QueueDisconnect
	}
	o.Transports = o.transports()
	o.Cookie = o.cookie()
	if o.CompressionThreshold == 0 {
		o.CompressionThreshold = 1024
	}
	return o
}

func duration(d, byDefault time.Duration) time.Duration {
	if d <= 0 {
		return byDefault
	}
	return min(max(d, minDuration), maxDuration)
}

// transports returns those that are named and that there are.
func (o *Options) transports() (known []string) {
	for _, name := range o.Transports {
		if name == Polling || name == WebSocket {
			known = append(known, name)
		} else {
			o.warn("Transports", name)
		}
	}
	if len(known) == 0 {
		return []string{Polling, WebSocket}
	}
	return known
}

// cookie returns the cookie, if browsers will accept it.
func (o *Options) cookie() *http.Cookie {
	if o.Cookie == nil {
		return nil
	}
	if err := sessionCookie(*o.Cookie, "id").Valid(); err != nil {
		o.warn("Cookie", err)
		return nil
	}
	return o.Cookie
}

func (o *Options) warn(option string, value any) {
	o.Logger.Warn("engine: an option is not used, because it cannot be meant", "option", option, "value", value)
}

func setDefault[T int | int64](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}
