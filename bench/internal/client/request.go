package client

import (
	"fmt"
	"strings"
)

// browserHeader is what Chromium sends besides the fields that the handshake itself
// needs, with a session cookie such as most sites have.
const browserHeader = "Pragma: no-cache\r\n" +
	"Cache-Control: no-cache\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n" +
	"Origin: https://chat.example.com\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Accept-Language: en-GB,en-US;q=0.9,en;q=0.8,de;q=0.7\r\n" +
	"Cookie: _ga=GA1.2.1234567890.1735689600; _gid=GA1.2.987654321.1735689600; " +
	"session=eyJ1c2VyIjoxMDI0LCJyb2xlIjoibWVtYmVyIn0.aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789-_aBcDeFgHiJkLmNoPqRsTuVwXyZ; " +
	"csrf=0123456789abcdef0123456789abcdef; theme=dark; lang=en\r\n"

// The key of every handshake, and the answer to it that RFC 6455 asks for.
const (
	handshakeKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	handshakeAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

func upgradeRequest(host string) []byte {
	return []byte("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n" +
		"Host: " + host + "\r\n" +
		"Connection: Upgrade\r\n" +
		"Upgrade: websocket\r\n" +
		browserHeader +
		"Sec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: " + handshakeKey + "\r\n" +
		"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" +
		"\r\n")
}

// The fields of a browser's request that invite compression are left out for polling:
// the generator does not decompress.
var pollingHeader = strings.Replace(browserHeader, "Accept-Encoding: gzip, deflate, br, zstd\r\n", "", 1)

func pollRequest(host, query string) []byte {
	return []byte("GET /socket.io/?EIO=4&transport=polling" + query + " HTTP/1.1\r\nHost: " + host + "\r\n" +
		pollingHeader + "\r\n")
}

func postRequest(host, query string, body []byte) []byte {
	head := "POST /socket.io/?EIO=4&transport=polling" + query + " HTTP/1.1\r\nHost: " + host + "\r\n" +
		pollingHeader + fmt.Sprintf("Content-Type: text/plain;charset=UTF-8\r\nContent-Length: %d\r\n\r\n", len(body))
	return append([]byte(head), body...)
}
