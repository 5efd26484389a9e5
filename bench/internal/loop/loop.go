// Package loop carries thousands of TCP connections on one thread, with epoll: the
// load generator must cost little beside the server that it measures.
//
// Nothing here is safe for concurrent use: everything happens in the goroutine that
// calls [Loop.Run].
package loop

import (
	"fmt"
	"net/netip"
	"syscall"
	"time"
	"unsafe"
)

const (
	readBuffer  = 256 << 10
	eventsATime = 256
)

// Handler is told what happens to a connection. An error from it ends the loop.
type Handler interface {
	// Opened is called when the connection is established.
	Opened(c *Conn) error
	// Received is called with the bytes that have arrived and not yet been consumed.
	// It returns how many it consumes, and may keep none of them.
	Received(c *Conn, data []byte) (consumed int, err error)
	// Closed is called when the peer has closed the connection, or it has failed.
	Closed(c *Conn, err error) error
}

// Loop carries connections to one address.
type Loop struct {
	epoll   int
	to      syscall.SockaddrInet4
	start   time.Time
	sources uint32
	conns   []*Conn // by descriptor
	open    int
	opened  int32
	buffer  []byte // what is read
	scratch []byte // what is written while a handler runs
	events  []syscall.EpollEvent
}

// New returns a loop for connections to the given IPv4 address. Close it.
func New(to netip.AddrPort) (*Loop, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("creating an epoll set: %w", err)
	}
	return &Loop{
		epoll:  epoll,
		to:     syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()},
		start:  time.Now(),
		buffer: make([]byte, readBuffer),
		events: make([]syscall.EpollEvent, eventsATime),
	}, nil
}

// Close closes all connections, without telling their handlers.
func (l *Loop) Close() {
	for _, c := range l.conns {
		if c != nil {
			c.Close()
		}
	}
	syscall.Close(l.epoll)
}

// Now is the time since the loop was made.
func (l *Loop) Now() time.Duration { return time.Since(l.start) }

// Open is the number of connections, including those being established.
func (l *Loop) Open() int { return l.open }

// Run handles what happens to the connections until done returns true or something
// fails. done is called with the time after each batch of events, and at least about
// every wait.
func (l *Loop) Run(wait time.Duration, done func(now time.Duration) (bool, error)) error {
	for {
		n, err := l.wait(wait)
		if err != nil {
			return fmt.Errorf("waiting for events: %w", err)
		}
		for _, event := range l.events[:n] {
			c := l.conns[event.Fd]
			if c == nil || c.generation != event.Pad {
				continue // closed earlier in this batch
			}
			if err := c.handle(event.Events); err != nil {
				return err
			}
		}
		if stop, err := done(l.Now()); stop || err != nil {
			return err
		}
	}
}

// epollPwait2 is the number of the system call on every architecture. Other than
// epoll_wait it can wait for less than a millisecond.
const epollPwait2 = 441

// wait returns how many events there are, 0 if there are none for that long.
func (l *Loop) wait(d time.Duration) (int, error) {
	timeout := syscall.NsecToTimespec(int64(d))
	n, _, errno := syscall.Syscall6(epollPwait2, uintptr(l.epoll), uintptr(unsafe.Pointer(unsafe.SliceData(l.events))),
		uintptr(len(l.events)), uintptr(unsafe.Pointer(&timeout)), 0, 0)
	switch errno {
	case 0:
		return int(n), nil
	case syscall.EINTR:
		return 0, nil
	}
	return 0, errno
}
