package proxies

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// proxy is one that the documentation has configurations for.
type proxy struct {
	name string
	// run starts it in front of the servers, with what the setup asks for, until the
	// test ends. It returns the address that clients connect to.
	run func(t *testing.T, s setup) (addr string)
	// config returns the documented configuration.
	config func(t *testing.T, s setup, listen string) string
}

// setup says which of the documented configurations is wanted.
type setup struct {
	servers  []string // addresses; two of them want the configuration for several servers
	tls      *certificate
	variant  string                     // of the configuration for several servers; empty for the first one
	modified func(config string) string // nil: exactly what is documented
}

func (s setup) modify(config string) string {
	if s.modified == nil {
		return config
	}
	return s.modified(config)
}

var proxies = []proxy{
	{name: "nginx", run: runNginx, config: nginxConfig},
	{name: "haproxy", run: runHAProxy, config: haproxyConfig},
}

func nginxConfig(t *testing.T, s setup, listen string) string {
	config := documented(t, "/etc/nginx/conf.d/chat.conf")
	if s.tls != nil {
		tls := replace(t, documented(t, "in the server block"),
			"listen 443", "listen "+listen,
			"/etc/ssl/chat.crt", s.tls.certFile,
			"/etc/ssl/chat.key", s.tls.keyFile)
		config = replace(t, config, "listen 80;", tls)
	} else {
		config = replace(t, config, "listen 80;", "listen "+listen+";")
	}
	if len(s.servers) == 1 {
		return replace(t, config, "127.0.0.1:3000", s.servers[0])
	}
	return section(t, config, "upstream chat {", "\n}\n", replace(t, documented(t, "instead of the upstream block"),
		"127.0.0.1:3001", s.servers[0],
		"127.0.0.1:3002", s.servers[1]))
}

// runNginx puts the documented configuration into the http block of a main
// configuration, which only keeps nginx's files in a folder of their own.
func runNginx(t *testing.T, s setup) string {
	dir, l := t.TempDir(), listen(t)
	main := "pid nginx.pid;\nerror_log stderr warn;\n"
	if os.Geteuid() == 0 {
		main += "user root;\n" // the folder belongs to us
	}
	main += documented(t, "/etc/nginx/nginx.conf")
	// The limit of this process may be lower than what a server would have.
	main = replace(t, main, "worker_rlimit_nofile 65536;", "", "worker_connections 32768;", "worker_connections 256;")
	main += "http {\naccess_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		main += fmt.Sprintf("%s_temp_path %s;\n", kind, kind)
	}
	main += "include chat.conf;\n}\n"
	write(t, filepath.Join(dir, "nginx.conf"), main)
	write(t, filepath.Join(dir, "chat.conf"), s.modify(nginxConfig(t, s, l.Addr().String())))
	cmd := exec.Command(find(t, "nginx"), "-e", "stderr", "-p", dir, "-c", "nginx.conf", "-g", "daemon off;")
	// nginx takes over listening sockets whose descriptors it finds here.
	cmd.Env = append(os.Environ(), "NGINX=3;")
	run(t, cmd, l)
	return l.Addr().String()
}

func haproxyConfig(t *testing.T, s setup, listen string) string {
	config := documented(t, "/etc/haproxy/haproxy.cfg")
	if s.tls != nil {
		tls := replace(t, documented(t, "in the frontend"),
			"bind :443", "bind "+listen,
			"/etc/ssl/chat.pem", s.tls.bothFile)
		config = replace(t, config, "bind :80\n", tls)
	} else {
		config = replace(t, config, "bind :80\n", "bind "+listen+"\n")
	}
	if len(s.servers) == 1 {
		return replace(t, config, "127.0.0.1:3000", s.servers[0])
	}
	return section(t, config, "\nbackend chat\n", "check\n", "\nbackend chat"+replace(t, documented(t, "instead of the backend"+s.variant),
		"backend chat", "",
		"127.0.0.1:3001", s.servers[0],
		"127.0.0.1:3002", s.servers[1]))
}

func runHAProxy(t *testing.T, s setup) string {
	dir, l := t.TempDir(), listen(t)
	file := filepath.Join(dir, "haproxy.cfg")
	write(t, file, s.modify(haproxyConfig(t, s, "fd@3")))
	run(t, exec.Command(find(t, "haproxy"), "-db", "-q", "-f", file), l)
	return l.Addr().String()
}

// listen opens the socket that a proxy will listen on. Connections wait in its
// queue until the proxy has started, so that nobody has to ask whether it has.
func listen(t *testing.T) *net.TCPListener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l.(*net.TCPListener)
}

// run starts a proxy, which inherits l as descriptor 3, and stops it when the test
// ends.
func run(t *testing.T, cmd *exec.Cmd, l *net.TCPListener) {
	t.Helper()
	socket, err := l.File()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.ExtraFiles = []*os.File{socket}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// If the proxy does not come up, nobody listens any more, and clients see it.
	l.Close()
	socket.Close()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s:\n%s", filepath.Base(cmd.Path), said.String())
		}
	})
}

// find returns the path of a program, which need not be in an ordinary user's PATH.
func find(t *testing.T, program string) string {
	t.Helper()
	for _, name := range []string{program, "/usr/sbin/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatalf("%s is needed for this test: scripts/setup installs it", program)
	return ""
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
