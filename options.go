package socketio

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// The transports, for [Options.Transports].
const (
	Polling   = engine.Polling
	WebSocket = engine.WebSocket
)

// CORS says which pages may read the server's answers. See [Options.CORS].
type CORS = engine.CORS

// PerMessageDeflate says which WebSocket messages are compressed. See
// [Options.PerMessageDeflate].
type PerMessageDeflate = engine.PerMessageDeflate

// QueuePolicy says what happens to a message that does not fit into the outgoing
// queue of a client.
type QueuePolicy = engine.QueuePolicy

// The policies for [Options.QueuePolicy].
const (
	// QueueDisconnect disconnects the client with [ReasonQueueFull].
	QueueDisconnect = engine.QueueDisconnect
	// QueueDropVolatile first drops queued volatile messages, oldest first, and
	// disconnects the client if that is not enough.
	QueueDropVolatile = engine.QueueDropVolatile
	// QueueError returns [ErrQueueFull] to the sender and keeps the client.
	QueueError = engine.QueueError
)

// Options configures a [Server]. The zero value has the defaults of the official
// server. Unless a comment says otherwise, zero and negative values of a duration
// or a size mean its default. PingInterval, PingTimeout, UpgradeTimeout and CloseTimeout
// are at least a millisecond and at most 12 days: what is outside means the nearest of
// these. [NewServer] logs a warning about a value that makes no sense.
type Options struct {
	// Path is where the server is mounted. Whatever is below it is the server's, and
	// requests for other paths are answered with 404. A slash is added at either end where
	// it is missing. Default "/socket.io/".
	Path string
	// NoTrailingSlash makes Path match without its trailing slash too, for clients
	// that have the option addTrailingSlash set to false. Mount the server at both then,
	// since an http.ServeMux redirects the one to the other, which such clients do not
	// follow.
	NoTrailingSlash bool

	// DisableClient stops the server from serving the browser client: by default pages
	// get it from below Path, as in <script src="/socket.io/socket.io.min.js">. The
	// files are those of the package web.
	DisableClient bool

	// ConnectTimeout is how long a client may be connected without having joined a
	// namespace. Default 45 s; negative means for ever.
	ConnectTimeout time.Duration
	// PingInterval is the time between an answer of a client to a ping, or its
	// handshake, and the next ping. Default 25 s.
	PingInterval time.Duration
	// PingTimeout is how long a client may take to answer a ping before it is
	// disconnected with [ReasonPingTimeout]. Default 20 s.
	PingTimeout time.Duration
	// UpgradeTimeout is how long the upgrade from polling to WebSocket may take.
	// Default 10 s.
	UpgradeTimeout time.Duration
	// CloseTimeout bounds how long [Socket.DisconnectConn] leaves the connection open so
	// that the client can take what is queued. Default 30 s.
	CloseTimeout time.Duration

	// MaxPayload is the largest body of a request, and the largest WebSocket message,
	// in bytes. Default 1,000,000, and at most 2 GiB; more means that.
	MaxPayload int64
	// MaxQueue bounds what is queued for one client, in bytes of encoded messages. An event
	// that is larger cannot be sent at all. Default 4 MiB.
	MaxQueue int
	// QueuePolicy says what happens when MaxQueue is reached. Default
	// [QueueDisconnect].
	QueuePolicy QueuePolicy
	// MaxInbox bounds the events of one socket that wait for its handlers, in bytes
	// received plus a fixed cost for each event and attachment. When it is reached
	// nothing more is read from the client until half of it has been handled, and
	// its heartbeat is suspended; what had been read already from a WebSocket, or the
	// next few packets of a POST, is added in any case. If a handler of that socket then waits
	// for an acknowledgement of the same client, which could never arrive, the
	// client is disconnected with [ReasonInboxFull]. Default 1 MiB.
	MaxInbox int
	// MaxNamespaces bounds how many namespaces one client may be in, or be joining,
	// at a time. Default 32; negative means no limit. Apart from that, nothing more is
	// read from a client while it has left 32 times without the handlers of what it
	// had sent before having returned.
	MaxNamespaces int
	// MaxDynamicNamespaces bounds how many namespaces there may be that clients have
	// asked for and a [ParentNamespace] has made. When it is reached, an empty one
	// goes if another is asked for; if none is empty, the client is refused. Default
	// 10,000; negative means no limit.
	MaxDynamicNamespaces int
	// RemoveEmptyNamespaces removes a dynamic namespace when its last client has left,
	// or, with Recovery, when that cannot recover any more, unless a bus keeps what is
	// needed for that. One that no client has ever been admitted to is removed in any case.
	RemoveEmptyNamespaces bool
	// MaxRooms bounds how many rooms one socket may be in, besides its own. Default
	// 1000; negative means no limit.
	MaxRooms int
	// Limits bound the packets that clients may send. Its zero value has defaults.
	Limits packet.Limits

	// Transports are the transports offered. Default [Polling] and [WebSocket]. Others
	// that are named here are left out.
	Transports []string
	// DisableUpgrades keeps every client on the transport it began with.
	DisableUpgrades bool
	// AllowEIO3 admits clients of Socket.IO 1 and 2 too. They are in the main namespace as
	// soon as they are connected, cannot recover their connection, and their auth is
	// the query that they give a namespace. The ids of their sockets contain the id
	// of the connection, with which anybody can send in their name: keep them secret.
	// Those of Socket.IO 1 need WebSocket for text that is not ASCII.
	AllowEIO3 bool
	// AllowJSONP answers polls with scripts to clients that ask for it: those of Socket.IO
	// 1 to 3 in old browsers that cannot make requests to another origin in any other way.
	// Such requests are refused otherwise, unlike by the official server. The browser lets
	// every page run such a script, whatever CORS says, and sends no Origin with the
	// request for it: AllowOrigin is then asked about that of the Referer, or "" if there
	// is none.
	AllowJSONP bool

	// AllowRequest is called with the first request of each client and decides
	// whether it may connect, before any namespace is involved. The text of an error
	// is sent to the client; the official server's, if it is given none, is "Forbidden".
	// The value, for example the user that was found, is kept:
	// see [Handshake]. It runs in the request's goroutine and may block. Nil admits
	// everybody.
	AllowRequest func(r *http.Request) (value any, err error)
	// InitialPacket is sent to each client right after the handshake, before anything
	// else, and on polling in the same answer. It is a packet of Socket.IO as it stands
	// on the wire: frame.Control(frame.Data, `2["hello"]`) makes an event of the main
	// namespace, which official clients handle when they have joined that. Nil sends
	// none.
	InitialPacket *frame.Message
	// OnRequest is called with each further HTTP request of a connection: a poll, a POST,
	// or the handshake of a WebSocket that is to take over. The session is the one that
	// a [ConnectionHook] is told of. A POST is told of before its packets are received.
	// It may be called from several goroutines at a time, runs in that of the request,
	// and may block, but must not read the body. Nil means none.
	OnRequest func(s *engine.Session, r *http.Request)
	// AllowOrigin decides by the Origin header who may connect. It is not called for
	// a request without one. Nil allows every origin. This is about who may connect;
	// CORS is about which pages may read the answers.
	AllowOrigin func(origin string, r *http.Request) bool
	// CORS answers preflight requests and sets the CORS headers. Nil sends none, so
	// that only pages of the server's own origin can connect with polling.
	CORS *CORS
	// TrustedProxies are the addresses of proxies that are believed about the
	// address of the client. None by default.
	TrustedProxies []netip.Prefix

	// Cookie is sent with the answer to a polling handshake, for load balancers that
	// need one; its value is set to the id of the Engine.IO session. An empty name means
	// "io", an empty path "/", and SameSite unset means Lax. It is always HttpOnly,
	// because the id is a secret. Nil, or a cookie that HTTP does not allow, sends none.
	Cookie *http.Cookie
	// InitialHeaders may add headers to the first response to a client. Nil adds none.
	InitialHeaders func(h http.Header, r *http.Request)
	// Headers may add headers to every response to a client that is let in, including that
	// of the WebSocket handshake. To add them to everything, errors and preflights included,
	// wrap the server: it is an http.Handler. Nil adds none.
	Headers func(h http.Header, r *http.Request)
	// CompressionThreshold is the smallest polling answer, in bytes, that is
	// compressed if the client accepts it. Default 1024; negative never compresses.
	CompressionThreshold int
	// PerMessageDeflate compresses WebSocket messages for clients that offer it. Nil
	// compresses none.
	PerMessageDeflate *PerMessageDeflate
	// GenerateID makes the ids of Engine.IO sessions, which must be unguessable and
	// unique. Nil means 20 characters from 15 random bytes. Sockets have ids of their
	// own, which are always made that way.
	GenerateID func(r *http.Request) (string, error)

	// Codec is the wire format of packets; clients must use the same. If it panics while it
	// decodes, that connection ends with [ReasonForcedClose] and a [*PanicError]. Default
	// [packet.JSON].
	Codec packet.Codec
	// Bus joins the server with others to a cluster: broadcasts then reach the
	// clients of all of them. Nil means that there are no others.
	Bus cluster.Bus

	// Recovery lets clients that lose their connection go on where they were. Nil means
	// that every connection is a new beginning.
	Recovery *Recovery

	// Retries recognises events that a client sends again, so that they are handled
	// once. Nil means that every event is handled as it comes, and that the answer to
	// CONNECT packets has nothing but what the official server sends.
	Retries *Retries

	// Hooks is a value with any of the methods of [ConnectionHook], [UpgradeHook],
	// [SocketHook], [PacketHook], [DropHook], [InboxHook], [EventHook] and [BusHook], for
	// metrics and tracing; those that it does not implement cost nothing. They are called where things
	// happen, by several goroutines at a time, so they must return at once, and must not
	// emit, join or wait. A panic is caught and logged. Nil means none.
	Hooks any
	// OnConnectionError is told of each request that is refused. Nil means that only the
	// log is, at debug level.
	OnConnectionError func(r *http.Request, err *engine.ConnectionError)
	// Logger receives what an operator may want to know. Warnings and errors are
	// about the program; what clients do wrong is logged at debug level. Warnings and
	// errors that clients can cause, by making handlers fail or panic, are limited to
	// ten a second after a burst of fifty; how many were left out is the attribute
	// suppressed. The other attributes are namespace, socket, event, error, address,
	// node, limit, option, value, panic and stack. Nil means slog.Default.
	Logger *slog.Logger
}

const (
	defaultConnectTimeout = 45 * time.Second
	defaultMaxInbox       = 1 << 20
	defaultMaxNamespaces  = 32
	defaultMaxRooms       = 1000
	defaultMaxDynamic     = 10_000
)

// completed returns o with the defaults that the engine does not know of.
func (o Options) completed() Options {
	if o.Path == "" {
		o.Path = "/socket.io/"
	}
	if o.ConnectTimeout == 0 {
		o.ConnectTimeout = defaultConnectTimeout
	}
	if o.MaxInbox <= 0 {
		o.MaxInbox = defaultMaxInbox
	}
	if o.MaxNamespaces == 0 {
		o.MaxNamespaces = defaultMaxNamespaces
	}
	if o.MaxDynamicNamespaces == 0 {
		o.MaxDynamicNamespaces = defaultMaxDynamic
	}
	if o.MaxRooms == 0 {
		o.MaxRooms = defaultMaxRooms
	}
	if o.Codec == nil {
		o.Codec = packet.JSON
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

func (o Options) engine() engine.Options {
	return engine.Options{
		Path:                 o.Path,
		NoTrailingSlash:      o.NoTrailingSlash,
		PingInterval:         o.PingInterval,
		PingTimeout:          o.PingTimeout,
		UpgradeTimeout:       o.UpgradeTimeout,
		CloseTimeout:         o.CloseTimeout,
		MaxPayload:           o.MaxPayload,
		MaxQueue:             o.MaxQueue,
		QueuePolicy:          o.QueuePolicy,
		Transports:           o.Transports,
		DisableUpgrades:      o.DisableUpgrades,
		AllowEIO3:            o.AllowEIO3,
		AllowJSONP:           o.AllowJSONP,
		AllowRequest:         o.AllowRequest,
		InitialPacket:        o.InitialPacket,
		OnRequest:            o.OnRequest,
		AllowOrigin:          o.AllowOrigin,
		CORS:                 o.CORS,
		TrustedProxies:       o.TrustedProxies,
		Cookie:               o.Cookie,
		InitialHeaders:       o.InitialHeaders,
		Headers:              o.Headers,
		CompressionThreshold: o.CompressionThreshold,
		PerMessageDeflate:    o.PerMessageDeflate,
		GenerateID:           o.GenerateID,
		OnConnectionError:    o.OnConnectionError,
		Logger:               o.Logger,
	}
}
