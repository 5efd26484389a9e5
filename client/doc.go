// Package client is a Socket.IO client.
//
// [Connect] joins a namespace and returns its [Socket], which stays connected until
// it is closed:
//
//	s, err := client.Connect(ctx, "http://localhost:3000", client.Options{})
//	if err != nil {
//		return err
//	}
//	defer s.Close()
//	answer, err := s.EmitWithAck(ctx, "hello", "world")
//
// For several namespaces over one connection, use [New] and [Client.Of].
package client
