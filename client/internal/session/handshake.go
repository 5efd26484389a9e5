package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// handshake is what the server says when it opens a session.
type handshake struct {
	sid        string
	upgrades   []string
	heartbeat  time.Duration // ping interval and time-out together
	maxPayload int           // the largest body of a POST; 0 if the server does not say
}

const (
	maxSessionID = 1024
	// maxHeartbeat is longer than any sensible ping interval, and far from overflow.
	maxHeartbeat = 7 * 24 * time.Hour
)

// readHandshake takes the open packet.
func readHandshake(p frame.Packet) (h handshake, err error) {
	if p.Type != frame.Open {
		return h, fmt.Errorf("the first packet has the type %q instead of %q", p.Type, frame.Open)
	}
	var wire struct {
		SID          string   `json:"sid"`
		Upgrades     []string `json:"upgrades"`
		PingInterval float64  `json:"pingInterval"`
		PingTimeout  float64  `json:"pingTimeout"`
		MaxPayload   float64  `json:"maxPayload"`
	}
	if err := json.Unmarshal(p.Data, &wire); err != nil {
		return h, fmt.Errorf("open packet: %w", err)
	}
	switch {
	case wire.SID == "" || len(wire.SID) > maxSessionID:
		return h, errors.New("the open packet has no session id, or one that is too long")
	case wire.PingInterval < 0 || wire.PingTimeout < 0 || wire.PingInterval+wire.PingTimeout < 1:
		return h, errors.New("the open packet has no valid ping interval and time-out")
	}
	heartbeat := min(wire.PingInterval+wire.PingTimeout, float64(maxHeartbeat/time.Millisecond))
	return handshake{
		sid:        wire.SID,
		upgrades:   wire.Upgrades,
		heartbeat:  time.Duration(heartbeat * float64(time.Millisecond)),
		maxPayload: int(min(max(wire.MaxPayload, 0), 1<<31-1)),
	}, nil
}

// upgradable reports whether the server and the client want a WebSocket to take over.
func (c *Config) upgradable(h handshake) bool {
	return !c.NoUpgrade && slices.Contains(c.Transports, WebSocket) && slices.Contains(h.upgrades, WebSocket)
}
