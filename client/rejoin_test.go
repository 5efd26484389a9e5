package client

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	socketio "github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
)

// The tests of this file leave a namespace and join it again before the old connection
// has ended. The delay between attempts is so long that it would be noticed.

func TestConnectAfterDisconnectGetsANewConnection(t *testing.T) {
	for _, transport := range []string{WebSocket, Polling} {
		for _, once := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.server(socketio.Options{})
				s := w.connect(Options{Transports: []string{transport}, ReconnectDelay: 1000 * time.Hour, DisableReconnect: once})
				begin := time.Now()
				for i := range 20 {
					s.Disconnect()
					if err := s.Connect(t.Context()); err != nil {
						t.Fatalf("%s, Connect %d: %v", transport, i, err)
					}
				}
				if took := time.Since(begin); took > time.Hour {
					t.Errorf("%s: took %v", transport, took)
				}
			})
		}
	}
}

// TestConnectFromTheDisconnectHandler comes back after each way in which a stay ends
// that is not followed by an attempt of the client's own.
func TestConnectFromTheDisconnectHandler(t *testing.T) {
	for name, c := range map[string]struct {
		end    func(*socketio.Socket)
		reason Reason
		once   bool
	}{
		"ejected":                   {(*socketio.Socket).Disconnect, ReasonServerDisconnect, false},
		"ejected, no reconnection":  {(*socketio.Socket).Disconnect, ReasonServerDisconnect, true},
		"connection ended":          {(*socketio.Socket).DisconnectConn, ReasonServerDisconnect, false},
		"connection lost, no other": {abort, ReasonTransportError, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				srv := w.server(socketio.Options{})
				const ends = 10
				joined := 0
				srv.OnConnect(func(_ context.Context, s *socketio.Socket) {
					if joined++; joined <= ends {
						time.Sleep(time.Second) // the client has joined
						c.end(s)
					}
				})
				results := make(chan error, ends)
				w.connect(Options{Transports: []string{WebSocket}, ReconnectDelay: 1000 * time.Hour, DisableReconnect: c.once, Setup: func(s *Socket) {
					s.OnDisconnect(func(ctx context.Context, s *Socket, d Disconnect) {
						if len(results) == ends {
							return
						}
						if !d.Final || s.Active() {
							t.Errorf("%+v, and active: %v", d, s.Active())
						}
						results <- s.Connect(ctx)
					})
				}})
				begin := time.Now()
				for range ends {
					if err := <-results; err != nil {
						t.Fatal(err)
					}
				}
				if took := time.Since(begin); took > time.Hour {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// TestConnectAfterAnAttemptWasGivenUp disconnects while the connection is being opened.
func TestConnectAfterAnAttemptWasGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		hole := make(chan struct{})
		w.serve(blockUntil(hole))
		c, err := New("http://memory", w.options(Options{ReconnectDelay: 1000 * time.Hour, DisableReconnect: true}))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		s := c.Of("/")
		first := make(chan error, 1)
		go func() { first <- s.Connect(t.Context()) }()
		synctest.Wait()
		w.fake(engine.Options{}, grantAll)
		s.Disconnect()
		if err := s.Connect(t.Context()); err != nil {
			t.Errorf("the attempt that was given up failed the next one: %v", err)
		}
		if err := <-first; !errors.Is(err, ErrDisconnected) {
			t.Errorf("the first Connect: %v", err)
		}
		close(hole)
	})
}

// TestAnswerOnAConnectionThatIsClosing lets a server answer, after the client has asked
// it to end the connection, what the client had asked for before.
func TestAnswerOnAConnectionThatIsClosing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.fake(engine.Options{}, func(f *fake, s *engine.Session, m string) {
			if len(f.heard()) > 1 {
				grantAll(f, s, m)
			}
		})
		c, err := New("http://memory", w.options(Options{Transports: []string{WebSocket}, ReconnectDelay: 1000 * time.Hour}))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		s := c.Of("/")
		go s.Connect(t.Context())
		synctest.Wait()
		old := c.present()
		s.Disconnect()
		waiter, err := c.activate(s)
		if err != nil {
			t.Fatal(err)
		}
		old.ReceiveText([]byte(`0{"sid":"late"}`))
		if err := <-waiter.result; err != nil {
			t.Fatal(err)
		}
		if s.member.conn == old || len(f.heard()) != 2 {
			t.Errorf("joined on the connection that is closing; the server has heard %q", f.heard())
		}
	})
}
