package peer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/go-socketio/socketio/bench/internal/serve"
)

// debugPort implements scenario.Debug.
type debugPort struct {
	url     string
	client  http.Client
	profile string // file to write
}

func newDebugPort(port uint16) *debugPort {
	return &debugPort{
		url:    fmt.Sprintf("http://127.0.0.1:%d", port),
		client: http.Client{Transport: &http.Transport{}, Timeout: 2 * time.Minute},
	}
}

func (d *debugPort) Stats(ctx context.Context) (serve.Stats, error) {
	var s serve.Stats
	err := d.request(ctx, http.MethodGet, "/stats", func(body io.Reader) error {
		return json.NewDecoder(body).Decode(&s)
	})
	return s, err
}

func (d *debugPort) CollectGarbage(ctx context.Context) error {
	return d.request(ctx, http.MethodPost, "/gc", func(io.Reader) error { return nil })
}

func (d *debugPort) Profile(ctx context.Context, t time.Duration) error {
	seconds := max(1, int(t.Seconds()))
	return d.request(ctx, http.MethodGet, fmt.Sprintf("/debug/pprof/profile?seconds=%d", seconds), func(body io.Reader) error {
		f, err := os.Create(d.profile)
		if err != nil {
			return err
		}
		if _, err := io.Copy(f, body); err != nil {
			f.Close()
			return err
		}
		return f.Close()
	})
}

func (d *debugPort) request(ctx context.Context, method, path string, read func(io.Reader) error) error {
	req, err := http.NewRequestWithContext(ctx, method, d.url+path, nil)
	if err != nil {
		return err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	return read(resp.Body)
}
