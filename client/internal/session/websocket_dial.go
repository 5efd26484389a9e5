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
)

// A WebSocket is opened by the HTTP client that also makes the polls, so that one
// set of rules for proxies, TLS, cookies and connections holds for both.

// prepareUpgrade makes req the opening handshake of a WebSocket.
func prepareUpgrade(req *http.Request) {
	var key [16]byte
	rand.Read(key[:])
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	req.Header.Set("Sec-WebSocket-Version", "13")
	req.Header.Set("Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(key[:]))
}

// openWebSocket opens a WebSocket, for the session with the given id if it is not
// empty. The error is a [*DialError].
func (c *Config) openWebSocket(ctx context.Context, sid string) (webSocket, error) {
	res, err := c.request(ctx, http.MethodGet, WebSocket, sid, nil)
	if err != nil {
		return nil, err
	}
	conn, err := checkUpgrade(res)
	if err != nil {
		res.Body.Close()
		return nil, err
	}
	return newWSConn(conn, c.MaxPayload), nil
}

// checkUpgrade makes sure that the server has agreed.
func checkUpgrade(res *http.Response) (io.ReadWriteCloser, error) {
	if res.StatusCode != http.StatusSwitchingProtocols {
		return nil, statusError(WebSocket, res)
	}
	var reason string
	conn, ok := res.Body.(io.ReadWriteCloser)
	switch {
	case !ok:
		reason = "the HTTP client does not hand out the connection"
	case !strings.EqualFold(res.Header.Get("Upgrade"), "websocket"):
		reason = "the response has no valid Upgrade header"
	case res.Header.Get("Sec-WebSocket-Accept") != acceptKey(res.Request.Header.Get("Sec-WebSocket-Key")):
		reason = "the response has no valid Sec-WebSocket-Accept header"
	case res.Header.Get("Sec-WebSocket-Extensions") != "":
		reason = "the server uses a WebSocket extension that was not offered"
	default:
		return conn, nil
	}
	return nil, &DialError{Step: StepHandshake, Transport: WebSocket, Status: res.StatusCode, Code: -1, Err: errors.New(reason)}
}

// acceptKey is what a server must answer to a key (RFC 6455, section 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
