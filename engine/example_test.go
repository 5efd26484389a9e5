package engine_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/frame"
)

// echo sends back what it receives.
type echo struct{ session *engine.Session }

func (e echo) ReceiveText(data []byte) {
	var b frame.Builder
	b.BeginText()
	b.Buf = append(b.Buf, data...)
	b.EndText()
	e.session.Send(b.Message(), engine.SendOptions{})
}

func (e echo) ReceiveBinary(data []byte) {
	var b frame.Builder
	b.Binary(data)
	e.session.Send(b.Message(), engine.SendOptions{})
}

func (e echo) EndBatch() {}

func (e echo) Closed(reason engine.Reason, err error) {
	log.Println("session", e.session.ID(), "ended:", reason, err)
}

// A server that echoes every message, and that ends its sessions in order when it
// is told to stop.
func Example() {
	srv := engine.NewServer(engine.Options{}, func(s *engine.Session) engine.Receiver {
		return echo{s}
	})
	mux := http.NewServeMux()
	mux.Handle("/engine.io/", srv)
	web := &http.Server{Addr: ":3000", Handler: mux}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go web.ListenAndServe()
	<-ctx.Done()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	srv.Shutdown(ctx)
	web.Shutdown(ctx)
}

// Pages of two kinds of origin may use the server, and whoever connects must
// have a token.
func ExampleOptions() {
	opts := engine.Options{
		CORS: &engine.CORS{
			Origins:     []string{"https://example.com"},
			Patterns:    []*regexp.Regexp{regexp.MustCompile(`^https://[a-z]+\.example\.com$`)},
			Credentials: true,
			MaxAge:      time.Hour,
		},
		AllowRequest: func(r *http.Request) (any, error) {
			user, err := userOf(r.Header.Get("Authorization"))
			if err != nil {
				return nil, err // status 403, with the error's text
			}
			return user, nil // see Handshake.Value
		},
	}
	srv := engine.NewServer(opts, func(s *engine.Session) engine.Receiver { return echo{s} })
	defer srv.Close()
	fmt.Println(srv.Options().PingInterval)
	// Output: 25s
}

func userOf(token string) (string, error) { return token, nil }
