package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall/js"
	"time"

	"github.com/go-socketio/socketio/engine/frame"
)

// In a browser, and wherever else Go runs as WebAssembly, the JavaScript around it
// opens the WebSocket. It can set no headers, and obeys the browser's proxy, TLS and
// cookies instead of the HTTP client's. Compression is the browser's business too.

func (c *Config) prepareUpgrade(*http.Request) {}

func tunnelled(rt http.RoundTripper) http.RoundTripper { return rt }

// jsSocket is a WebSocket of the JavaScript around us.
type jsSocket struct {
	value js.Value
	funcs []js.Func
	max   int64

	base64 bool

	mu       sync.Mutex
	messages []jsMessage
	size     int64
	err      error         // why there are no more messages
	changed  chan struct{} // closed and replaced when one of the above has changed
}

type jsMessage struct {
	op      opcode
	payload []byte
}

// openWebSocket opens a WebSocket, for the session with the given id if it is not
// empty. The error is a [*DialError].
func (c *Config) openWebSocket(ctx context.Context, sid string) (ws webSocket, err error) {
	failed := func(err error) error {
		return &DialError{Step: StepRequest, Transport: WebSocket, Code: -1, Err: err}
	}
	class := js.Global().Get("WebSocket")
	if class.Type() != js.TypeFunction {
		return nil, failed(errors.New("there is no WebSocket in this JavaScript"))
	}
	defer func() {
		if v := recover(); v != nil { // the constructor throws for a URL that the page may not use
			err = failed(fmt.Errorf("open a WebSocket: %v", v))
		}
	}()
	url := "ws" + strings.TrimPrefix(c.requestURL(WebSocket, sid), "http")
	s := &jsSocket{value: class.New(url), max: c.MaxPayload, base64: c.Base64, changed: make(chan struct{})}
	s.value.Set("binaryType", "arraybuffer")
	opened := make(chan struct{})
	var once sync.Once
	s.listen("open", func(js.Value) { once.Do(func() { close(opened) }) })
	s.listen("message", s.receive)
	s.listen("close", func(e js.Value) {
		s.fail(&closeError{code: e.Get("code").Int(), reason: e.Get("reason").String()})
		s.release()
	})
	_, changed := s.state()
	select {
	case <-opened:
		return s, nil
	case <-changed:
		reason, _ := s.state()
		return nil, failed(reason)
	case <-ctx.Done():
		s.abort()
		return nil, failed(context.Cause(ctx))
	}
}

func (s *jsSocket) listen(event string, handle func(js.Value)) {
	f := js.FuncOf(func(_ js.Value, args []js.Value) any {
		handle(args[0])
		return nil
	})
	s.funcs = append(s.funcs, f)
	s.value.Call("addEventListener", event, f)
}

// release frees the listeners, after the last event.
func (s *jsSocket) release() {
	for _, f := range s.funcs {
		f.Release()
	}
}

func (s *jsSocket) state() (err error, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err, s.changed
}

func (s *jsSocket) receive(e js.Value) {
	var m jsMessage
	if data := e.Get("data"); data.Type() == js.TypeString {
		m.payload = []byte(data.String())
	} else {
		bytes := js.Global().Get("Uint8Array").New(data)
		m.op, m.payload = opBinary, make([]byte, bytes.Length())
		js.CopyBytesToGo(m.payload, bytes)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// JavaScript cannot stop reading, so what has not been read is bounded here.
	if s.size += int64(len(m.payload)); s.size > s.max {
		s.failLocked(fmt.Errorf("messages that wait to be read are %w (%d bytes)", errTooLarge, s.max))
		s.value.Call("close")
		return
	}
	s.messages = append(s.messages, m)
	s.signal()
}

func (s *jsSocket) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failLocked(err)
}

func (s *jsSocket) failLocked(err error) {
	if s.err == nil {
		s.err = err
		s.signal()
	}
}

func (s *jsSocket) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// read implements [webSocket].
func (s *jsSocket) read() (opcode, []byte, error) {
	for {
		s.mu.Lock()
		if len(s.messages) > 0 {
			m := s.messages[0]
			s.messages = s.messages[1:]
			s.size -= int64(len(m.payload))
			s.mu.Unlock()
			return m.op, m.payload, nil
		}
		err, changed := s.err, s.changed
		s.mu.Unlock()
		if err != nil {
			return 0, nil, err
		}
		<-changed
	}
}

const (
	// writeBacklog is how many bytes JavaScript may hold for the network before more
	// are written, and writePause how often that is looked at: it does not tell.
	writeBacklog = 256 << 10
	writePause   = 10 * time.Millisecond
)

// write implements [webSocket].
func (s *jsSocket) write(items []item) error {
	for _, it := range items {
		for header, payload := range frames(it.msg.WebSocketAs(frame.Form{Base64: s.base64})) {
			if err, _ := s.state(); err != nil {
				return err
			}
			if header[0]&0x0F == 1 {
				s.value.Call("send", string(payload))
			} else {
				bytes := js.Global().Get("Uint8Array").New(len(payload))
				js.CopyBytesToJS(bytes, payload)
				s.value.Call("send", bytes)
			}
		}
	}
	for s.value.Get("bufferedAmount").Int() > writeBacklog {
		if err, _ := s.state(); err != nil {
			return err
		}
		time.Sleep(writePause)
	}
	return nil
}

// close implements [webSocket]. What was written before is sent first.
func (s *jsSocket) close() { s.abort() }

// abort implements [webSocket].
func (s *jsSocket) abort() {
	s.value.Call("close")
	s.fail(errEnded)
}
