package session

import (
	"errors"
	"io"
	"net/http"
)

// This file keeps panics of an HTTP client, parts of which may be the application's, out
// of the goroutines of sessions: they are errors of the connection.

// ErrPanicked is the cause of a failure of the HTTP client.
var ErrPanicked = errors.New("panic in the HTTP client")

// do makes a request with a client of the application.
func (c *Config) do(client *http.Client, req *http.Request) (res *http.Response, err error) {
	defer c.caught(&err)
	if res, err = client.Do(req); err != nil {
		_ = err.Error() // whose methods may be the application's too
		_ = errors.Is(err, ErrPanicked)
		return nil, err
	}
	res.Body = c.guarded(res.Body)
	return res, nil
}

// caught is deferred around what may panic, and makes that an error.
func (c *Config) caught(err *error) {
	if v := recover(); v != nil {
		c.Panicked(v)
		*err = ErrPanicked
	}
}

// guarded returns the body of a response, which can also be written to if the original can.
func (c *Config) guarded(body io.ReadCloser) io.ReadCloser {
	guarded := guardedBody{body, c}
	if w, ok := body.(io.Writer); ok {
		return guardedConn{guarded, w}
	}
	return guarded
}

type guardedBody struct {
	body io.ReadCloser
	conf *Config
}

func (b guardedBody) Read(p []byte) (n int, err error) {
	defer b.conf.caught(&err)
	return b.body.Read(p)
}

func (b guardedBody) Close() (err error) {
	defer b.conf.caught(&err)
	return b.body.Close()
}

type guardedConn struct {
	guardedBody
	writer io.Writer
}

func (c guardedConn) Write(p []byte) (n int, err error) {
	defer c.conf.caught(&err)
	return c.writer.Write(p)
}
