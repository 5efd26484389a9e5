package goclient

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// proxy is a TCP proxy that breaks connections.
type proxy struct {
	addr   string
	target string
	l      net.Listener
	work   sync.WaitGroup

	mu     sync.Mutex
	faults func(connection int) *fault
	conns  map[net.Conn]bool
	n      int
	closed bool
}

// fault says what happens to one connection. The zero value lets it be.
type fault struct {
	refuse bool // reset at once
	// After so many bytes in one direction, 0 meaning never:
	upstream, downstream int
	then                 ending
	slow                 bool // one byte at a time
}

type ending int

const (
	reset    ending = iota // both sides
	shut                   // in the orderly way
	stall                  // the connection stays, nothing passes in either direction
	halfOpen               // the server is cut off, the client is not told
)

func refuseAll(int) *fault { return &fault{refuse: true} }

func newProxy(t testing.TB, target string) *proxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String(), target: target, l: l, conns: map[net.Conn]bool{}}
	p.work.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// setFaults sets what happens to the connections that are made from now on; nil is
// nothing. They are counted from 0.
func (p *proxy) setFaults(f func(connection int) *fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.n = f, 0
}

func (p *proxy) close() {
	p.l.Close()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cut()
	p.work.Wait()
}

// cut resets all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		abort(c)
	}
}

func abort(c net.Conn) {
	c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

func (p *proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		c.Close()
		return false
	}
	p.conns[c] = true
	return true
}

func (p *proxy) forget(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
	c.Close()
}

func (p *proxy) accept() {
	for {
		c, err := p.l.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		f := &fault{}
		if p.faults != nil {
			if g := p.faults(p.n); g != nil {
				f = g
			}
		}
		p.n++
		p.mu.Unlock()
		if f.refuse {
			abort(c)
			continue
		}
		if p.keep(c) {
			p.work.Go(func() { p.serve(c, f) })
		}
	}
}

func (p *proxy) serve(down net.Conn, f *fault) {
	defer p.forget(down)
	up, err := net.Dial("tcp", p.target)
	if err != nil {
		abort(down)
		return
	}
	if !p.keep(up) {
		return
	}
	defer p.forget(up)
	var both sync.WaitGroup
	l := &link{down: down, up: up, fault: f, stalled: make(chan struct{})}
	both.Go(func() { l.copy(up, down, f.upstream) })
	both.Go(func() { l.copy(down, up, f.downstream) })
	both.Wait()
}

// link is one connection through the proxy.
type link struct {
	down, up net.Conn
	fault    *fault
	once     sync.Once
	stalled  chan struct{} // closed when nothing passes any more
}

// copy passes bytes on until there are no more, or limit is reached.
func (l *link) copy(dst, src net.Conn, limit int) {
	buf := make([]byte, 4096)
	if l.fault.slow {
		buf = buf[:1]
	}
	passed := 0
	for {
		n, err := src.Read(buf)
		select {
		case <-l.stalled: // swallow what still comes
			if err != nil {
				return
			}
			continue
		default:
		}
		if limit > 0 && passed+n >= limit {
			n = limit - passed
			dst.Write(buf[:n])
			l.end()
			io.Copy(io.Discard, src) // until the connection ends
			return
		}
		passed += n
		if _, werr := dst.Write(buf[:n]); werr != nil {
			return
		}
		if l.fault.slow {
			time.Sleep(50 * time.Microsecond)
		}
		if err != nil {
			dst.(*net.TCPConn).CloseWrite()
			return
		}
	}
}

// end does what is to be done when a limit is reached.
func (l *link) end() {
	l.once.Do(func() {
		switch l.fault.then {
		case reset:
			abort(l.down)
			abort(l.up)
		case shut:
			l.down.Close()
			l.up.Close()
		case halfOpen:
			close(l.stalled)
			l.up.Close()
		case stall:
			close(l.stalled)
		}
	})
}
