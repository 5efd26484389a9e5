package client

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	socketio "github.com/go-socketio/socketio"
)

// countingConn counts what is written to a connection.
type countingConn struct {
	net.Conn
	writes *atomic.Int64
}

func (c countingConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

// counted is an HTTP client that counts the writes to its connections.
func counted(writes *atomic.Int64) *http.Client {
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		return countingConn{c, writes}, err
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial}}
}

// peer is a WebSocket server that lets everybody in. After that it only calls a function
// for all that it reads at once, and writes what that returns; so it costs nothing itself.
func peer(b testing.TB, answer func(read []byte) []byte) (url string) {
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		const hs = `0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}`
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "+
			accept(r.Header.Get("Sec-WebSocket-Key"))+"\r\n\r\n\x81"+string(rune(len(hs)))+hs)
		buf := make([]byte, 64<<10)
		if _, err := io.ReadFull(conn, buf[:8]); err != nil { // "40" in a masked frame
			return
		}
		for reply := []byte("\x81\x0d" + `40{"sid":"y"}`); ; {
			if _, err := conn.Write(reply); err != nil {
				return
			}
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			reply = answer(buf[:n])
		}
	}))
	b.Cleanup(ts.Close)
	return ts.URL
}

// emitted is one event of the benchmarks in a masked frame, in bytes.
const emitted = 6 + len(`42["event","argument"]`)

// sink is a peer that says how many bytes arrive.
func sink(b testing.TB) (url string, arrived <-chan int) {
	reads := make(chan int, 1000)
	return peer(b, func(read []byte) []byte {
		reads <- len(read)
		return nil
	}), reads
}

func benchConnect(b testing.TB, url string, o Options) *Socket {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	s, err := Connect(ctx, url, o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Client().Shutdown(context.Background()) })
	return s
}

// BenchmarkEmit emits bursts of events to a server that only reads, and says how many
// writes an event costs.
func BenchmarkEmit(b *testing.B) {
	for _, burst := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint("burst=", burst), func(b *testing.B) {
			url, arrived := sink(b)
			var writes atomic.Int64
			s := benchConnect(b, url, Options{Transports: []string{WebSocket}, HTTPClient: counted(&writes)})
			writes.Store(0)
			b.ReportAllocs()
			for range b.N {
				for range burst {
					if err := s.Emit("event", "argument"); err != nil {
						b.Fatal(err)
					}
				}
				for left := burst * emitted; left > 0; {
					left -= <-arrived
				}
			}
			b.ReportMetric(float64(writes.Load())/float64(b.N*burst), "writes/event")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*burst), "ns/event")
		})
	}
}

// BenchmarkAckRoundTrip asks our server, one question after the other.
func BenchmarkAckRoundTrip(b *testing.B) {
	srv := socketio.NewServer(socketio.Options{})
	srv.On("echo", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error { return args.Ack(args) })
	ts := httptest.NewServer(srv)
	defer ts.Close()
	defer srv.Shutdown(context.Background())
	s := benchConnect(b, ts.URL, Options{Transports: []string{WebSocket}})
	b.ReportAllocs()
	for range b.N {
		if _, err := s.EmitWithAck(context.Background(), "echo", "argument"); err != nil {
			b.Fatal(err)
		}
	}
}
