//go:build !js

package session

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// tunnelled returns a transport that opens WebSockets without TLS through an HTTP
// proxy. For such a URL the proxy of an http.Transport is asked to make the request
// itself, and many proxies cannot make that of a WebSocket; so a tunnel is asked for,
// as browsers do. Everything else goes the usual way.
func tunnelled(rt http.RoundTripper) http.RoundTripper {
	t, ok := rt.(*http.Transport)
	if rt == nil {
		t, ok = http.DefaultTransport.(*http.Transport)
	}
	if !ok || t.Proxy == nil {
		return rt
	}
	return tunnel{t}
}

type tunnel struct{ transport *http.Transport }

// RoundTrip implements http.RoundTripper.
func (t tunnel) RoundTrip(req *http.Request) (*http.Response, error) {
	proxy, err := t.transport.Proxy(req)
	if err != nil || proxy == nil || req.URL.Scheme != "http" || proxy.Scheme != "http" && proxy.Scheme != "https" {
		return t.transport.RoundTrip(req)
	}
	direct := t.transport.Clone()
	direct.Proxy = nil
	direct.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		return t.dial(ctx, network, addr, proxy)
	}
	direct.DisableKeepAlives = true // a refused handshake must not leave a connection behind
	return direct.RoundTrip(req)
}

// dial connects to addr through the proxy.
func (t tunnel) dial(ctx context.Context, network, addr string, proxy *url.URL) (net.Conn, error) {
	conn, err := t.dialProxy(ctx, network, proxy)
	if err != nil {
		return nil, fmt.Errorf("connect to the proxy: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	err = t.ask(ctx, conn, addr, proxy)
	if !stop() {
		err = context.Cause(ctx)
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("the proxy opens no tunnel: %w", err)
	}
	return conn, nil
}

func (t tunnel) dialProxy(ctx context.Context, network string, proxy *url.URL) (net.Conn, error) {
	dial := t.transport.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	port := proxy.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[proxy.Scheme]
	}
	conn, err := dial(ctx, network, net.JoinHostPort(proxy.Hostname(), port))
	if err != nil || proxy.Scheme == "http" {
		return conn, err
	}
	conf := t.transport.TLSClientConfig.Clone()
	if conf == nil {
		conf = new(tls.Config)
	}
	if conf.ServerName == "" {
		conf.ServerName = proxy.Hostname()
	}
	secure := tls.Client(conn, conf)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}

// ask asks the proxy for a tunnel.
func (t tunnel) ask(ctx context.Context, conn net.Conn, addr string, proxy *url.URL) error {
	header := t.transport.ProxyConnectHeader.Clone()
	if f := t.transport.GetProxyConnectHeader; f != nil {
		var err error
		if header, err = f(ctx, proxy, addr); err != nil {
			return err
		}
	}
	if header == nil {
		header = make(http.Header)
	}
	if user := proxy.User; user != nil && header.Get("Proxy-Authorization") == "" {
		password, _ := user.Password()
		header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
	}
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: addr}, Host: addr, Header: header}
	if err := req.Write(conn); err != nil {
		return err
	}
	// One byte at a time, so that nothing behind the answer is lost: the server says
	// nothing before it is asked, but a proxy may be quick.
	res, err := http.ReadResponse(bufio.NewReaderSize(oneByte{io.LimitReader(conn, maxErrorBody)}, 16), req)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", res.Status)
	}
	return nil
}

// oneByte reads single bytes.
type oneByte struct{ io.Reader }

func (r oneByte) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(1, len(p))]) }
