//go:build unix && (!linux || 386 || s390x || race)

package engine

import "syscall"

// The race detector takes what is written to a connection and read from it for an order
// of events, but only in these calls.

func readSocket(fd int, p []byte) (n int, err error) { return syscall.Read(fd, p) }

func writeSocket(fd int, p []byte) (n int, err error) { return syscall.Write(fd, p) }
