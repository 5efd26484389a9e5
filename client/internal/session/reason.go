package session

// Reason says why a session ended.
type Reason string

// The reasons for which a session ends, as the JavaScript client names them.
const (
	ReasonTransportClose Reason = "transport close" // the server closed it
	ReasonTransportError Reason = "transport error" // the connection failed
	ReasonPingTimeout    Reason = "ping timeout"    // the server's ping is overdue
	ReasonParseError     Reason = "parse error"     // the server sent what is no packet
	ReasonForcedClose    Reason = "forced close"    // the application closed it
)
