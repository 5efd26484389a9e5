package client

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-socketio/socketio/client/internal/session"
	"github.com/go-socketio/socketio/packet"
)

// The transports, for [Options.Transports].
const (
	Polling   = session.Polling
	WebSocket = session.WebSocket
)

// Options configures a [Client]. The zero value has the defaults of the official
// client. Unless a comment says otherwise, zero and negative values of a duration, a
// number or a size mean its default, and there is no largest value.
type Options struct {
	// Path is where the server is mounted. Default "/socket.io/". A trailing slash
	// is added unless NoTrailingSlash is set.
	Path            string
	NoTrailingSlash bool
	// Query is sent with every request, after the query of the URL.
	Query map[string]string
	// Header is sent with every request. A "Host" replaces that of the URL. It must not be
	// changed any more: what is different each time belongs into AuthFunc.
	Header http.Header
	// HTTPClient makes the requests of both transports, so its proxies, TLS
	// configuration, cookie jar and redirect policy hold for WebSockets too. Its
	// Timeout is ignored, because a poll takes as long as the server wants. Nil means
	// one of the Client's own, with a copy of http.DefaultTransport and no jar.
	HTTPClient *http.Client

	// Auth is sent when a namespace is joined: a value that is encoded as a JSON
	// object, such as a struct or a map. AuthFunc, if it is not nil, is called
	// instead at every attempt to join, for example to renew a token. It may block until its
	// context ends. An error fails the attempt, with [StepAuth].
	Auth     any
	AuthFunc func(ctx context.Context, namespace string) (any, error)

	// Transports are the transports to use. The first one opens the connection, and
	// if that is [Polling], [WebSocket] takes over if it is listed too. Default both,
	// in this order.
	Transports []string
	// TryAllTransports opens the connection with the next transport if one fails.
	TryAllTransports bool
	// DisableUpgrade keeps a connection on the transport that has opened it.
	DisableUpgrade bool
	// RememberUpgrade opens a connection over WebSocket at once if the previous one
	// of this Client has worked over WebSocket.
	RememberUpgrade bool
	// ForceBase64 sends and asks for text only, also over WebSocket, for
	// intermediaries that spoil binary messages.
	ForceBase64 bool
	// DisableCompression does not offer the server to compress WebSocket messages
	// (permessage-deflate). Most servers decline the offer unless they are told otherwise.
	// If one accepts, messages that are CompressThreshold long or longer are compressed,
	// each for itself, unless they are sent with [Socket.Compress] false: a secret must not
	// be compressed together with what an attacker can choose and observe. CompressThreshold
	// is in bytes, default 1024. What a server compresses is inflated up to MaxPayload.
	// Answers to polls are compressed unless the http.Transport of HTTPClient is told
	// otherwise. In WebAssembly all of this is the browser's business.
	DisableCompression bool
	CompressThreshold  int

	// ConnectTimeout is how long one attempt to connect and to join a first
	// namespace may take. Default 20 s.
	ConnectTimeout time.Duration
	// UpgradeTimeout is how long the upgrade from polling to WebSocket may take. The
	// connection works over polling meanwhile, and if it fails. Default 10 s.
	UpgradeTimeout time.Duration
	// CloseTimeout bounds how long [Client.Close] tries to send what is queued.
	// Default 5 s.
	CloseTimeout time.Duration

	// DisableReconnect leaves a lost connection lost.
	DisableReconnect bool
	// KeepTrying treats the first connection like one that was lost: [Connect] and
	// [Socket.Connect] return no error for an attempt that has failed, but try again
	// until their context ends.
	KeepTrying bool
	// ReconnectAttempts is after how many attempts in a row, not counting the very
	// first, a client gives up. Default: never.
	ReconnectAttempts int
	// ReconnectDelay and ReconnectDelayMax bound the time before an attempt. It is
	// random between nothing and a ceiling, which is ReconnectDelay at first, doubles
	// with every attempt in a row, and ends at ReconnectDelayMax: so clients that lost
	// their server at the same time do not come back at the same time. Default 1 s and
	// 5 s; a maximum below ReconnectDelay means ReconnectDelay.
	ReconnectDelay    time.Duration
	ReconnectDelayMax time.Duration

	// Offline says what becomes of an event that is emitted while the namespace is
	// not joined. Default [OfflineQueue]. See also [Socket.Offline].
	Offline OfflinePolicy
	// MaxBuffer bounds what is queued for one namespace while it is not joined, and
	// what waits to be sent at least once, in bytes of encoded events each. Default 4 MiB.
	MaxBuffer int
	// AckTimeout is how long an acknowledgement is waited for if the context has no
	// earlier end. Default: as long as the context. Of an event that is sent again, with
	// Retries or [Socket.Retry], it bounds each try, and the default is 10 s.
	AckTimeout time.Duration
	// Retries makes every event that is not volatile arrive at least once, and in
	// order: it is sent again, up to so many times, if it is not acknowledged within
	// AckTimeout or if the connection is lost, and the next one is not sent before. The
	// server must acknowledge every event, and may see one twice. Negative means that there
	// is no end to it. Default 0: every event is sent once. See also [Socket.Retry].
	Retries int

	// MaxPayload is the largest WebSocket message, and the largest answer to a poll,
	// in bytes. A server that sends more is disconnected. Default 16 MiB.
	MaxPayload int64
	// MaxQueue bounds what waits to be written to an open connection, in bytes of
	// encoded messages. When it is full an event is refused with [ErrQueueFull].
	// Default 16 MiB.
	MaxQueue int
	// MaxInbox bounds the events of one namespace that wait for its handlers, in bytes
	// received plus a fixed cost for each. When it is reached nothing more is read
	// until half of it has been handled; what had been read already is added in any
	// case. If a handler of the namespace then waits for an acknowledgement, or in
	// [Socket.Connect], for what could never arrive, the connection ends with
	// [ReasonInboxFull]. While nothing is read pings are not answered either, so handlers
	// that need longer than the server's patience lose the connection. Default 4 MiB.
	MaxInbox int
	// Limits bound the packets that the server may send. Its zero value has defaults.
	Limits packet.Limits
	// Codec is the wire format of packets; the server must use the same. Default
	// [packet.JSON].
	Codec packet.Codec

	// Setup is called by [Connect] before it connects, to register handlers. A server
	// may emit as soon as a client has joined: handlers that are registered after
	// Connect has returned can miss that.
	Setup func(*Socket)
	// Logger receives what an operator may want to know. Nil means slog.Default.
	Logger *slog.Logger

	clock func() (mono time.Duration, wall time.Time) // for tests
}

const (
	defaultConnectTimeout    = 20 * time.Second
	defaultUpgradeTimeout    = 10 * time.Second
	defaultCloseTimeout      = 5 * time.Second
	defaultReconnectDelay    = time.Second
	defaultReconnectDelayMax = 5 * time.Second
	defaultRetryAckTimeout   = 10 * time.Second
	defaultMaxBuffer         = 4 << 20
	defaultMaxPayload        = 16 << 20
	defaultMaxQueue          = 16 << 20
	defaultMaxInbox          = 4 << 20
	defaultCompressThreshold = 1024
)

// completed returns o with every default filled in.
func (o Options) completed() Options {
	if o.Path == "" {
		o.Path = "/socket.io/"
	}
	if len(o.Transports) == 0 {
		o.Transports = []string{Polling, WebSocket}
	}
	setDefault(&o.ConnectTimeout, defaultConnectTimeout)
	setDefault(&o.UpgradeTimeout, defaultUpgradeTimeout)
	setDefault(&o.CloseTimeout, defaultCloseTimeout)
	setDefault(&o.ReconnectDelay, defaultReconnectDelay)
	setDefault(&o.ReconnectDelayMax, defaultReconnectDelayMax)
	o.ReconnectDelayMax = max(o.ReconnectDelay, o.ReconnectDelayMax)
	setDefault(&o.MaxBuffer, defaultMaxBuffer)
	setDefault(&o.MaxPayload, defaultMaxPayload)
	setDefault(&o.MaxQueue, defaultMaxQueue)
	setDefault(&o.MaxInbox, defaultMaxInbox)
	setDefault(&o.CompressThreshold, defaultCompressThreshold)
	if o.DisableCompression {
		o.CompressThreshold = 0
	}
	o.AckTimeout = max(o.AckTimeout, 0)
	if o.Codec == nil {
		o.Codec = packet.JSON
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

func setDefault[T int | int64 | time.Duration](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}
