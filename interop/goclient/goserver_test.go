package goclient

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	socketio "github.com/go-socketio/socketio"
)

// goServer is our server, with the handlers of server.mjs.
type goServer struct {
	io   *socketio.Server
	http *http.Server
	addr string
}

func startGo(t testing.TB, options socketio.Options, addr string) *goServer {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	s := &goServer{io: socketio.NewServer(options), addr: l.Addr().String()}
	greet(s.io.Of("/"))
	greet(s.io.Of("/custom"))
	handlers(s.io.Of("/quiet"))
	admin := s.io.Of("/admin")
	admin.Use(func(_ context.Context, s *socketio.Socket) error {
		var auth struct {
			Token string `json:"token"`
		}
		if err := s.Handshake().Auth(&auth); err != nil || auth.Token != "secret" {
			return &socketio.ConnectError{Message: "not authorized", Data: map[string]any{"code": 42}}
		}
		return nil
	})
	greet(admin)
	s.http = &http.Server{Handler: s.io}
	go s.http.Serve(l)
	t.Cleanup(s.kill)
	return s
}

// kill ends the server without a goodbye to anybody who is between two requests.
func (s *goServer) kill() {
	s.http.Close()
	s.io.Close()
	s.io.Shutdown(context.Background()) // returns when every handler has
}

func greet(ns *socketio.Namespace) {
	ns.OnConnect(func(_ context.Context, s *socketio.Socket) {
		auth := map[string]any{}
		s.Handshake().Auth(&auth)
		s.Emit("welcome", map[string]any{"auth": auth, "recovered": s.Recovered()})
	})
	handlers(ns)
}

func handlers(ns *socketio.Namespace) {
	ns.OnConnect(func(_ context.Context, s *socketio.Socket) {
		seen := 0
		s.On("third time", func(_ context.Context, _ *socketio.Socket, args socketio.Args) error {
			if seen++; seen%3 != 0 {
				return nil
			}
			return args.Ack(args, seen)
		})
	})
	on := func(name string, h func(s *socketio.Socket, args socketio.Args) error) {
		ns.On(name, func(_ context.Context, s *socketio.Socket, args socketio.Args) error { return h(s, args) })
	}
	on("echo", func(s *socketio.Socket, args socketio.Args) error {
		if args.HasAck() {
			return args.Ack(args)
		}
		return s.Emit("echo", args)
	})
	ns.On("question me", func(ctx context.Context, s *socketio.Socket, args socketio.Args) error {
		answer, err := s.EmitWithAck(ctx, "question", args)
		if err != nil {
			return s.Emit("answered", err.Error())
		}
		return s.Emit("answered", nil, answer)
	})
	on("describe", func(s *socketio.Socket, args socketio.Args) error {
		h := s.Handshake()
		headers, query := map[string]string{}, map[string]string{}
		for name, values := range h.Header() {
			headers[strings.ToLower(name)] = values[0]
		}
		for name, values := range h.Query() {
			query[name] = values[0]
		}
		auth := map[string]any{}
		h.Auth(&auth)
		return args.Ack(map[string]any{"auth": auth, "headers": headers, "query": query, "transport": s.Transport()})
	})
	on("message", func(s *socketio.Socket, args socketio.Args) error { return s.Emit("message", args) })
	on("is here", func(_ *socketio.Socket, args socketio.Args) error {
		var id string
		if err := args.Decode(&id); err != nil {
			return err
		}
		_, here := ns.Socket(id)
		return args.Ack(here)
	})
	on("join", func(s *socketio.Socket, args socketio.Args) error {
		var room string
		if err := args.Decode(&room); err != nil {
			return err
		}
		s.Join(room)
		return args.Ack(nil)
	})
	on("leave me", func(s *socketio.Socket, args socketio.Args) error { s.Disconnect(); return nil })
	on("close me", func(s *socketio.Socket, args socketio.Args) error { s.DisconnectConn(); return nil })
	on("drop me", func(s *socketio.Socket, args socketio.Args) error { s.Session().Close("forced close"); return nil })
	on("swallow", func(s *socketio.Socket, args socketio.Args) error { return nil })
	on("burst", func(s *socketio.Socket, args socketio.Args) error {
		var n int
		if err := args.Decode(&n); err != nil {
			return err
		}
		for i := range n {
			s.Emit("number", i)
		}
		return nil
	})
	on("to room", func(_ *socketio.Socket, args socketio.Args) error {
		var room string
		news := make([]any, args.Len()-1)
		if err := args.At(0, &room); err != nil {
			return err
		}
		for i := range news {
			if err := args.At(i+1, &news[i]); err != nil {
				return err
			}
		}
		return ns.To(room).Emit("from room", news...)
	})
	on("remember", func(s *socketio.Socket, args socketio.Args) error {
		var v string
		if err := args.Decode(&v); err != nil {
			return err
		}
		s.SetData(v)
		return args.Ack()
	})
	on("recall", func(s *socketio.Socket, args socketio.Args) error { return args.Ack(s.Data()) })
}
