//go:build unix && !linux

package engine

// writePieces makes one system call for each piece, until one is not taken as a
// whole. It may write less than everything.
func writePieces(fd int, pieces [][]byte) (n int, err error) {
	for _, p := range pieces {
		written, err := writeSocket(fd, p)
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
