//go:build !js

package session

import (
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/go-socketio/socketio/engine/frame"
)

// A WebSocket is opened by the HTTP client that also makes the polls, so that one
// set of rules for proxies, TLS, cookies and connections holds for both.

// prepareUpgrade makes req the opening handshake of a WebSocket.
func (c *Config) prepareUpgrade(req *http.Request) {
	var key [16]byte
	rand.Read(key[:])
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	req.Header.Set("Sec-WebSocket-Version", "13")
	req.Header.Set("Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(key[:]))
	if c.Deflate > 0 {
		req.Header.Set("Sec-WebSocket-Extensions", deflateOffer)
	}
}

// openWebSocket opens a WebSocket, for the session with the given id if it is not
// empty. The error is a [*DialError].
func (c *Config) openWebSocket(ctx context.Context, sid string) (webSocket, error) {
	res, err := c.request(ctx, http.MethodGet, WebSocket, sid, nil)
	if err != nil {
		return nil, err
	}
	conn, deflated, err := c.checkUpgrade(res)
	if err != nil {
		res.Body.Close()
		return nil, err
	}
	form := frame.Form{Base64: c.Base64}
	if deflated {
		form.Deflate = c.Deflate
	}
	return newWSConn(conn, c.MaxPayload, form), nil
}

// checkUpgrade makes sure that the server has agreed, and reports whether it has agreed
// to compression.
func (c *Config) checkUpgrade(res *http.Response) (conn io.ReadWriteCloser, deflated bool, err error) {
	if res.StatusCode != http.StatusSwitchingProtocols {
		return nil, false, statusError(WebSocket, res)
	}
	var reason string
	conn, ok := res.Body.(io.ReadWriteCloser)
	deflated, valid := c.agreed(res.Header.Values("Sec-WebSocket-Extensions"))
	switch {
	case !ok:
		reason = "the HTTP client does not hand out the connection"
	case !strings.EqualFold(res.Header.Get("Upgrade"), "websocket"):
		reason = "the response has no valid Upgrade header"
	case res.Header.Get("Sec-WebSocket-Accept") != acceptKey(res.Request.Header.Get("Sec-WebSocket-Key")):
		reason = "the response has no valid Sec-WebSocket-Accept header"
	case !valid:
		reason = "the server uses a WebSocket extension that was not offered"
	default:
		return conn, deflated, nil
	}
	return nil, false, &DialError{Step: StepHandshake, Transport: WebSocket, Status: res.StatusCode, Code: -1, Err: errors.New(reason)}
}

// acceptKey is what a server must answer to a key (RFC 6455, section 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
