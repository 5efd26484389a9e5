package goclient

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/go-socketio/socketio/client"
)

func TestClientConnection(t *testing.T) {
	checkSheet(t, "Client: connection", "cheatsheet_connection.mjs", "cheatsheet_connection_test.go", []sheetRow{
		{"with credentials", `[{"token":"secret"},"a b&c","yes"]`, func(e *sheet) any {
			ctx, url := e.ctx, e.url
			auth, query, header := map[string]any{"token": "secret"}, map[string]string{"q": "a b&c"}, http.Header{"X-Test": {"yes"}}
			s, err := client.Connect(ctx, url, client.Options{Auth: auth, Query: query, Header: header})
			e.check(err)
			defer s.Close()
			view := e.view(s)
			return []any{view.Auth, view.Query["q"], view.Headers["x-test"]}
		}},
		{"fresh credentials each time", `[{"n":1},{"n":2}]`, func(e *sheet) any {
			n := 0
			credentials := func(context.Context, string) (any, error) {
				n++
				return map[string]any{"n": n}, nil
			}
			s := e.connect("/", client.Options{AuthFunc: credentials})
			first := e.view(s.Socket)
			s.Disconnect()
			e.check(s.Connect(e.ctx))
			return []any{first.Auth, e.view(s.Socket).Auth}
		}},
		{"not at once", `[false,false]`, func(e *sheet) any {
			url := e.url
			c, err := client.New(url, client.Options{})
			e.check(err)
			defer c.Close()
			return []any{c.Of("/").Active(), c.Of("/").Connected()}
		}},
		{"but now", `[true,true]`, func(e *sheet) any {
			ctx := e.ctx
			c, err := client.New(e.url, client.Options{})
			e.check(err)
			defer c.Close()
			e.check(c.Of("/").Connect(ctx))
			return []any{c.Of("/").Active(), c.Of("/").Connected()}
		}},
		{"another namespace, over the same connection", `["main","custom"]`, func(e *sheet) any {
			s := e.connect("/", client.Options{})
			custom := &socket{Socket: s.Client().Of("/custom"), e: e.env}
			e.check(custom.Connect(e.ctx))
			if n := s.Client().Stats().Connections; n != 1 {
				e.t.Errorf("%d connections", n)
			}
			return []any{s.ask("echo", "main")[0], custom.ask("echo", "custom")[0]}
		}},
		{"its id", `true`, func(e *sheet) any {
			s := e.connect("/", client.Options{})
			return s.ask("is here", s.ID())[0]
		}},
		{"its state", `[true,true,false]`, func(e *sheet) any {
			s := e.connect("/", client.Options{})
			return []any{s.Connected(), s.Active(), s.Recovered()}
		}},
		{"being connected", `"connected"`, func(e *sheet) any {
			said := make(chan any, 1)
			handler := func(context.Context, *client.Socket) { said <- "connected" }
			e.connect("/", client.Options{Setup: func(s *client.Socket) { s.OnConnect(handler) }})
			return e.await(said)
		}},
		{"being disconnected", `"io server disconnect"`, func(e *sheet) any {
			said := make(chan any, 1)
			handler := func(_ context.Context, _ *client.Socket, d client.Disconnect) { said <- d.Reason }
			s := e.connect("/", client.Options{})
			s.OnDisconnect(handler)
			s.emit("leave me")
			return e.await(said)
		}},
		{"not being let in", `"not authorized"`, func(e *sheet) any {
			said := make(chan any, 1)
			handler := func(_ context.Context, _ *client.Socket, err error, _ bool) {
				var refused *client.RefusedError
				errors.As(err, &refused)
				said <- refused.Message
			}
			_, err := e.tryConnect("/admin", client.Options{Setup: func(s *client.Socket) { s.OnConnectError(handler) }})
			if err == nil {
				e.t.Error("connected")
			}
			return e.await(said)
		}},
		{"trying to come back", `1`, func(e *sheet) any {
			said := make(chan any, 10)
			listener := func(status client.Status) {
				if status.State == client.Connecting && status.Attempt > 0 {
					said <- status.Attempt
				}
			}
			s := e.connect("/", client.Options{ReconnectDelay: time.Millisecond})
			s.Client().OnStatus(listener)
			s.emit("drop me")
			return e.await(said)
		}},
		{"leaving", `["io client disconnect",false]`, func(e *sheet) any {
			s := e.connect("/", client.Options{})
			s.Disconnect()
			return []any{s.reason(), s.Active()}
		}},
	})
}
