package engine

import (
	"syscall"
	"unsafe"
)

// writePieces makes one system call. It may write less than everything.
func writePieces(fd int, pieces [][]byte) (n int, err error) {
	if len(pieces) == 1 {
		return writeSocket(fd, pieces[0])
	}
	var vectors [maxPieces]syscall.Iovec
	count := 0
	for _, p := range pieces[:min(len(pieces), maxPieces)] {
		if len(p) > 0 {
			vectors[count].Base = unsafe.SliceData(p)
			vectors[count].SetLen(len(p))
			count++
		}
	}
	written, _, errno := syscall.Syscall(syscall.SYS_WRITEV, uintptr(fd), uintptr(unsafe.Pointer(&vectors)), uintptr(count))
	if errno != 0 {
		return 0, errno
	}
	return int(written), nil
}
