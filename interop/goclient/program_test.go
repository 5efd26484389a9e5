package goclient

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/internal/leak"
)

// programEnv in the environment makes this test a program with nothing but a client, for
// tests in which something happens to the whole process.
const programEnv = "GOCLIENT_PROGRAM"

// program says what it does, as JSON in the environment.
type program struct {
	URL, Transport string
	IsKilled       bool // as soon as it has connected; otherwise it stays
}

func TestMain(m *testing.M) {
	if text := os.Getenv(programEnv); text != "" {
		beProgram(text)
	}
	leak.Main(m)
}

func beProgram(text string) {
	var p program
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		panic(err)
	}
	for { // the first connection is not retried by the client, and on a busy machine it may be too late
		_, err := client.Connect(context.Background(), p.URL, client.Options{
			Transports: []string{p.Transport}, ReconnectDelay: 10 * time.Millisecond, ReconnectDelayMax: 20 * time.Millisecond,
		})
		if err == nil {
			break
		}
	}
	if p.IsKilled {
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			panic(err)
		}
		self.Kill()
	}
	select {}
}

func (p program) command(t *testing.T) *exec.Cmd {
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), programEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	return cmd
}
