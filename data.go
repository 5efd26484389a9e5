package socketio

// Data returns what [Socket.SetData] has kept. See also [DataOf].
func (s *Socket) Data() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data
}

// SetData keeps a value of the application with the socket, such as the user that
// middleware has found.
func (s *Socket) SetData(v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = v
}

// DataOf returns what [Socket.SetData] has kept, if it is a T.
func DataOf[T any](s *Socket) (v T, ok bool) {
	v, ok = s.Data().(T)
	return v, ok
}
