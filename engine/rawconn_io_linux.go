//go:build linux && !386 && !s390x && !race

package engine

import (
	"syscall"
	"unsafe"
)

// Reads and short writes do not wait for the peer, so the scheduler is not told of them:
// when it takes the processor away from who is in a system call, and has to find one
// again afterwards, that costs a good part of what they take themselves. The price is
// that nobody else has the processor if the kernel takes its time for another reason,
// such as a lack of memory.

func readSocket(fd int, p []byte) (n int, err error) {
	read, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), syscall.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(read), nil
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
