package peer

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-socketio/socketio/bench/internal/proc"
	"github.com/go-socketio/socketio/bench/internal/scenario"
)

const (
	// starting is how long a server may take until it listens, stopping how long until
	// it has ended.
	starting = 20 * time.Second
	stopping = 3 * time.Second
)

// Server is a running server.
type Server struct {
	peer    Peer
	cmd     *exec.Cmd
	address netip.AddrPort
	debug   *debugPort
	stderr  *tail
	ended   chan struct{}
	err     error // why it has ended
}

// Start starts the server with the given environment besides its own, and returns when
// it listens. Stop it.
func (p Peer) Start(ctx context.Context, env []string) (*Server, error) {
	port, debug, err := freePorts()
	if err != nil {
		return nil, err
	}
	s := &Server{
		peer:    p,
		cmd:     exec.Command(p.Command[0], p.Command[1:]...),
		address: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port),
		debug:   newDebugPort(debug),
		stderr:  &tail{limit: 2 << 10},
		ended:   make(chan struct{}),
	}
	s.cmd.Env = append(os.Environ(), "PORT="+strconv.Itoa(int(port)), "DEBUG_PORT="+strconv.Itoa(int(debug)))
	s.cmd.Env = slices.Concat(s.cmd.Env, p.Env, env)
	s.cmd.Stdout, s.cmd.Stderr = s.stderr, s.stderr
	// What it starts shall end with it.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the server %s: %w", p.Name, err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	if err := s.awaitListening(ctx); err != nil {
		s.Stop()
		return nil, fmt.Errorf("starting the server %s: %w%s", p.Name, err, s.Output())
	}
	return s, nil
}

func (s *Server) awaitListening(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, starting)
	defer cancel()
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		conn, err := net.Dial("tcp", s.address.String())
		if err == nil {
			return conn.Close()
		}
		select {
		case <-s.ended:
			return fmt.Errorf("it has ended: %v", s.err)
		case <-ctx.Done():
			return fmt.Errorf("it does not listen: %w", err)
		case <-retry.C:
		}
	}
}

// Target is what a scenario needs to know. The profile, if one is taken, is written to
// the file with the given name.
func (s *Server) Target(profile string) scenario.Target {
	s.debug.profile = profile
	return scenario.Target{Address: s.address, Process: proc.NewTree(s.cmd.Process.Pid), Debug: s.debug}
}

// Stop ends the server, kindly at first.
func (s *Server) Stop() {
	s.debug.client.CloseIdleConnections()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(stopping):
	}
	// The whole group: a wrapper may have gone before what it started.
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.ended
}

// Output is the end of what the server has printed, in the form of a remark to an
// error.
func (s *Server) Output() string {
	if text := strings.TrimSpace(s.stderr.String()); text != "" {
		return "; the server says: " + text
	}
	return ""
}

// freePorts returns two ports that nobody uses now.
func freePorts() (a, b uint16, err error) {
	var ports [2]uint16
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, 0, fmt.Errorf("looking for a free port: %w", err)
		}
		defer l.Close()
		ports[i] = l.Addr().(*net.TCPAddr).AddrPort().Port()
	}
	return ports[0], ports[1], nil
}

// tail keeps the end of what is written to it.
type tail struct {
	limit int
	mu    sync.Mutex
	text  bytes.Buffer
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text.Write(b)
	t.text.Next(max(0, t.text.Len()-t.limit))
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
