package client

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	socketio "github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/packet"
)

// TestFullInboxOfAnotherSocketIsNoReasonToEnd lets a handler of one namespace wait for
// an acknowledgement while the inbox of another is full. That one's handlers go on, and
// so does everything.
func TestFullInboxOfAnotherSocketIsNoReasonToEnd(t *testing.T) {
	for name, waitsFirst := range map[string]bool{"waits first": true, "full first": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const events = 2000
				w := newWorld(t)
				srv := w.server(socketio.Options{})
				flooding := srv.Of("/busy")
				answer := make(chan struct{})
				srv.On("ask", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
					<-answer
					return args.Ack()
				})
				gone := make(chan Disconnect, 10)
				answered := make(chan error, 1)
				s := w.connect(Options{Transports: []string{WebSocket}, MaxInbox: 64 << 10, Logger: silent, Setup: func(s *Socket) {
					onDisconnect(gone)(s)
					s.On("go", func(ctx context.Context, s *Socket, _ Args) error {
						_, err := s.EmitWithAck(ctx, "ask")
						answered <- err
						return err
					})
				}})
				release := make(chan struct{})
				handled := 0
				busy := s.Client().Of("busy")
				busy.On("big", func(context.Context, *Socket, Args) error {
					<-release
					handled++
					return nil
				})
				if err := busy.Connect(t.Context()); err != nil {
					t.Fatal(err)
				}
				flood := func() {
					for i := range events {
						flooding.Emit("big", i, strings.Repeat("x", 1000))
					}
					synctest.Wait()
				}
				begin := func() {
					s.received(s.Client().present(), packet.Packet{Header: packet.Header{Type: packet.Event, Namespace: "/", Event: "go"}})
					synctest.Wait()
				}
				if waitsFirst {
					begin()
					flood()
				} else {
					flood()
					begin()
				}
				close(answer)
				synctest.Wait()
				if full := s.Client().full; full != 1 || len(answered) > 0 {
					t.Errorf("%d full inboxes, %d answers; the test is about one and none", full, len(answered))
				}
				close(release)
				if err := <-answered; err != nil {
					t.Error(err)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				if handled != events || len(gone) > 0 {
					t.Errorf("%d of %d events were handled; %d disconnections", handled, events, len(gone))
				}
			})
		})
	}
}

// TestContextOfAHandlerThatHasReturned is used by a goroutine to wait for an answer, from
// before or from after the return. That is no reason to end the connection when the inbox
// is full: its handlers go on, and the answer comes.
func TestContextOfAHandlerThatHasReturned(t *testing.T) {
	for _, waitsBefore := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			const events = 2000
			w := newWorld(t)
			srv := w.server(socketio.Options{})
			answer := make(chan struct{})
			srv.On("ask", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
				<-answer
				return args.Ack()
			})
			gone := make(chan Disconnect, 10)
			answered := make(chan error, 1)
			returned, release := make(chan struct{}), make(chan struct{})
			handled := 0
			s := w.connect(Options{Transports: []string{WebSocket}, MaxInbox: 64 << 10, Logger: silent, Setup: func(s *Socket) {
				onDisconnect(gone)(s)
				s.On("go", func(ctx context.Context, s *Socket, _ Args) error {
					waiting := make(chan struct{})
					go func() {
						if !waitsBefore {
							<-returned
						}
						close(waiting)
						_, err := s.EmitWithAck(ctx, "ask")
						answered <- err
					}()
					if waitsBefore {
						<-waiting
						time.Sleep(time.Second)
					}
					return nil
				})
				s.On("big", func(context.Context, *Socket, Args) error {
					<-release
					handled++
					return nil
				})
			}})
			s.received(s.Client().present(), packet.Packet{Header: packet.Header{Type: packet.Event, Namespace: "/", Event: "go"}})
			time.Sleep(2 * time.Second)
			for i := range events {
				srv.Emit("big", i, strings.Repeat("x", 1000))
			}
			close(returned)
			synctest.Wait()
			if len(gone) > 0 {
				t.Fatalf("the connection was ended: %+v", <-gone)
			}
			close(answer)
			close(release)
			if err := <-answered; err != nil {
				t.Errorf("waits before the return: %v: %v", waitsBefore, err)
			}
			synctest.Wait()
			if handled != events || s.waiting != 0 {
				t.Errorf("%d of %d events were handled; %d calls wait", handled, events, s.waiting)
			}
		})
	}
}

// TestHandlerThatJoinsBehindItsOwnFullInbox waits for an answer that is not read until it
// returns: the connection ends, and says why, instead of standing still.
func TestHandlerThatJoinsBehindItsOwnFullInbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const events = 500
		w := newWorld(t)
		srv := w.server(socketio.Options{})
		srv.Of("/other")
		full := make(chan struct{})
		joined := make(chan error, 1)
		gone := make(chan Disconnect, 10)
		w.connect(Options{Transports: []string{WebSocket}, MaxInbox: 64 << 10, Logger: silent, KeepTrying: true, Setup: func(s *Socket) {
			onDisconnect(gone)(s)
			s.On("first", func(ctx context.Context, s *Socket, _ Args) error {
				<-full
				ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
				defer cancel()
				joined <- s.Client().Of("other").Connect(ctx)
				return nil
			})
		}})
		srv.Emit("first")
		for range events {
			srv.Emit("big", strings.Repeat("x", 1000))
		}
		synctest.Wait()
		close(full)
		if err := <-joined; err == nil {
			t.Error("joined although nothing is read")
		}
		if d := <-gone; d.Reason != ReasonInboxFull {
			t.Errorf("%+v", d)
		}
	})
}
