//go:build !js

package session

import (
	"bytes"
	"testing"

	"github.com/go-socketio/socketio/engine/frame"
)

// FuzzHandshake takes anything as an open packet: what is accepted can be worked with.
func FuzzHandshake(f *testing.F) {
	f.Add([]byte(`0{"sid":"x","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`))
	f.Add([]byte(`0{"sid":"x","pingInterval":1e308,"pingTimeout":1e308,"maxPayload":1e308}`))
	f.Add([]byte(`0{"sid":"x","pingInterval":-1,"pingTimeout":2,"maxPayload":-5}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := frame.ParsePacket(data)
		if err != nil {
			return
		}
		h, err := readHandshake(p)
		if err == nil && (h.sid == "" || len(h.sid) > maxSessionID || h.heartbeat <= 0 || h.heartbeat > maxHeartbeat || h.maxPayload < 0) {
			t.Errorf("%q was taken for %+v", data, h)
		}
	})
}

// FuzzCutBody cuts a payload for a server that says anything about how much it takes:
// nothing is lost, and no body is longer than it says unless that is a single packet.
func FuzzCutBody(f *testing.F) {
	f.Add([]byte("4a\x1e4bb\x1e4ccc"), 4)
	f.Add([]byte("4a"), -1)
	f.Fuzz(func(t *testing.T, payload []byte, limit int) {
		if bytes.HasPrefix(payload, []byte{frame.Separator}) || bytes.HasSuffix(payload, []byte{frame.Separator}) ||
			bytes.Contains(payload, []byte{frame.Separator, frame.Separator}) {
			return // packets are not empty
		}
		var bodies [][]byte
		for rest := payload; len(rest) > 0; {
			var body []byte
			body, rest = cutBody(rest, limit)
			bodies = append(bodies, body)
			if limit > 0 && len(body) > limit && bytes.IndexByte(body, frame.Separator) >= 0 {
				t.Errorf("a body of %d bytes: %q", len(body), body)
			}
		}
		if got := bytes.Join(bodies, []byte{frame.Separator}); !bytes.Equal(got, payload) {
			t.Errorf("%q became %q", payload, bodies)
		}
	})
}
