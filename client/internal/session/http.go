package session

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/go-socketio/socketio/engine/frame"
)

// maxErrorBody is how much of an answer that is not what was asked for is read.
const maxErrorBody = 4 << 10

// request makes a request for a transport. The error is a [*DialError].
func (c *Config) request(ctx context.Context, method, transport, sid string, body []byte) (*http.Response, error) {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.requestURL(transport, sid), reader)
	if err != nil {
		return nil, &DialError{Step: StepRequest, Transport: transport, Code: -1, Err: err}
	}
	for name, values := range c.Header {
		req.Header[name] = values
	}
	if host := c.Header.Get("Host"); host != "" {
		req.Host = host
	}
	client := *c.HTTP
	client.Timeout = 0 // a poll waits for as long as the server wants
	if transport == WebSocket {
		c.prepareUpgrade(req)
		client.Transport = tunnelled(client.Transport)
	} else {
		preparePoll(req)
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, &DialError{Step: StepRequest, Transport: transport, Code: -1, Err: withoutURL(ctx, err)}
	}
	return res, nil
}

func preparePoll(req *http.Request) {
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "*/*")
	}
	if req.Method == http.MethodPost {
		req.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	}
}

// withoutURL takes the URL out of an error of the HTTP client: the query holds
// the session id and maybe credentials.
func withoutURL(ctx context.Context, err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// readAnswer reads the body of an answer to a poll.
func (c *Config) readAnswer(ctx context.Context, res *http.Response) ([]byte, error) {
	if res.StatusCode != http.StatusOK {
		return nil, statusError(Polling, res)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, c.MaxPayload+1))
	switch {
	case err != nil:
		err = withoutURL(ctx, err)
	case int64(len(body)) > c.MaxPayload:
		err = fmt.Errorf("an answer to a poll is %w (%d bytes)", errTooLarge, c.MaxPayload)
	default:
		return body, nil
	}
	return nil, &DialError{Step: StepRequest, Transport: Polling, Code: -1, Err: err}
}

// statusError describes a response with the wrong status.
func statusError(transport string, res *http.Response) *DialError {
	e := &DialError{Step: StepHandshake, Transport: transport, Status: res.StatusCode, Code: -1}
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBody)) // what there is of it helps
	var refusal struct {
		Code    *int   `json:"code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &refusal) == nil && refusal.Code != nil {
		e.Code, e.Message = *refusal.Code, refusal.Message
		return e
	}
	text := strings.ToValidUTF8(string(body[:min(len(body), 200)]), string(utf8.RuneError))
	e.Message = strings.TrimSpace(text)
	return e
}

// openPolling opens a session over polling. rest is what came after the handshake.
func (c *Config) openPolling(ctx context.Context) (h handshake, rest []byte, err error) {
	res, err := c.request(ctx, http.MethodGet, Polling, "", nil)
	if err != nil {
		return h, nil, err
	}
	defer res.Body.Close()
	body, err := c.readAnswer(ctx, res)
	if err != nil {
		return h, nil, err
	}
	first, rest, _ := frame.SplitPayload(body)
	p, err := frame.ParsePacket(first)
	switch {
	case err == nil:
		h, err = readHandshake(p)
	case protocol3.Match(body):
		err = ErrProtocol3
	}
	if err != nil {
		return h, nil, &DialError{Step: StepHandshake, Transport: Polling, Status: res.StatusCode, Code: -1, Err: err}
	}
	return h, rest, nil
}

// protocol3 is how a handshake begins in protocol 3: as text with its length before it, or
// in bytes, which a client has to ask for.
var protocol3 = regexp.MustCompile(`^[0-9]+:0\{`)

// cacheBuster makes the URL of a poll different from all others.
func cacheBuster() string { return rand.Text()[:10] }
