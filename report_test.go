package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
)

// logged keeps the records of a logger.
type logged struct {
	slog.Handler
	mu      sync.Mutex
	records []slog.Record
}

func newLogged() *logged { return &logged{Handler: slog.DiscardHandler} }

func (l *logged) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

func (l *logged) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, r)
	return nil
}

func (l *logged) logger() *slog.Logger { return slog.New(l) }

// take returns the records since the last call.
func (l *logged) take() []slog.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	records := l.records
	l.records = nil
	return records
}

func attrs(r slog.Record) map[string]any {
	m := make(map[string]any)
	r.Attrs(func(a slog.Attr) bool {
		m[a.Key] = a.Value.Any()
		return true
	})
	return m
}

// A client that makes a handler fail again and again does not flood the log.
func TestOneClientCannotFloodTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newLogged()
		srv := socketio.NewServer(socketio.Options{Logger: log.logger()})
		srv.On("fail", func(context.Context, *socketio.Socket, socketio.Args) error { return errors.New("no") })
		srv.On("panic", func(context.Context, *socketio.Socket, socketio.Args) error { panic("no") })
		h, stop := serveInMemory(t, srv, 0)
		defer stop()
		c := h.connect()
		sid := c.join("/", "")
		for range 100 {
			c.send(`42["fail"]`, `42["panic"]`)
		}
		synctest.Wait()
		records := log.take()
		if len(records) != 50 {
			t.Errorf("%d records of 200 failures, want the first 50", len(records))
		}
		if a := attrs(records[0]); a["namespace"] != "/" || a["socket"] != sid || a["event"] != "fail" || a["error"].(error).Error() != "no" {
			t.Errorf("attributes %v", a)
		}
		time.Sleep(time.Second)
		c.send(`42["fail"]`)
		synctest.Wait()
		records = log.take()
		if len(records) != 1 || attrs(records[0])["suppressed"] != int64(150) {
			t.Errorf("a second later: %v", records)
		}
		// What clients alone do wrong is not logged at all.
		for range 20 {
			bad := h.connect()
			bad.join("/", "")
			bad.send(`42["unknown"]`, `42{`)
			bad.expectClosed()
		}
		if records := log.take(); len(records) != 0 {
			t.Errorf("invalid packets: %v", records)
		}
	})
}

// Nor do clients that ask for namespaces while the bus is down.
func TestNamespacesWithoutTheBusDoNotFloodTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newLogged()
		srv := socketio.NewServer(socketio.Options{Bus: new(brokenBus), Logger: log.logger()})
		srv.OfPattern(regexp.MustCompile(`^/dyn-\d+$`))
		h, stop := serveInMemory(t, srv, 0)
		defer stop()
		c := h.connect()
		for i := range 200 {
			nsp := fmt.Sprintf("/dyn-%d", i)
			c.join(nsp, "")
			c.send("41" + nsp + ",")
		}
		synctest.Wait()
		if records := log.take(); len(records) != 50 {
			t.Errorf("%d records, want the first 50", len(records))
		}
	})
}
