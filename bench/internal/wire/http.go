package wire

import (
	"bytes"
	"fmt"
	"strconv"
)

// Response is an HTTP response.
type Response struct {
	Status int
	Header Header
	Body   []byte
}

// Header is the header section of a response: lines without the status line.
type Header []byte

// Get returns the value of the first field with the given name, which is compared
// without regard to case.
func (h Header) Get(name string) []byte {
	for rest := []byte(h); len(rest) > 0; {
		line, tail, _ := bytes.Cut(rest, crlf)
		rest = tail
		if len(line) > len(name) && line[len(name)] == ':' && bytes.EqualFold(line[:len(name)], []byte(name)) {
			return bytes.TrimSpace(line[len(name)+1:])
		}
	}
	return nil
}

var (
	crlf     = []byte("\r\n")
	emptyRow = []byte("\r\n\r\n")
)

// ParseHead takes the status line and the header off data, without any body: all
// there is to the answer to a WebSocket handshake. n is 0 if it is not complete.
func ParseHead(data []byte) (r Response, n int, err error) {
	end := bytes.Index(data, emptyRow)
	if end < 0 {
		return r, 0, nil
	}
	line, header, _ := bytes.Cut(data[:end], crlf)
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return r, 0, fmt.Errorf("not a status line of HTTP/1.1: %q", line)
	}
	r.Status, err = strconv.Atoi(string(line[9:12]))
	if err != nil {
		return r, 0, fmt.Errorf("not a status line of HTTP/1.1: %q", line)
	}
	r.Header = Header(header)
	return r, end + len(emptyRow), nil
}

// ParseResponse takes the first response off data. n is 0 if it is not complete. The
// body has to be delimited by Content-Length or by chunks.
func ParseResponse(data []byte) (r Response, n int, err error) {
	r, n, err = ParseHead(data)
	if n == 0 || err != nil {
		return r, 0, err
	}
	if bytes.EqualFold(r.Header.Get("Transfer-Encoding"), []byte("chunked")) {
		body, size, err := parseChunks(data[n:])
		if size == 0 || err != nil {
			return r, 0, err
		}
		r.Body = body
		return r, n + size, nil
	}
	length, err := strconv.Atoi(string(r.Header.Get("Content-Length")))
	if err != nil || length < 0 {
		return r, 0, fmt.Errorf("a response with the Content-Length %q", r.Header.Get("Content-Length"))
	}
	if len(data)-n < length {
		return r, 0, nil
	}
	r.Body = data[n : n+length]
	return r, n + length, nil
}

// parseChunks returns the body that data begins with, and the bytes it occupies, or 0
// if it is not complete. Trailers are not expected.
func parseChunks(data []byte) (body []byte, n int, err error) {
	for {
		line, _, found := bytes.Cut(data[n:], crlf)
		if !found {
			return nil, 0, nil
		}
		digits, _, _ := bytes.Cut(line, []byte(";"))
		size, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 30)
		if err != nil {
			return nil, 0, fmt.Errorf("a chunk of the length %q", line)
		}
		start := n + len(line) + len(crlf)
		n = start + int(size) + len(crlf)
		if len(data) < n {
			return nil, 0, nil
		}
		if size == 0 {
			return body, n, nil
		}
		body = append(body, data[start:start+int(size)]...)
	}
}
