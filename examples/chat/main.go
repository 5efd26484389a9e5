// Chat is a small chat: names, rooms, who is online, who is typing, and what was said
// before one came.
//
//	go run ./examples/chat
//
// It listens on port 3000, or on that of the environment variable PORT. Read
// events.go first: it is what clients and the server say to each other.
package main

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-socketio/socketio"
)

// page is what browsers are shown. chat.js is made from chat.ts: see ARCHITECTURE.md.
//
//go:embed page/index.html page/style.css page/chat.js
var page embed.FS

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "3000"
	}
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("chat on http://localhost:%d", listener.Addr().(*net.TCPAddr).Port)
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if err := run(stop, listener); err != nil {
		log.Fatal(err)
	}
}

// run serves the chat until stop ends.
func run(stop context.Context, listener net.Listener) error {
	srv := socketio.NewServer(socketio.Options{})
	newChat().register(srv)

	files, err := fs.Sub(page, "page")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", srv)
	mux.Handle("/", http.FileServerFS(files))
	web := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}

	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	select {
	case err := <-failed:
		return errors.Join(err, srv.Close())
	case <-stop.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(srv.Shutdown(grace), web.Shutdown(grace))
}
