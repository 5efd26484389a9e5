//go:build !js

package session

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestPolledPayloadsAreCutAtPackets(t *testing.T) {
	payload := []byte("4aa\x1e4bbb\x1e4cccccccccc\x1e4d")
	for limit, want := range map[int]string{
		0:   "4aa\x1e4bbb\x1e4cccccccccc\x1e4d",
		100: "4aa\x1e4bbb\x1e4cccccccccc\x1e4d",
		8:   "4aa\x1e4bbb|4cccccccccc|4d", // one packet is larger than what the server takes
		7:   "4aa|4bbb|4cccccccccc|4d",
		3:   "4aa|4bbb|4cccccccccc|4d",
		1:   "4aa|4bbb|4cccccccccc|4d",
	} {
		var bodies []string
		for rest := payload; len(rest) > 0; {
			var body []byte
			body, rest = cutBody(rest, limit)
			bodies = append(bodies, string(body))
		}
		if got := strings.Join(bodies, "|"); got != want {
			t.Errorf("limit %d: %q, want %q", limit, got, want)
		}
	}
}

// TestFramesAreMasked checks what is written against an independent reader of frames.
func TestFramesAreMasked(t *testing.T) {
	var b frame.Builder
	b.BeginText()
	b.Buf = append(b.Buf, strings.Repeat("text", 10_000)...)
	b.EndText()
	b.Binary([]byte("short"))
	b.Binary(bytes.Repeat([]byte{1, 2, 3}, 30_000))
	var out bytes.Buffer
	conn := newWSConn(struct {
		io.Reader
		io.WriteCloser
	}{nil, nopCloser{&out}}, 0, frame.Form{})
	if err := conn.write([]item{{msg: b.Message()}, {msg: pongPacket}}); err != nil {
		t.Fatal(err)
	}
	masks := make(map[[4]byte]bool)
	for _, want := range []string{"4" + strings.Repeat("text", 10_000), "short", strings.Repeat("\x01\x02\x03", 30_000), "3"} {
		h, err := ws.ReadHeader(&out)
		if err != nil {
			t.Fatal(err)
		}
		if !h.Masked || !h.Fin {
			t.Errorf("header %+v", h)
		}
		masks[h.Mask] = true
		payload := out.Next(int(h.Length))
		ws.Cipher(payload, h.Mask, 0)
		if got := string(payload); got != want {
			t.Errorf("payload of %d bytes, want %d", len(got), len(want))
		}
	}
	if out.Len() != 0 || len(masks) != 4 {
		t.Errorf("%d bytes left, %d different masks", out.Len(), len(masks))
	}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func TestClockSeesSleepAndIgnoresAdjustments(t *testing.T) {
	var mono time.Duration
	wall := time.Unix(1e9, 0)
	c := newClock(func() (time.Duration, time.Time) { return mono, wall })
	for _, s := range []struct{ mono, wall, want time.Duration }{
		{time.Second, time.Second, time.Second},
		{time.Second, time.Hour, time.Second + time.Hour},                         // asleep
		{time.Second, -time.Hour, 2*time.Second + time.Hour},                      // set back
		{time.Second, 1900 * time.Millisecond, 3*time.Second + time.Hour},         // adjusted
		{time.Second, 2100 * time.Millisecond, 5100*time.Millisecond + time.Hour}, // asleep for a moment
		{10 * time.Second, 10 * time.Second, 15100*time.Millisecond + time.Hour},  // as usual
	} {
		mono += s.mono
		wall = wall.Add(s.wall)
		if got := c.now(); got != s.want {
			t.Errorf("%v, want %v", got, s.want)
		}
	}
}

// TestReadFrames reads what servers may and may not send.
func TestReadFrames(t *testing.T) {
	for name, c := range map[string]struct {
		wire string
		want string
		err  string
	}{
		"text":              {"\x81\x024a", "4a", "EOF"},
		"fragments":         {"\x01\x024a\x89\x01p\x00\x01b\x80\x01c", "ping:p,4abc", "EOF"},
		"binary":            {"\x82\x02\x00\xff", "\x00\xff", "EOF"},
		"empty":             {"\x81\x00", "", "EOF"},
		"16-bit length":     {"\x81\x7e\x00\x7e4" + strings.Repeat("x", 125), "4" + strings.Repeat("x", 125), "EOF"},
		"close":             {"\x88\x05\x03\xf3bye", "", `code 1011: "bye"`},
		"close, no status":  {"\x88\x00", "", "code 1005"},
		"masked":            {"\x81\x81abcdx", "", "masked"},
		"reserved bits":     {"\xc1\x00", "", "protocol"},
		"reserved opcode":   {"\x83\x00", "", "protocol"},
		"long ping":         {"\x89\x7e\x00\x80", "", "protocol"},
		"fragmented ping":   {"\x09\x00", "", "protocol"},
		"bare continuation": {"\x80\x01a", "", "protocol"},
		"two beginnings":    {"\x01\x01a\x81\x01b", "", "protocol"},
		"too large":         {"\x81\x7f\x00\x00\x00\x00\x00\x00\x10\x01", "", "larger than MaxPayload"},
		"endless fragments": {strings.Repeat("\x01\x7e\x08\x00", 1) + strings.Repeat("a", 2048) + "\x00\x7e\x08\x00" + strings.Repeat("a", 2048) + "\x00\x01a", "", "larger than MaxPayload"},
		"huge length":       {"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", "", "larger than MaxPayload"},
		"negative length":   {"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "", "most significant bit"},
		"invalid UTF-8":     {"\x81\x02\xc3\x28", "", "UTF-8"},
		"cut in a header":   {"\x81", "", "EOF"},
		"cut in a payload":  {"\x81\x054a", "", "unexpected EOF"},
	} {
		conn := newWSConn(struct {
			io.Reader
			io.WriteCloser
		}{strings.NewReader(c.wire), nopCloser{io.Discard}}, 4096, frame.Form{})
		var got []string
		for {
			op, payload, err := conn.read()
			if err != nil {
				if !strings.Contains(err.Error(), c.err) {
					t.Errorf("%s: error %v, want %q", name, err, c.err)
				}
				break
			}
			text := string(payload)
			if op == opPing {
				text = "ping:" + text
			}
			got = append(got, text)
		}
		if text := strings.Join(got, ","); text != c.want {
			t.Errorf("%s: %q, want %q", name, text, c.want)
		}
	}
}

// TestAnnouncedLengthsAreNotBelieved: memory is for bytes that came.
func TestAnnouncedLengthsAreNotBelieved(t *testing.T) {
	client, server := net.Pipe()
	defer server.Close()
	conn := newWSConn(client, 1<<30, frame.Form{})
	go func() {
		server.Write([]byte("\x82\x7f\x00\x00\x00\x00\x3f\xff\xff\xff"))
		server.Write(make([]byte, 10))
		server.Close()
	}()
	if _, _, err := conn.read(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v", err)
	}
	if cap(conn.message) > 2*firstChunk {
		t.Errorf("%d bytes were made for 10", cap(conn.message))
	}
}

// TestMessagesGather: a writer that is started takes all that was queued before it came,
// and after that all that was queued while it wrote.
func TestMessagesGather(t *testing.T) {
	for c, report := range map[carrier]eventKind{onWebSocket: evWritten, onPolling: evPosted} {
		m := newMachine(testConf, c)
		m.step(event{kind: evStart}, 0)
		writers := 0
		send := func(messages ...*frame.Message) {
			for _, msg := range messages {
				if eff := m.step(event{kind: evSend, item: item{msg: msg}}, 0); eff.post || eff.write {
					writers++
				}
			}
		}
		send(numbered[:3]...)
		for _, want := range []int{3, 2, 0} {
			if got := m.step(event{kind: report}, 0).lent; len(got) != want {
				t.Errorf("carrier %d: lent %d messages, want %d", c, len(got), want)
			}
			if want == 3 {
				send(numbered[3:5]...)
			}
		}
		if writers != 1 {
			t.Errorf("carrier %d: %d writers", c, writers)
		}
	}
}

// TestVolatile: a message that can be lost goes with what is about to be written, and
// behind a write that has only just begun. It is dropped if the network is busy.
func TestVolatile(t *testing.T) {
	for _, c := range []struct {
		name    string
		carrier carrier
		lent    bool // a writer has been lent a message before
		after   time.Duration
		dropped bool
	}{
		{"idle WebSocket", onWebSocket, false, time.Hour, false},
		{"WebSocket is being written to", onWebSocket, true, 0, false},
		{"WebSocket is stuck", onWebSocket, true, atOnce, true},
		{"idle polling", onPolling, false, time.Hour, false},
		{"POST is under way", onPolling, true, 0, true},
	} {
		m := newMachine(&machineConfig{heartbeat: 2 * time.Hour, maxQueue: 1 << 20}, c.carrier)
		m.step(event{kind: evStart}, 0)
		report := map[carrier]eventKind{onWebSocket: evWritten, onPolling: evPosted}[c.carrier]
		if c.lent {
			m.step(event{kind: evSend, item: item{msg: numbered[0]}}, 0)
			m.step(event{kind: report}, 0)
		}
		volatile := func(i int) error {
			return m.step(event{kind: evSend, item: item{msg: numbered[i], volatile: true}}, c.after).refused
		}
		for i := 1; i <= 2; i++ { // a burst too
			if err := volatile(i); errors.Is(err, ErrDropped) != c.dropped {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		m.step(event{kind: report}, c.after)
		m.step(event{kind: report}, c.after)
		if err := volatile(3); err != nil {
			t.Errorf("%s, and then idle: %v", c.name, err)
		}
	}
}

// TestUpgradeDoesNotHoldUpWhatWasSentBefore: a POST that is about to be made is made,
// although the answer to the probe has come in between.
func TestUpgradeDoesNotHoldUpWhatWasSentBefore(t *testing.T) {
	m := newMachine(testConf, onPolling)
	m.step(event{kind: evStart, upgradable: true}, 0)
	m.step(event{kind: evSend, item: item{msg: numbered[0]}}, 0)
	m.step(event{kind: evProbed}, 0)
	m.step(event{kind: evSend, item: item{msg: numbered[1]}}, 0)
	if got := m.step(event{kind: evPosted}, 0).lent; len(got) != 2 {
		t.Errorf("lent %d messages", len(got))
	}
	m.step(event{kind: evSend, item: item{msg: numbered[2]}}, 0)
	if got := m.step(event{kind: evPosted}, 0).lent; len(got) != 0 {
		t.Errorf("%d more POSTs while the WebSocket takes over", len(got))
	}
	if eff := m.step(event{kind: evGot}, 0); eff.probe != probeAdopt || !eff.write {
		t.Errorf("%+v", eff)
	}
}
