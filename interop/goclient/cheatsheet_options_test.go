package goclient

import (
	"errors"
	"net/http"
	"net/http/cookiejar"
	"testing"
	"time"

	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/packet/msgpack"
)

func TestClientOptions(t *testing.T) {
	checkSheet(t, "Client: options", "cheatsheet_options.mjs", "cheatsheet_options_test.go", []sheetRow{
		{"where the server is mounted", `"here"`, func(e *sheet) any {
			s := e.open("elsewhere", client.Options{Path: "/live/"})
			return s.ask("echo", "here")[0]
		}},
		{"the transports", `"websocket"`, func(e *sheet) any {
			s := e.open("plain", client.Options{Transports: []string{client.WebSocket}})
			return e.view(s.Socket).Query["transport"]
		}},
		{"no upgrade", `"polling"`, func(e *sheet) any {
			s := e.open("plain", client.Options{DisableUpgrade: true})
			for range 20 {
				s.ask("echo")
			}
			return e.view(s.Socket).Transport
		}},
		{"WebSocket at once after an upgrade", `["polling","websocket"]`, func(e *sheet) any {
			s := e.open("plain", client.Options{RememberUpgrade: true})
			first := e.view(s.Socket)
			for e.view(s.Socket).Transport != client.WebSocket {
			}
			s.Disconnect()
			e.check(s.Connect(e.ctx))
			return []any{first.Query["transport"], e.view(s.Socket).Query["transport"]}
		}},
		{"the next transport if one fails", `"websocket"`, func(e *sheet) any {
			s := e.open("only WebSocket", client.Options{TryAllTransports: true})
			return e.view(s.Socket).Transport
		}},
		{"text only", `["bytes:0102","1"]`, func(e *sheet) any {
			s := e.open("plain", client.Options{ForceBase64: true, Transports: []string{client.WebSocket}})
			return []any{s.ask("echo", []byte{1, 2})[0], e.view(s.Socket).Query["b64"]}
		}},
		{"no compression", `null`, func(e *sheet) any {
			s := e.open("plain", client.Options{DisableCompression: true, Transports: []string{client.WebSocket}})
			return s.ask("describe")[0].(map[string]any)["headers"].(map[string]any)["sec-websocket-extensions"]
		}},
		{"no reconnection", `["transport close",false]`, func(e *sheet) any {
			s := e.open("plain", client.Options{DisableReconnect: true})
			s.emit("drop me")
			return []any{s.reason(), s.Active()}
		}},
		{"how often to try, and when", `8`, func(e *sheet) any {
			c, err := client.New(e.servers["nowhere"], client.Options{KeepTrying: true,
				ReconnectAttempts: 8, ReconnectDelay: 5 * time.Millisecond, ReconnectDelayMax: 20 * time.Millisecond})
			e.check(err)
			attempts := 0
			c.OnStatus(func(status client.Status) {
				if status.State == client.Connecting {
					attempts = status.Attempt
				}
			})
			if err := c.Of("/").Connect(e.ctx); err == nil || e.ctx.Err() != nil {
				e.t.Errorf("error %v", err)
			}
			c.Shutdown(e.ctx) // after which the listener has been told everything
			return attempts
		}},
		{"time for an attempt", `"timeout"`, func(e *sheet) any {
			c, err := client.New(e.servers["silent"], client.Options{ConnectTimeout: 50 * time.Millisecond, DisableReconnect: true})
			e.check(err)
			defer c.Close()
			var failed *client.ConnectError
			if err := c.Of("/").Connect(e.ctx); !errors.As(err, &failed) || failed.Fault != client.FaultNetwork {
				return err
			}
			return "timeout"
		}},
		{"cookies", `"mine=1"`, func(e *sheet) any {
			jar, err := cookiejar.New(nil)
			e.check(err)
			s := e.open("plain", client.Options{HTTPClient: &http.Client{Jar: jar}})
			s.ask("echo")
			return s.ask("cookie")[0]
		}},
		{"MessagePack", `7`, func(e *sheet) any {
			s := e.open("MessagePack", client.Options{Codec: msgpack.Codec})
			return s.ask("echo", time.UnixMilli(7))[0].(time.Time).UnixMilli()
		}},
	})
}
