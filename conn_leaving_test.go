package socketio_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/go-socketio/socketio"
)

// A client that joins and leaves again and again does not get more handlers to run at
// a time, and does not fill more inboxes, than a client may that stays.
func TestLeavingDoesNotEvadeTheLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{})
		proceed := make(chan bool)
		var running, most, all atomic.Int64
		srv.OnConnect(func(context.Context, *socketio.Socket) {
			all.Add(1)
			most.Store(max(most.Load(), running.Add(1)))
			<-proceed
			running.Add(-1)
		})
		h, stop := serveInMemory(t, srv, 1000)
		defer stop()
		c := h.connect()
		go func() {
			for {
				if _, _, err := c.read(); err != nil {
					return
				}
			}
		}()
		const n = 300
		go func() {
			for range n {
				c.send("40", `42["x","`+strings.Repeat("x", 100)+`"]`, "41")
			}
		}()
		synctest.Wait()
		if n := most.Load(); n > 100 {
			t.Errorf("%d handlers run at a time", n)
		}
		close(proceed)
		synctest.Wait()
		if got := all.Load(); got != n {
			t.Errorf("%d of %d connections were handled", got, n)
		}
		c.conn.Close()
	})
}

// What comes with one request is handled whole, and no more of it at a time than
// otherwise.
func TestLeavingWithinOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{})
		proceed := make(chan bool)
		var running atomic.Int64
		srv.OnConnect(func(context.Context, *socketio.Socket) {
			running.Add(1)
			<-proceed
		})
		h, stop := serveInMemory(t, srv, 0)
		defer stop()
		p := h.poll()
		posted := make(chan bool)
		go func() {
			defer close(posted)
			p.send(strings.TrimSuffix(strings.Repeat("40\x1e41\x1e", 1000), "\x1e"))
		}()
		synctest.Wait()
		if n := running.Load(); n > 100 {
			t.Errorf("%d handlers run at a time", n)
		}
		close(proceed)
		await(t, posted, "the answer to the POST")
		synctest.Wait()
		if n := running.Load(); n != 1000 {
			t.Errorf("%d of 1000 connections were handled", n)
		}
	})
}
