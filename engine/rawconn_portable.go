//go:build unix && (!linux || 386 || s390x || race)

package engine

import "syscall"

// The race detector takes what is written to a connection and read from it for an order
// of events, but only in these calls.

// readSocket reads what is there.
func readSocket(fd int, p []byte) (n int, err error) { return syscall.Read(fd, p) }

// writePieces makes one system call for each piece, until one is not taken as a
// whole. It may write less than everything.
func writePieces(fd int, pieces [][]byte) (n int, err error) {
	for _, p := range pieces {
		written, err := syscall.Write(fd, p)
		if err != nil {
			if n > 0 {
				return n, nil // the error comes again
			}
			return 0, err
		}
		n += written
		if written < len(p) {
			break
		}
	}
	return n, nil
}
