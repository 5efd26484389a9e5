package goclient

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	socketio "github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
)

// The bytes after which a connection breaks: within the request or status line, the
// headers, the handshake, the upgrade, the first events.
var breakingPoints = []int{1, 20, 120, 250, 330, 420, 700}

func faultyServer(t *testing.T) *proxy {
	server := startGo(t, socketio.Options{PingInterval: 200 * time.Millisecond, PingTimeout: 150 * time.Millisecond}, "127.0.0.1:0")
	return newProxy(t, server.addr)
}

func impatient(transports []string) client.Options {
	return client.Options{
		Transports:        transports,
		ConnectTimeout:    400 * time.Millisecond,
		UpgradeTimeout:    200 * time.Millisecond,
		CloseTimeout:      200 * time.Millisecond,
		ReconnectDelay:    5 * time.Millisecond,
		ReconnectDelayMax: 20 * time.Millisecond,
		AckTimeout:        100 * time.Millisecond,
		Retries:           -1,
	}
}

// TestFaults breaks one of the first connections, in every way, at every stage: a
// client that keeps trying is connected again in the end, and an event that is sent at
// least once arrives; one that does not keep trying is connected or has an error.
func TestFaults(t *testing.T) {
	endings := map[string]ending{"reset": reset, "shut": shut, "stall": stall, "half-open": halfOpen}
	for _, transports := range [][]string{{"polling"}, {"websocket"}, {"polling", "websocket"}} {
		for name, end := range endings {
			for broken := range len(transports) + 1 {
				for _, at := range breakingPoints {
					for _, upstream := range []bool{true, false} {
						f := &fault{then: end, downstream: at}
						if upstream {
							f = &fault{then: end, upstream: at}
						}
						title := fmt.Sprintf("%s/%s of connection %d after %d bytes, upstream %v", strings.Join(transports, "+"), name, broken, at, upstream)
						t.Run(title, func(t *testing.T) {
							t.Parallel()
							p := faultyServer(t)
							p.setFaults(only(broken, f))
							staysConnected(t, p, transports)
							p.setFaults(only(broken, f))
							endsSomehow(t, p, transports)
						})
					}
				}
			}
		}
	}
}

// only breaks one connection.
func only(broken int, f *fault) func(int) *fault {
	return func(n int) *fault {
		if n == broken {
			return f
		}
		return nil
	}
}

func staysConnected(t *testing.T, p *proxy, transports []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	o := impatient(transports)
	o.KeepTrying = true
	s, err := client.Connect(ctx, "http://"+p.addr, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Client().Shutdown(ctx)
	for i := range 5 {
		answer, err := s.EmitWithAck(ctx, "echo", i)
		if err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
		if got := values(t, answer); got[0] != float64(i) {
			t.Errorf("event %d: %v", i, got)
		}
	}
}

func endsSomehow(t *testing.T, p *proxy, transports []string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := client.Connect(ctx, "http://"+p.addr, impatient(transports))
	if err == nil {
		s.Client().Shutdown(ctx)
		return
	}
	var failure *client.ConnectError
	if !errors.As(err, &failure) || failure.Step == "" || failure.Fault == "" || ctx.Err() != nil {
		t.Errorf("error %v", err)
	}
}

// TestSlowNetwork passes every byte on its own.
func TestSlowNetwork(t *testing.T) {
	for _, transports := range [][]string{{"polling"}, {"websocket"}, {"polling", "websocket"}} {
		t.Run(strings.Join(transports, "+"), func(t *testing.T) {
			t.Parallel()
			server := startGo(t, socketio.Options{}, "127.0.0.1:0")
			p := newProxy(t, server.addr)
			p.setFaults(func(int) *fault { return &fault{slow: true} })
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			e := &env{t, ctx, "http://" + p.addr, transports, nil}
			s := e.connect("/", client.Options{})
			sameJSON(t, s.ask("echo", "slowly", []byte{1, 2, 3}), `["slowly","bytes:010203"]`)
		})
	}
}

// TestRefusedConnection says which step failed, and that nobody was there.
func TestRefusedConnection(t *testing.T) {
	p := faultyServer(t)
	p.l.Close()
	for _, transport := range []string{"polling", "websocket"} {
		_, err := client.Connect(context.Background(), "http://"+p.addr, impatient([]string{transport}))
		var failure *client.ConnectError
		if !errors.As(err, &failure) || failure.Step != client.StepRequest || failure.Fault != client.FaultNetwork || failure.Transport != transport {
			t.Errorf("%s: %v", transport, err)
		}
	}
}

// TestTryAllTransports begins with a transport that the server does not have.
func TestTryAllTransports(t *testing.T) {
	server := startGo(t, socketio.Options{Transports: []string{"polling"}}, "127.0.0.1:0")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	o := client.Options{Transports: []string{"websocket", "polling"}}
	_, err := client.Connect(ctx, "http://"+server.addr, o)
	var failure *client.ConnectError
	if !errors.As(err, &failure) || failure.Step != client.StepHandshake || failure.Fault != client.FaultServer || failure.Status != 400 {
		t.Errorf("without TryAllTransports: %v", err)
	}
	o.TryAllTransports = true
	s, err := client.Connect(ctx, "http://"+server.addr, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := s.Client().Transport(); got != client.Polling {
		t.Errorf("connected with %s", got)
	}
}
