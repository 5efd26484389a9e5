package proxies

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
)

// options are those that docs/deployment.md has for a server behind a proxy.
func options() socketio.Options {
	return socketio.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
}

// server is a running Socket.IO server.
type server struct {
	addr   string
	io     *socketio.Server
	web    *http.Server
	served chan struct{}
}

// serve runs a server on l until the test ends. Its name is what it answers to "which".
func serve(t *testing.T, name string, options socketio.Options, l net.Listener) *server {
	t.Helper()
	s := &server{addr: l.Addr().String(), io: socketio.NewServer(options), served: make(chan struct{})}
	handle(s.io, name)
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", s.io)
	s.web = &http.Server{Handler: mux}
	go func() {
		defer close(s.served)
		s.web.Serve(l)
	}()
	t.Cleanup(s.kill)
	return s
}

// stop ends the server as docs/deployment.md says, in that order: clients that poll
// fetch what is left for them with requests.
func (s *server) stop(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.io.Shutdown(ctx); err != nil {
		t.Errorf("the socketio.Server did not end: %v", err)
	}
	if err := s.web.Shutdown(ctx); err != nil {
		t.Errorf("the http.Server did not end: %v", err)
	}
	<-s.served
}

// kill ends the server, and waits for none of its clients.
func (s *server) kill() {
	s.io.Close()
	s.web.Close()
	<-s.served
}

func handle(srv *socketio.Server, name string) {
	on := func(event string, h func(s *socketio.Socket, args socketio.Args) error) {
		srv.On(event, func(_ context.Context, s *socketio.Socket, args socketio.Args) error { return h(s, args) })
	}
	on("echo", func(s *socketio.Socket, args socketio.Args) error {
		if args.HasAck() {
			return args.Ack(args)
		}
		return s.Emit("echo", args)
	})
	srv.On("ask me", func(ctx context.Context, s *socketio.Socket, args socketio.Args) error {
		answer, err := s.EmitWithAck(ctx, "question", args)
		if err != nil {
			return err
		}
		return args.Ack(answer)
	})
	on("count", func(s *socketio.Socket, args socketio.Args) error {
		var n int
		if err := args.Decode(&n); err != nil {
			return err
		}
		for i := range n {
			if err := s.Emit("number", i); err != nil {
				return err
			}
		}
		return nil
	})
	on("describe", func(s *socketio.Socket, args socketio.Args) error {
		h := s.Handshake()
		return args.Ack(map[string]any{
			"address": h.Address(), "secure": h.Secure(), "transport": s.Transport(),
		})
	})
	on("which", func(s *socketio.Socket, args socketio.Args) error { return args.Ack(name) })
	on("tell all", func(s *socketio.Socket, args socketio.Args) error { return srv.Emit("told", args) })
	on("drop me", func(s *socketio.Socket, _ socketio.Args) error {
		s.Session().Close("forced close")
		return nil
	})
}

// again returns a listener for the socket of l, which outlives it.
func again(t *testing.T, l *net.TCPListener) net.Listener {
	t.Helper()
	file, err := l.File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	second, err := net.FileListener(file)
	if err != nil {
		t.Fatal(err)
	}
	return second
}

// serveTwo runs two servers that are joined by a bus, and returns their addresses.
// They put the session ids into cookies, for proxies that want to see them.
func serveTwo(t *testing.T) []string {
	t.Helper()
	bus := cluster.NewMemory()
	var addresses []string
	for _, name := range []string{"one", "two"} {
		o := options()
		o.Bus = bus
		o.Cookie = &http.Cookie{Name: "io"}
		addresses = append(addresses, serve(t, name, o, listen(t)).addr)
	}
	return addresses
}

// onWhich calls f when a client has asked which server this is, and been told.
func (s *server) onWhich(f func()) {
	s.io.On("which", func(context.Context, *socketio.Socket, socketio.Args) error {
		f()
		return nil
	})
}
