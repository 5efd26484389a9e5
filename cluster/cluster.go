// Package cluster joins several servers, so that a broadcast reaches the clients
// of all of them.
//
// A [Bus] carries the operations of one namespace from node to node; rooms and
// members stay in the nodes. [NewMemory] makes a bus between servers of one process.
// Programs only choose a bus, in socketio.Options; the rest of this package is for
// those who write one.
package cluster

import (
	"context"
	"time"

	"github.com/go-socketio/socketio/packet"
)

// Bus carries messages between the nodes of a cluster. It is safe for concurrent use.
type Bus interface {
	// Join makes the caller a member of the group of nodes that serve the namespace.
	// From then on r receives what the others publish there.
	Join(namespace string, r Receiver) (Member, error)
}

// Receiver is a node's namespace, as the bus sees it.
type Receiver interface {
	// Deliver brings a message of another node. It is called one message at a time,
	// in the order in which each node published, never from inside a call of
	// [Member], and it does not block. The receiver does not change the message.
	// The offset is the position of the message in the log of the bus; empty if the
	// bus has no log.
	Deliver(m *Message, offset string)
	// NodeLeft tells that a node has left, or has not been heard of for too long:
	// nobody should wait for its answers. It comes after the node's messages, and is
	// serialized with Deliver.
	NodeLeft(node string)
}

// Member is a node's place in the group of one namespace. It is safe for concurrent
// use.
type Member interface {
	// Node is the id of this node, unique in the group.
	Node() string
	// Publish sends a message to all the other nodes. It may wait for the bus, until
	// ctx ends; a bus that needs not wait does not look at ctx. The bus sets m.Node,
	// keeps m, and nobody changes it afterwards. The offset is as in
	// [Receiver.Deliver].
	Publish(ctx context.Context, m *Message) (offset string, err error)
	// Respond sends a message to one other node, likewise. It must not wait for
	// other nodes to take messages off the bus, since it is called by Deliver.
	Respond(ctx context.Context, node string, m *Message) error
	// Nodes are the ids of the other nodes in the group.
	Nodes() []string
	// Close leaves the group, and returns when the receiver will not be called any
	// more. It is not called from Deliver. Calls after the first do nothing.
	Close() error
}

// Kind says what a [Message] asks for. The numbers are those of the JavaScript
// adapters.
type Kind uint8

// The kinds of messages.
const (
	InitialHeartbeat       Kind = 1  // a node has come; for a bus's own use
	Heartbeat              Kind = 2  // a node is alive; for a bus's own use
	Broadcast              Kind = 3  // Selection, Event, Args, flags; RequestID and Timeout if acknowledgements are awaited
	SocketsJoin            Kind = 4  // Selection, Rooms
	SocketsLeave           Kind = 5  // Selection, Rooms
	DisconnectSockets      Kind = 6  // Selection, Close
	FetchSockets           Kind = 7  // Selection, RequestID
	FetchSocketsResponse   Kind = 8  // RequestID, Sockets
	ServerSideEmit         Kind = 9  // Event, Args; RequestID and Timeout if an answer is awaited
	ServerSideEmitResponse Kind = 10 // RequestID, Args, the first of which is all that the JavaScript adapters carry
	BroadcastClientCount   Kind = 11 // the first answer to a Broadcast with RequestID: RequestID, ClientCount
	BroadcastAck           Kind = 12 // one client's answer: RequestID, Args; or Departed
	AdapterClose           Kind = 13 // a node leaves; for a bus's own use
)

// Message is one operation on a namespace. Which fields mean something depends on
// its kind.
type Message struct {
	Kind Kind
	// Node is the node that sent the message.
	Node string
	// RequestID connects answers with what they answer; it is unique.
	RequestID string

	// Selection says which sockets are meant.
	Selection Selection

	// Event and Args are what is emitted, or what a client answered. The arguments are
	// still encoded, by the codec that the clients use, or by [packet.JSON] if they are not
	// for clients. A bus that has to write them down hands the Args to a codec, as the
	// arguments of a packet: each can encode those of any other.
	Event string
	Args  packet.Args
	// Volatile and NoCompress are how it is emitted.
	Volatile, NoCompress bool
	// Timeout is how long the sender waits for acknowledgements; 0 if it does not
	// know.
	Timeout time.Duration

	// Sockets are what FetchSockets asks for.
	Sockets []SocketInfo

	// Rooms are the rooms to join or to leave.
	Rooms []string
	// Close says that the connections of the clients are to be closed too.
	Close bool

	// ClientCount is the number of clients that a broadcast has reached at a node,
	// each of which sends a BroadcastAck.
	ClientCount int
	// Departed says that a client has left without an answer, or, from the node that has
	// asked, that it has given up before its Timeout. The JavaScript adapters have no such
	// message.
	Departed bool
}

// Selection names sockets of a namespace: those that are in any of Rooms, or all of
// them if there are no Rooms, but none that is in any of Except. The id of a socket
// is also the name of a room that it alone is in.
type Selection struct {
	Rooms, Except []string
}
