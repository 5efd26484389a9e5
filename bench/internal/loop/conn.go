package loop

import (
	"errors"
	"fmt"
	"io"
	"syscall"
	"unsafe"
)

// Conn is a TCP connection of a [Loop].
type Conn struct {
	loop       *Loop
	fd         int
	generation int32
	handler    Handler
	opened     bool
	closed     bool
	paused     bool
	handling   bool   // inside of Received: writes wait for its end
	interest   uint32 // what the epoll set watches for
	in         []byte // received and not consumed
	out        []byte // written and not sent
}

// Options of a connection. The zero value is for an ordinary one.
type Options struct {
	// ReceiveBuffer is the size of the receive buffer of the socket in bytes; 0 is the
	// default of the system. A reader that is meant to be slow has a small one.
	ReceiveBuffer int
}

// sourceAddresses is how many loopback addresses connections come from, so that
// those that have just been closed do not use up the ports.
const sourceAddresses = 64

// ipBindAddressNoPort makes bind leave the choice of the port to connect.
const ipBindAddressNoPort = 24

// Dial starts to establish a connection.
func (l *Loop) Dial(h Handler, o Options) (*Conn, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("making a socket: %w", err)
	}
	l.opened++
	c := &Conn{loop: l, fd: fd, generation: l.opened, handler: h, interest: syscall.EPOLLOUT}
	if err := c.connect(o); err != nil {
		syscall.Close(fd)
		return nil, err
	}
	for len(l.conns) <= fd {
		l.conns = append(l.conns, nil)
	}
	l.conns[fd] = c
	l.open++
	return c, nil
}

func (c *Conn) connect(o Options) error {
	errs := []error{
		syscall.SetsockoptInt(c.fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1),
		syscall.SetsockoptInt(c.fd, syscall.IPPROTO_IP, ipBindAddressNoPort, 1),
	}
	if o.ReceiveBuffer > 0 {
		errs = append(errs, syscall.SetsockoptInt(c.fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, o.ReceiveBuffer))
	}
	if c.loop.to.Addr[0] == 127 {
		c.loop.sources = (c.loop.sources + 1) % sourceAddresses
		errs = append(errs, syscall.Bind(c.fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(1 + c.loop.sources)}}))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("preparing a socket: %w", err)
	}
	if err := syscall.Connect(c.fd, &c.loop.to); err != nil && err != syscall.EINPROGRESS {
		return fmt.Errorf("connecting: %w", err)
	}
	event := syscall.EpollEvent{Events: c.interest, Fd: int32(c.fd), Pad: c.generation}
	if err := syscall.EpollCtl(c.loop.epoll, syscall.EPOLL_CTL_ADD, c.fd, &event); err != nil {
		return fmt.Errorf("watching a socket: %w", err)
	}
	return nil
}

// Close closes the connection. Its handler is not told. A second call does nothing.
func (c *Conn) Close() {
	if c.closed {
		return
	}
	c.closed = true
	c.loop.conns[c.fd] = nil
	c.loop.open--
	syscall.Close(c.fd)
}

// Pause stops reading, until Resume.
func (c *Conn) Pause() error {
	c.paused = true
	return c.watch()
}

// Resume reads again.
func (c *Conn) Resume() error {
	c.paused = false
	return c.watch()
}

// Write sends b, or keeps a copy of what cannot be sent yet. What is written while
// Received runs leaves in one piece when it returns.
func (c *Conn) Write(b []byte) error {
	if c.closed {
		return errors.New("writing to a connection that is closed")
	}
	if c.handling || len(c.out) > 0 {
		c.out = append(c.out, b...)
		return nil
	}
	n, err := c.send(b)
	if err != nil {
		return err
	}
	if n < len(b) {
		c.out = append(c.out, b[n:]...)
		return c.watch()
	}
	return nil
}

func (c *Conn) handle(events uint32) error {
	if !c.opened {
		return c.finishConnect()
	}
	if events&syscall.EPOLLOUT != 0 && len(c.out) > 0 {
		if err := c.flush(); err != nil {
			return c.fail(err)
		}
	}
	if c.paused {
		if events&(syscall.EPOLLHUP|syscall.EPOLLERR) != 0 {
			return c.fail(io.EOF)
		}
		return nil
	}
	if events&(syscall.EPOLLIN|syscall.EPOLLHUP|syscall.EPOLLERR) != 0 {
		return c.receive()
	}
	return nil
}

func (c *Conn) finishConnect() error {
	code, err := syscall.GetsockoptInt(c.fd, syscall.SOL_SOCKET, syscall.SO_ERROR)
	if err != nil {
		return c.fail(err)
	}
	if code != 0 {
		return c.fail(syscall.Errno(code))
	}
	c.opened = true
	if err := c.watch(); err != nil {
		return err
	}
	return c.handler.Opened(c)
}

// receive reads once: if there is more, the epoll set says so again, and no call is
// spent on being told that there is nothing.
func (c *Conn) receive() error {
	n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(c.fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(c.loop.buffer))), uintptr(len(c.loop.buffer)))
	switch {
	case errno == syscall.EAGAIN || errno == syscall.EINTR:
		return nil
	case errno != 0:
		return c.fail(errno)
	case n == 0:
		return c.fail(io.EOF)
	}
	data := c.loop.buffer[:n]
	if len(c.in) > 0 {
		c.in = append(c.in, data...)
		data = c.in
	}
	consumed, err := c.deliver(data)
	if err != nil || c.closed {
		return err
	}
	if consumed == len(data) {
		c.in = nil
	} else {
		c.in = append(c.in[:0], data[consumed:]...)
	}
	return nil
}

// deliver hands data to the handler, and then sends in one piece what that has
// written. The memory for it is the loop's.
func (c *Conn) deliver(data []byte) (consumed int, err error) {
	borrowed := len(c.out) == 0
	if borrowed {
		c.out = c.loop.scratch[:0]
	}
	c.handling = true
	consumed, err = c.handler.Received(c, data)
	c.handling = false
	if err != nil || c.closed {
		return consumed, err
	}
	if len(c.out) > 0 {
		if err := c.flush(); err != nil {
			return consumed, c.fail(err)
		}
	}
	if borrowed {
		c.loop.scratch = c.out[:0]
		c.out = append([]byte(nil), c.out...)
	}
	return consumed, nil
}

func (c *Conn) flush() error {
	n, err := c.send(c.out)
	if err != nil {
		return err
	}
	c.out = append(c.out[:0], c.out[n:]...)
	return c.watch()
}

func (c *Conn) send(b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(c.fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	switch errno {
	case 0:
		return int(n), nil
	case syscall.EAGAIN, syscall.EINTR:
		return 0, nil
	}
	return 0, fmt.Errorf("writing: %w", errno)
}

// watch brings the epoll set up to date with what the connection waits for.
func (c *Conn) watch() error {
	var interest uint32
	if !c.paused {
		interest |= syscall.EPOLLIN
	}
	if len(c.out) > 0 {
		interest |= syscall.EPOLLOUT
	}
	if interest == c.interest {
		return nil
	}
	c.interest = interest
	event := syscall.EpollEvent{Events: interest, Fd: int32(c.fd), Pad: c.generation}
	if err := syscall.EpollCtl(c.loop.epoll, syscall.EPOLL_CTL_MOD, c.fd, &event); err != nil {
		return fmt.Errorf("watching a socket: %w", err)
	}
	return nil
}

func (c *Conn) fail(err error) error {
	c.Close()
	return c.handler.Closed(c, err)
}
