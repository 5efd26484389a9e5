package socketio

import (
	"encoding/json"

	"github.com/go-socketio/socketio/packet"
)

// Data returns what [Socket.SetData] has kept. See also [DataOf].
//
// After a recovery it is what the socket had that was disconnected; and if the bus of
// a cluster has kept it, that is its JSON, a [packet.Raw], which DataOf decodes.
func (s *Socket) Data() any {
	if s.recovery != nil {
		return s.recovery.load()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data
}

// SetData keeps a value of the application with the socket, such as the user that
// middleware has found. If a client can recover its connection at another server of
// a cluster, it should be a value that encoding/json can encode and decode.
func (s *Socket) SetData(v any) {
	if s.recovery != nil {
		s.recovery.store(v)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = v
}

// DataOf returns what [Socket.SetData] has kept, if it is a T.
func DataOf[T any](s *Socket) (v T, ok bool) {
	data := s.Data()
	if raw, stored := data.(packet.Raw); stored {
		if v, ok = data.(T); ok {
			return v, true
		}
		if json.Unmarshal(raw.JSON, &v) != nil {
			var none T
			return none, false
		}
		if s.recovery == nil {
			return v, true
		}
		s.recovery.replaceStored(raw, v)
		v, ok = s.Data().(T) // another call may have been first
		return v, ok
	}
	v, ok = data.(T)
	return v, ok
}
