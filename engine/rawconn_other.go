//go:build !unix

package engine

import "errors"

// rawConn does not exist here: every write is made by a flusher goroutine.
type rawConn struct{}

type rawWrite struct{}

func newRawConn(*wsConn) *rawConn { return nil }

func (*rawConn) read(*wsConn) error { return errors.ErrUnsupported }

func (*rawConn) tryWrite(*rawWrite, [][]byte) (int, error) { return 0, errors.ErrUnsupported }
