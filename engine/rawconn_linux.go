//go:build linux && !386 && !s390x && !race

package engine

import (
	"syscall"
	"unsafe"
)

// Reads and short writes return at once, whatever the mode of the descriptor, so the
// scheduler is not told of them: when it takes the processor away from who is in a
// system call, and has to find one again afterwards, that costs a good part of what they
// take themselves.

// readSocket reads what is there.
func readSocket(fd int, p []byte) (n int, err error) {
	read, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), syscall.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(read), nil
}

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

func writeSocket(fd int, p []byte) (n int, err error) {
	if len(p) > gatherSize { // copying it takes its time
		return syscall.Write(fd, p)
	}
	written, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(written), nil
}
