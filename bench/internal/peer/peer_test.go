package peer

import (
	"net"
	"os"
	"strings"
	"testing"
)

func TestCustom(t *testing.T) {
	p, err := Custom("mine=./server -a b")
	if err != nil || p.Name != "mine" || strings.Join(p.Command, "|") != "./server|-a|b" {
		t.Errorf("%+v, %v", p, err)
	}
	for _, bad := range []string{"", "mine", "mine=", "=x"} {
		if _, err := Custom(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func TestAServerThatEndsIsReportedWithWhatItSaid(t *testing.T) {
	p := Peer{Name: "broken", Command: []string{"sh", "-c", "echo no such option >&2; exit 3"}}
	_, err := p.Start(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "no such option") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v", err)
	}
	if _, err := (Peer{Name: "none", Command: []string{"/no/such/program"}}).Start(t.Context(), nil); err == nil {
		t.Error("no error for a program that is not there")
	}
}

// TestMain lets this program be a server, too.
func TestMain(m *testing.M) {
	if os.Getenv("BE_A_SERVER") == "" {
		os.Exit(m.Run())
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		os.Exit(1)
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			os.Exit(1)
		}
		conn.Close()
	}
}

func TestStartAndStop(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := Peer{Name: "test", Command: []string{program}, Env: []string{"BE_A_SERVER=1"}}
	s, err := p.Start(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	target := s.Target("")
	if cpu, err := target.Process.CPU(); err != nil || cpu <= 0 {
		t.Errorf("CPU %v, %v", cpu, err)
	}
	if _, err := target.Debug.Stats(t.Context()); err == nil {
		t.Error("statistics of a server that has none")
	}
	s.Stop()
	if conn, err := net.Dial("tcp", target.Address.String()); err == nil {
		conn.Close()
		t.Error("it still listens")
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	out := &tail{limit: 5}
	out.Write([]byte("abc"))
	out.Write([]byte("defg"))
	if got := out.String(); got != "cdefg" {
		t.Errorf("%q", got)
	}
}

func TestUnknownBundledServer(t *testing.T) {
	if _, err := (Preparer{}).Prepare(t.Context(), "deno"); err == nil || !strings.Contains(err.Error(), "deno") {
		t.Errorf("got %v", err)
	}
}
