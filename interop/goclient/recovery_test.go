package goclient

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	socketio "github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// TestRecovery cuts a client off from servers that restore the state of a connection.
func TestRecovery(t *testing.T) {
	for parser, codec := range map[string]packet.Codec{"": packet.JSON, "msgpack": msgpack.Codec} {
		official := start(t, "server.mjs", map[string]any{
			"connectionStateRecovery": map[string]any{}, "pingInterval": 300, "pingTimeout": 200, "parser": parser,
		})
		ours := startGo(t, socketio.Options{
			Recovery: new(socketio.Recovery), PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond, Codec: codec,
		}, "127.0.0.1:0")
		for name, addr := range map[string]string{"official server": strings.TrimPrefix(official.URL, "http://"), "our server": ours.addr} {
			for _, transports := range [][]string{{"polling"}, {"websocket"}, {"polling", "websocket"}} {
				path := strings.TrimSuffix(name+"/"+strings.Join(transports, "+")+"/"+parser, "/")
				t.Run(path, func(t *testing.T) {
					t.Parallel()
					a := newAbsence(t, addr, transports, codec)
					a.tell("before", 7)
					a.hears(t, "before", 7)
					a.recovers(t, true)
				})
				t.Run(path+"/nothing received before", func(t *testing.T) {
					t.Parallel()
					// Ours knows where the log stood; the official server has to be told.
					newAbsence(t, addr, transports, codec).recovers(t, name == "our server")
				})
			}
		}
	}
}

// absence is a client that is cut off for a while, and another one that goes on.
type absence struct {
	proxy *proxy
	away  *socket
	other *socket
	room  string
}

func newAbsence(t *testing.T, addr string, transports []string, codec packet.Codec) *absence {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	a := &absence{proxy: newProxy(t, addr)}
	e := &env{t, ctx, "http://" + a.proxy.addr, transports, codec}
	a.away = e.connect("/quiet", client.Options{ReconnectDelay: 20 * time.Millisecond, ReconnectDelayMax: 50 * time.Millisecond})
	a.other = (&env{t, ctx, "http://" + addr, []string{"websocket"}, codec}).connect("/quiet", client.Options{})
	a.room = "room of " + a.away.ID()
	a.away.ask("join", a.room)
	a.away.ask("remember", "me")
	for len(transports) > 1 && a.away.Client().Transport() != client.WebSocket {
		a.away.ask("echo")
	}
	return a
}

// news is what is sent to the room: text and binary data, in between and at the end.
func news(what string, i int) []any {
	return []any{what, []byte{byte(i), 0xFF}, map[string]any{"deep": []byte{byte(i)}}, i}
}

func (a *absence) tell(what string, i int) {
	a.other.emit("to room", append([]any{a.room}, news(what, i)...)...)
}

func (a *absence) hears(t *testing.T, what string, i int) {
	t.Helper()
	want := fmt.Sprintf(`[%s bytes:%02xff map[deep:bytes:%02x] %d]`, what, i, i, i)
	if got := fmt.Sprint(a.away.next("from room")[:4]); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// recovers cuts the client off. What it misses arrives once, in order, if the session is
// to be recovered.
func (a *absence) recovers(t *testing.T, recovered bool) {
	id := a.away.ID()
	a.proxy.setFaults(refuseAll)
	a.proxy.cut()
	a.away.reason()
	back := joined(a.away.Socket)
	const missed = 3
	for i := range missed {
		a.tell("missed", i)
	}
	for a.other.ask("is here", id)[0] == true { // without a poll the server notices by the heartbeat only
	}
	for i := range missed {
		a.tell("missed later", i)
	}
	a.proxy.setFaults(nil)
	<-back
	if a.away.Recovered() != recovered || (a.away.ID() == id) != recovered {
		t.Fatalf("recovered: %v, want %v; id %q after %q", a.away.Recovered(), recovered, a.away.ID(), id)
	}
	data := a.away.ask("recall")[0]
	if !recovered {
		if data == "me" {
			t.Error("the data of another session")
		}
		return
	}
	if data != "me" {
		t.Errorf("the data is %v", data)
	}
	for _, what := range []string{"missed", "missed later"} {
		for i := range missed {
			a.hears(t, what, i)
		}
	}
	a.tell("after", 9)
	a.hears(t, "after", 9)
	if n := len(a.away.events["from room"]); n > 0 {
		t.Errorf("%d events more", n)
	}
}
