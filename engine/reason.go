package engine

// Reason says why a session ended. The texts are those that the JavaScript server
// reports, as far as it knows the case.
type Reason string

// The reasons for which a session ends.
const (
	// ReasonTransportClose: the client closed the connection, or said that it leaves.
	ReasonTransportClose Reason = "transport close"
	// ReasonTransportError: the connection failed, or the client broke the rules of
	// the transport, for example with two polls at once.
	ReasonTransportError Reason = "transport error"
	// ReasonPingTimeout: the client did not answer a ping in time.
	ReasonPingTimeout Reason = "ping timeout"
	// ReasonParseError: the client sent what is not an Engine.IO packet.
	ReasonParseError Reason = "parse error"
	// ReasonForcedClose: the application closed the session.
	ReasonForcedClose Reason = "forced close"
	// ReasonServerShutdown: the server was closed.
	ReasonServerShutdown Reason = "server shutting down"
	// ReasonQueueFull: the client reads more slowly than it is sent to, and
	// [Options.MaxQueue] was reached.
	ReasonQueueFull Reason = "send queue full"
)
