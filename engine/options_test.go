package engine

import (
	"bytes"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// What the numbers mean is what the comments of Options say.
func TestOptionsAreCompleted(t *testing.T) {
	const day = 24 * time.Hour
	durations := func(o Options) [4]time.Duration {
		return [4]time.Duration{o.PingInterval, o.PingTimeout, o.UpgradeTimeout, o.CloseTimeout}
	}
	defaults := [4]time.Duration{25 * time.Second, 20 * time.Second, 10 * time.Second, 30 * time.Second}
	for _, c := range []struct {
		given time.Duration
		want  [4]time.Duration
	}{
		{0, defaults},
		{-1, defaults},
		{math.MinInt64, defaults},
		{1, [4]time.Duration{time.Millisecond, time.Millisecond, time.Millisecond, time.Millisecond}},
		{time.Hour, [4]time.Duration{time.Hour, time.Hour, time.Hour, time.Hour}},
		{math.MaxInt64, [4]time.Duration{12 * day, 12 * day, 12 * day, 12 * day}},
	} {
		o := Options{PingInterval: c.given, PingTimeout: c.given, UpgradeTimeout: c.given, CloseTimeout: c.given}
		if got := durations(o.completed()); got != c.want {
			t.Errorf("%d: %v, want %v", c.given, got, c.want)
		}
	}
	for _, c := range []struct {
		given, payload, queue int64
		threshold             int
	}{
		{0, 1_000_000, 4 << 20, 1024},
		{-1, 1_000_000, 4 << 20, -1},
		{1, 1, 1, 1},
		{math.MaxInt, math.MaxInt32, math.MaxInt, math.MaxInt},
	} {
		o := Options{MaxPayload: c.given, MaxQueue: int(c.given), CompressionThreshold: int(c.given)}.completed()
		if o.MaxPayload != c.payload || o.MaxQueue != int(c.queue) || o.CompressionThreshold != c.threshold {
			t.Errorf("%d: payload %d, queue %d, threshold %d", c.given, o.MaxPayload, o.MaxQueue, o.CompressionThreshold)
		}
	}
	for given, want := range map[string]string{"": "/engine.io/", "/": "/", "a": "/a/", "/a/b": "/a/b/", "//a//": "/a/"} {
		if got := (Options{Path: given}).completed().Path; got != want {
			t.Errorf("path %q: %q, want %q", given, got, want)
		}
	}
}

// An option that cannot be meant is not used, and the operator is told.
func TestOptionsThatCannotBeMeant(t *testing.T) {
	var log bytes.Buffer
	complete := func(o Options) (completed Options, told string) {
		log.Reset()
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
		return o.completed(), log.String()
	}
	both := []string{Polling, WebSocket}
	for _, c := range []struct {
		given, want []string
		warning     string
	}{
		{nil, both, ""},
		{[]string{WebSocket}, []string{WebSocket}, ""},
		{[]string{"webtransport", WebSocket}, []string{WebSocket}, "value=webtransport"},
		{[]string{"websockets"}, both, "value=websockets"},
	} {
		o, told := complete(Options{Transports: c.given})
		if !slices.Equal(o.Transports, c.want) || !strings.Contains(told, c.warning) || (c.warning == "") != (told == "") {
			t.Errorf("%v: %v, told %q", c.given, o.Transports, told)
		}
	}
	for _, p := range []QueuePolicy{-1, 3} {
		if o, told := complete(Options{QueuePolicy: p}); o.QueuePolicy != QueueDisconnect || !strings.Contains(told, "option=QueuePolicy") {
			t.Errorf("policy %d: %d, told %q", p, o.QueuePolicy, told)
		}
	}
	if o, told := complete(Options{QueuePolicy: QueueError, Cookie: new(http.Cookie)}); o.QueuePolicy != QueueError || o.Cookie == nil || told != "" {
		t.Errorf("%+v, told %q", o, told)
	}
	if o, told := complete(Options{Cookie: &http.Cookie{Name: "a b"}}); o.Cookie != nil || !strings.Contains(told, "option=Cookie") {
		t.Errorf("cookie %v, told %q", o.Cookie, told)
	}
}

// Time-outs that are as long as can be do not end anything early.
func TestLongestTimeouts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := newHost(t, Options{
			PingInterval: math.MaxInt64, PingTimeout: math.MaxInt64, UpgradeTimeout: math.MaxInt64, CloseTimeout: math.MaxInt64,
		}, memory)
		a := h.request("GET", "transport=polling", "")
		if !strings.Contains(a.body, `"pingInterval":1036800000,"pingTimeout":1036800000`) {
			t.Errorf("handshake %s", a.body)
		}
		e := h.session()
		probe := h.dialWS("transport=websocket&sid=" + e.ID())
		time.Sleep(11 * 24 * time.Hour)
		probe.text("2probe")
		probe.expect("3probe")
		probe.text("5")
		e.text("still here")
		probe.expect("4still here")
		e.quiet()
	})
}
