package engine

import (
	"bytes"
	"errors"

	"github.com/gobwas/httphead"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"

	"github.com/go-socketio/socketio/internal/inflate"
)

// This file is about compressed WebSocket messages (RFC 7692). Neither side keeps
// a window from one message to the next: that would be 64 KiB and more for each
// connection, and a broadcast could not be compressed once for all.

// PerMessageDeflate turns on the compression of WebSocket messages for clients that
// offer it. It saves traffic at the cost of time: think of it where messages are
// long and bandwidth is dear. A message sent to many is compressed once.
//
// A secret must not be compressed together with what an attacker can choose and
// observe; [SendOptions] has NoCompress for that.
type PerMessageDeflate struct {
	// Threshold is the length, in bytes, from which a message is compressed. Default
	// 1024.
	Threshold int
}

// threshold returns the length from which messages are compressed, 0 for never.
func (d *PerMessageDeflate) threshold() int {
	switch {
	case d == nil:
		return 0
	case d.Threshold <= 0:
		return 1024
	}
	return d.Threshold
}

// deflateOffer answers the offers of one client, in the order in which they come.
type deflateOffer struct{ accepted bool }

// answer accepts the first offer that can be kept. An offer that is malformed, or
// asks for a smaller window than the compressor has, is declined.
func (o *deflateOffer) answer(offer httphead.Option) (httphead.Option, error) {
	var asked wsflate.Parameters
	if o.accepted || !bytes.Equal(offer.Name, wsflate.ExtensionNameBytes) || asked.Parse(offer) != nil {
		return httphead.Option{}, nil
	}
	if asked.ServerMaxWindowBits.Defined() && asked.ServerMaxWindowBits.Bytes() < wsflate.MaxLZ77WindowSize {
		return httphead.Option{}, nil
	}
	o.accepted = true
	return wsflate.Parameters{
		ServerNoContextTakeover: true,
		ClientNoContextTakeover: true,
		ServerMaxWindowBits:     asked.ServerMaxWindowBits,
	}.Option(), nil
}

// inflated returns what message was before it was compressed, and at most max bytes.
func inflated(message []byte, max int64) ([]byte, error) {
	plain, err := inflate.Message(message, max)
	switch {
	case errors.Is(err, inflate.ErrTooLarge):
		return nil, tooBig(max)
	case err != nil:
		return nil, &wsError{ws.StatusInvalidFramePayloadData, err}
	}
	return plain, nil
}

func tooBig(max int64) error {
	return &wsError{ws.StatusMessageTooBig, beyond(errMessageTooBig, max)}
}
