//go:build !js

package session

import (
	"bytes"
	"strings"

	"github.com/gobwas/httphead"
	"github.com/gobwas/ws/wsflate"
)

// This file is about agreeing on compressed WebSocket messages (RFC 7692). Neither side
// is to keep a window from one message to the next: that would be 32 KiB and more for
// each connection.

// deflateOffer is what a client asks for that compresses.
const deflateOffer = wsflate.ExtensionName + "; server_no_context_takeover; client_no_context_takeover"

// agreed reports whether the server has accepted compression, and whether what it says
// is an answer to what was offered. No answer is fine.
func (c *Config) agreed(headers []string) (deflated, valid bool) {
	answers, wellFormed := httphead.ParseOptions([]byte(strings.Join(headers, ",")), nil)
	if len(headers) == 0 {
		return false, true
	}
	if !wellFormed || c.Deflate == 0 || len(answers) != 1 || !bytes.Equal(answers[0].Name, wsflate.ExtensionNameBytes) {
		return false, false
	}
	var p wsflate.Parameters
	// A window that the server limits for itself is no matter for who reads it.
	valid = p.Parse(answers[0]) == nil && p.ServerNoContextTakeover && !p.ClientMaxWindowBits.Defined()
	return valid, valid
}
