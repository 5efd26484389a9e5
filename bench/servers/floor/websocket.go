package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"
)

type floor struct {
	everyone members
	interval time.Duration

	mu    sync.Mutex
	rooms map[string]*members
}

// members are the connections of a room.
type members struct {
	mu    sync.Mutex
	conns []*conn
}

func (m *members) add(c *conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conns = append(m.conns, c)
}

// admit adds a connection and tells it so, in one step: no broadcast overtakes the
// answer, and none is missed after it.
func (m *members) admit(c *conn, answer []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c.write(answer)
	m.conns = append(m.conns, c)
}

func (m *members) remove(c *conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	// In a copy: senders walk the slice without the lock.
	if i := slices.Index(m.conns, c); i >= 0 {
		m.conns = slices.Delete(slices.Clone(m.conns), i, i+1)
	}
}

func (m *members) send(frame []byte) {
	m.mu.Lock()
	conns := m.conns[:len(m.conns):len(m.conns)]
	m.mu.Unlock()
	for _, c := range conns {
		c.write(frame)
	}
}

func (f *floor) room(name []byte) *members {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.rooms[string(name)]
	if m == nil {
		m = new(members)
		f.rooms[string(name)] = m
	}
	return m
}

// conn is one connection. Nothing but its goroutine's stack is kept while it is idle.
type conn struct {
	floor *floor
	net   net.Conn
	raw   syscall.RawConn
	heart *time.Timer

	// The result of readable, which is kept so that it is not made for each read.
	readable func(fd uintptr) bool
	buffer   *buffer
	n        int
}

var buffers = sync.Pool{New: func() any { return &buffer{in: make([]byte, 64<<10)} }}

// buffer is what a conn needs while it handles what has arrived.
type buffer struct {
	in  []byte
	out []byte
}

func accept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

const openPacket = `0{"sid":"aaaaaaaaaaaaaaaaaaaa","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`

func (f *floor) upgrade(w http.ResponseWriter, r *http.Request) {
	hijacked, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	raw, err := hijacked.(syscall.Conn).SyscallConn()
	if err != nil {
		hijacked.Close()
		return
	}
	c := &conn{floor: f, net: hijacked, raw: raw}
	c.readable = c.tryRead
	answer := []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		accept(r.Header.Get("Sec-WebSocket-Key")) + "\r\n\r\n")
	c.write(appendFrame(answer, 1, []byte(openPacket)))
	if f.interval > 0 {
		c.heart = time.AfterFunc(f.interval, c.beat)
	}
	go c.serve()
}

func (c *conn) beat() {
	c.write([]byte{0x81, 1, '2'})
	c.heart.Reset(c.floor.interval)
}

// write sends frames. net.Conn keeps concurrent writes apart.
func (c *conn) write(b []byte) { _, _ = c.net.Write(b) }

func (c *conn) serve() {
	defer c.close()
	for {
		b, n := c.read()
		if n <= 0 {
			return
		}
		used, goOn := c.handle(b, b.in[:n])
		for goOn && used < n { // a frame is not complete: its end is on the way
			n = copy(b.in, b.in[used:n])
			if n == len(b.in) {
				b.in = append(b.in, make([]byte, n)...)
			}
			more, err := c.net.Read(b.in[n:])
			if err != nil {
				return
			}
			n += more
			used, goOn = c.handle(b, b.in[:n])
		}
		buffers.Put(b)
		if !goOn {
			return
		}
	}
}

func (c *conn) close() {
	if c.heart != nil {
		c.heart.Stop()
	}
	c.floor.everyone.remove(c)
	c.net.Close()
}

// read waits until something has arrived, and only then takes a buffer.
func (c *conn) read() (b *buffer, n int) {
	if err := c.raw.Read(c.readable); err != nil {
		return nil, 0
	}
	b, n = c.buffer, c.n
	c.buffer = nil
	return b, n
}

func (c *conn) tryRead(fd uintptr) bool {
	b := buffers.Get().(*buffer)
	n, err := syscall.Read(int(fd), b.in)
	if err == syscall.EAGAIN || err == syscall.EINTR {
		buffers.Put(b)
		return false
	}
	c.buffer, c.n = b, n
	return true
}

// handle answers the complete frames of data and returns how many bytes they occupy,
// and whether to go on.
func (c *conn) handle(b *buffer, data []byte) (used int, goOn bool) {
	b.out = b.out[:0]
	for {
		op, payload, n := parseFrame(data[used:])
		if n == 0 {
			break
		}
		used += n
		if op == 8 {
			c.write([]byte{0x88, 0})
			return used, false
		}
		c.answer(b, op, payload)
	}
	if len(b.out) > 0 {
		c.write(b.out)
	}
	return used, true
}

var (
	ackEvent       = []byte(`["ack",`)
	joinEvent      = []byte(`["join",`)
	roomEvent      = []byte(`42["room","`)
	broadcastEvent = []byte(`42["broadcast",`)
)

func (c *conn) answer(b *buffer, op byte, payload []byte) {
	switch {
	case op == 2:
		b.out = appendFrame(b.out, op, payload)
	case len(payload) < 3: // CONNECT, or the answer to a heartbeat
		if string(payload) == "40" {
			c.floor.everyone.admit(c, appendFrame(nil, 1, []byte(`40{"sid":"bbbbbbbbbbbbbbbbbbbb"}`)))
		}
	case payload[1] == '2' && payload[2] != '[':
		c.acknowledge(b, payload[2:])
	case bytes.HasPrefix(payload, broadcastEvent):
		c.floor.everyone.send(appendFrame(nil, 1, payload))
	case bytes.HasPrefix(payload, roomEvent):
		name, _, _ := bytes.Cut(payload[len(roomEvent):], []byte(`"`))
		c.floor.room(name).send(appendFrame(nil, 1, payload))
	default:
		b.out = appendFrame(b.out, 1, payload)
	}
}

// acknowledge answers what begins with the id.
func (c *conn) acknowledge(b *buffer, packet []byte) {
	at := bytes.IndexByte(packet, '[')
	id, event := packet[:at], packet[at:]
	if names, ok := bytes.CutPrefix(event, joinEvent); ok {
		for name := range bytes.SplitSeq(names[:len(names)-1], []byte(",")) {
			c.floor.room(bytes.Trim(name, `"`)).add(c)
		}
		event = nil
	}
	arguments := bytes.TrimPrefix(event, ackEvent)
	if event == nil {
		arguments = []byte("]")
	}
	b.out = appendHeader(b.out, 1, 3+len(id)+len(arguments))
	b.out = append(b.out, "43"...)
	b.out = append(b.out, id...)
	b.out = append(b.out, '[')
	b.out = append(b.out, arguments...)
}
