package engine

import (
	"errors"
	"testing"
)

// A receiver that panics ends its own session, on whatever goroutine it was called, and
// the server goes on.
func TestReceiverThatPanicsEndsItsSession(t *testing.T) {
	fails := func(*endpoint) { panic("a mistake of the application") }
	for _, transport := range []string{Polling, WebSocket} {
		for name, arm := range map[string]func(*host){
			"a message":          func(h *host) { h.onMessage = func(e *endpoint, _ []byte, _ bool) { fails(e) } },
			"the end of a batch": func(h *host) { h.onBatch = fails },
		} {
			t.Run(name+" over "+transport, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					h := newHost(t, Options{}, memory, arm)
					e := h.fatally(transport)
					e.expect("text x")
					if name == "the end of a batch" {
						e.expect("end")
					}
					e.expect("closed forced close")
					if !errors.Is(e.err, errPanicked) {
						t.Errorf("closed with %v", e.err)
					}
					e.quiet()
					h.open()
					if err := h.engine.Shutdown(t.Context()); err != nil {
						t.Errorf("Shutdown = %v", err)
					}
				})
			})
		}
	}
}

// The end of a session may come in any goroutine.
func TestReceiverThatPanicsAtItsEnd(t *testing.T) {
	for _, transport := range []string{Polling, WebSocket} {
		bubble(t, func(t *testing.T) {
			h := newHost(t, Options{}, memory)
			h.onClosed = func(*endpoint) { panic("a mistake of the application") }
			h.onMessage = func(e *endpoint, _ []byte, _ bool) { e.Abort(ReasonForcedClose, nil) }
			h.fatally(transport)
			h.open()
			if err := h.engine.Shutdown(t.Context()); err != nil {
				t.Errorf("%s: Shutdown = %v", transport, err)
			}
		})
	}
}

// fatally opens a session and sends a message that the receiver does not survive.
func (h *host) fatally(transport string) *endpoint {
	h.t.Helper()
	if transport == WebSocket {
		c, e := h.connect()
		c.text("4x")
		c.expectCut()
		return e
	}
	e := h.open()
	h.post(e, "4x")
	h.get(e).want(h.t, 400, unknownSession)
	return e
}
