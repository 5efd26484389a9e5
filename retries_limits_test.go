package socketio_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
)

// A client is forgotten some time after its last connection, not while it is there.
func TestRetriesExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := withRetries(socketio.Options{PingInterval: 24 * time.Hour, Retries: &socketio.Retries{MaxAge: time.Minute}})
		left := disconnects(srv.Of("/"))
		h, stop := serveInMemory(t, srv, 0)
		r := h.retrying("")
		r.send(`421073741824["count"]`)
		r.expect(`431073741824[1]`)
		r.conn.Close()
		<-left
		time.Sleep(time.Minute - 1)
		r.mustComeBack()
		time.Sleep(time.Hour)
		r.client.conn.Close()
		<-left
		time.Sleep(time.Minute - 1)
		synctest.Wait()
		if stats := srv.Stats().Retries; stats.Memories != 1 || stats.Expired != 0 {
			t.Errorf("%+v", stats)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		want := socketio.RetryStats{Expired: 1}
		if stats := srv.Stats().Retries; stats != want {
			t.Errorf("%+v", stats)
		}
		if r.comeBack() {
			t.Error("known after it has expired")
		}
		r.send(`421073741824["count"]`)
		r.expect(`431073741824[2]`)
		stop()
	})
}

// A connection that the client has given up ends later than the next one begins: that
// matters to nobody.
func TestRetriesOutliveADisplacedConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := withRetries(socketio.Options{PingInterval: 24 * time.Hour, Retries: &socketio.Retries{MaxAge: time.Minute}})
		finish := make(chan bool)
		srv.On("slow", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
			<-finish
			return args.Ack()
		})
		left := disconnects(srv.Of("/"))
		h, stop := serveInMemory(t, srv, 0)
		r := h.retrying("")
		r.send(`421073741824["count"]`)
		r.expect(`431073741824[1]`)
		first := r.client
		r.mustComeBack()
		first.conn.Close()
		<-left
		time.Sleep(time.Hour)
		r.send(`421073741825["slow"]`)
		synctest.Wait()
		if stats := srv.Stats().Retries; stats.Memories != 1 || stats.Expired != 0 {
			t.Errorf("%+v", stats)
		}
		close(finish)
		r.expect(`431073741825[]`)
		stop()
	})
}

// What was used longest ago makes room; a client that is still there begins anew.
func TestRetriesAreBounded(t *testing.T) {
	answer := len(`..431073741824[1]`)
	for name, o := range map[string]socketio.Retries{
		"count": {MaxMemories: 2},
		"bytes": {MaxBytes: 2*answer + 1},
	} {
		t.Run(name, func(t *testing.T) {
			srv, _ := withRetries(socketio.Options{Retries: &o})
			h := serve(t, srv)
			a, b, c := h.retrying(""), h.retrying(""), h.retrying("")
			ask := func(r *retrying, want int) {
				t.Helper()
				r.send(`421073741824["count"]`)
				r.expect(fmt.Sprintf(`431073741824[%d]`, want))
			}
			ask(a, 1)
			ask(b, 2)
			ask(a, 1) // used
			ask(c, 3) // instead of b
			ask(a, 1)
			want := socketio.RetryStats{Memories: 2, Bytes: 2 * answer, Answered: 2, Evicted: 1}
			if stats := srv.Stats().Retries; stats != want {
				t.Errorf("%+v, want %+v", stats, want)
			}
			b.comeBack()
			ask(b, 4) // instead of c
			ask(c, 5) // instead of a
			ask(b, 4)
			a.comeBack()
			ask(a, 6)
		})
	}
}

// An answer that is too large is sent and not remembered; it makes nobody else go.
func TestLargeAnswersAreNotRemembered(t *testing.T) {
	srv, runs := withRetries(socketio.Options{Retries: &socketio.Retries{MaxBytes: 100}})
	h := serve(t, srv)
	small, large := h.retrying(""), h.retrying("")
	small.send(`421073741824["count"]`)
	small.expect(`431073741824[1]`)
	x := strings.Repeat("x", 100)
	for i := 2; i < 4; i++ {
		large.send(`421073741824["count","` + x + `"]`)
		large.expect(fmt.Sprintf(`431073741824[%d,"%s"]`, i, x))
	}
	small.mustComeBack()
	small.send(`421073741824["count"]`)
	small.expect(`431073741824[1]`)
	if stats := srv.Stats().Retries; stats.Memories != 1 || stats.Evicted != 2 || runs() != 3 {
		t.Errorf("%d runs, %+v", runs(), stats)
	}
}

// Connections that share a secret and send any ids, in any order, while there is room
// for few, disturb nobody but themselves, and nothing is left of them.
func TestRetriesUnderAttack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, _ := withRetries(socketio.Options{Retries: &socketio.Retries{MaxMemories: 3, MaxBytes: 200, MaxAge: time.Minute}})
		h, stop := serveInMemory(t, srv, 0)
		good := h.retrying("")
		shared := h.retrying("")
		var attackers sync.WaitGroup
		for i := range 8 {
			attackers.Go(func() {
				for n := range 10 {
					r := &retrying{host: h, rid: shared.rid}
					r.comeBack()
					for j := range 20 {
						r.send(fmt.Sprintf(`42%d["count"]`, 1<<30+(i*7919+n*104729+j*j*15485863)%(1<<30)))
					}
					if n%2 == 0 {
						r.barrierAmong()
					}
					r.conn.Close()
				}
			})
		}
		for i := range 50 {
			good.send(fmt.Sprintf(`42%d["echo",%d]`, 1<<30+i, i))
			good.expect(fmt.Sprintf(`43%d[%d]`, 1<<30+i, i))
		}
		attackers.Wait()
		good.conn.Close()
		shared.conn.Close()
		synctest.Wait()
		time.Sleep(time.Minute)
		synctest.Wait()
		stats := srv.Stats().Retries
		if stats.Memories != 0 || stats.Bytes != 0 || stats.Expired+stats.Evicted == 0 {
			t.Errorf("%+v", stats)
		}
		stop()
	})
}

// barrierAmong is barrier for a client that gets other answers too.
func (r *retrying) barrierAmong() {
	r.send(`427["echo"]`)
	for {
		data, _, err := r.read()
		if err != nil || string(data) == "437[]" {
			return
		}
	}
}
