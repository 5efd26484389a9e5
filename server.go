package socketio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/deadline"
	"github.com/go-socketio/socketio/internal/tasks"
)

// Server is a Socket.IO server. It is an http.Handler: mount it at [Options.Path].
//
// All methods may be called from any goroutine. Those that a [Namespace] has too
// stand for the main namespace, "/".
type Server struct {
	options   Options
	engine    *engine.Server
	deadlines *deadline.Queue
	maxQueue  int          // bytes: no message may be larger
	handler   http.Handler // of all requests
	main      *Namespace
	tasks     tasks.Group // goroutines that run functions of the application
	runners   runners
	closing   context.Context // ends when the server is closed
	close     context.CancelFunc
	onBus     context.Context // ends when the bus of the cluster is not waited for any more
	leaveBus  context.CancelCauseFunc

	namespaces namespaces

	hooks   hooks
	watched atomic.Bool // somebody wants to know what is sent

	reports reports

	retries *retryMemories // nil if that is off

	recovery       recoveryCounts
	busErrors      atomic.Uint64
	inboxFull      atomic.Uint64
	refusedEvents  atomic.Uint64
	invalidPackets atomic.Uint64
	panics         atomic.Uint64
}

// NewServer returns a server. Close it, or shut it down, to end its connections.
func NewServer(options Options) *Server {
	s := &Server{
		options:    options.completed(),
		deadlines:  deadline.NewQueue(),
		namespaces: namespaces{byName: make(map[string]*Namespace)},
	}
	s.hooks = newHooks(s, options.Hooks)
	s.watched.Store(s.hooks.watchOutgoing())
	s.closing, s.close = context.WithCancel(context.Background())
	s.onBus, s.leaveBus = context.WithCancelCause(context.Background())
	s.engine = engine.NewServer(s.options.engine(), s.open)
	s.maxQueue = s.engine.Options().MaxQueue
	s.retries = newRetryMemories(options.Retries, s.deadlines)
	s.handler = newBrowserClient(s.options, s.engine)
	s.main = s.Of("/")
	return s
}

// ServeHTTP serves the requests of Socket.IO clients, and the browser client itself:
// see [Options.DisableClient]. Requests for other paths than [Options.Path] are
// answered with 404.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.catchRequest(w, r)
	s.handler.ServeHTTP(w, r)
}

// catchRequest is deferred around each request. What the options have functions for
// happens before anything is answered. The http.Server would log each panic, however
// many a client causes.
func (s *Server) catchRequest(w http.ResponseWriter, r *http.Request) {
	switch v := recover(); v {
	case nil:
	case http.ErrAbortHandler: // a way for handlers to end
		panic(v)
	default:
		s.panicked(v, "address", r.RemoteAddr)
		http.Error(w, msgInternalError, http.StatusInternalServerError)
	}
}

// Close disconnects every client with [ReasonServerShutdown], refuses new ones, and
// leaves the cluster. It does not wait for handlers that are running, nor for
// those that the disconnection starts: [Server.Shutdown] does, and it also waits until a
// bus that keeps the sessions of clients that may recover has got them. For the bus of the
// cluster Close waits for 5 seconds at most; then the error is a context.DeadlineExceeded.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	defer s.giveBusUntil(ctx)()
	s.beginClosing()
	err := s.engine.Close()
	s.deadlines.Close()
	s.loseSessions()
	return errors.Join(err, s.leaveCluster(ctx))
}

// closeTimeout is how long Close waits for the bus.
const closeTimeout = 5 * time.Second

// Shutdown does what Close does, and returns when every handler has returned, or,
// with an error, when ctx ends before that. Do not call it from a handler.
//
// An http.Server does not know of WebSocket connections, so its own Shutdown does
// not end them: call this one first, and then that one. The other way round, and with
// RegisterOnShutdown, the port closes first, and clients on polling cannot fetch any
// more what is queued for them, which is waited for.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.giveBusUntil(ctx)()
	s.beginClosing()
	err := s.engine.Shutdown(ctx)
	s.deadlines.Close()
	s.loseSessions()
	return errors.Join(err, s.awaitHandlers(ctx), s.leaveCluster(ctx))
}

// awaitHandlers returns when no function of the application is running.
func (s *Server) awaitHandlers(ctx context.Context) error {
	if err := s.tasks.Wait(ctx); err != nil {
		return fmt.Errorf("socketio: still running handlers, in %d goroutines: %w", s.tasks.Running(), err)
	}
	return nil
}

// giveBusUntil ends the waiting for the bus when ctx ends, and at the latest when the
// function that it returns is called.
func (s *Server) giveBusUntil(ctx context.Context) (end func()) {
	leave := func() { s.leaveBus(http.ErrServerClosed) }
	stop := context.AfterFunc(ctx, leave)
	return func() {
		stop()
		leave()
	}
}

// beginClosing takes no more events of other servers.
func (s *Server) beginClosing() {
	s.close()
	s.runners.close()
	for _, ns := range s.all() {
		ns.serverEvents.close()
	}
}

// loseSessions gives up waiting for clients that were disconnected before. There will
// be no more of them.
func (s *Server) loseSessions() {
	for _, ns := range s.all() {
		select {
		case <-ns.inCluster:
			ns.recovery.loseAll(LostShutdown)
		default: // it has had no clients
		}
	}
}

// leaveCluster leaves the cluster, if there is one. If ctx ends before that it goes on by
// itself: a bus need not answer, and a member cannot be told to give up.
func (s *Server) leaveCluster(ctx context.Context) error {
	if s.options.Bus == nil {
		return nil
	}
	left := make(chan error, 1)
	go func() {
		var errs []error
		for _, ns := range s.all() {
			errs = append(errs, ns.closeMember())
		}
		left <- errors.Join(errs...)
	}()
	select {
	case err := <-left:
		return err
	case <-ctx.Done():
		return fmt.Errorf("socketio: leaving the cluster: %w", context.Cause(ctx))
	}
}
