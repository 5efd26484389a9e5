package socketio

import (
	"context"
	"log/slog"
	"testing"
	"unsafe"
)

// Who does not use recovery does not pay for it: not a byte for each connection, not
// an allocation for each emit.
func TestRecoveryCostsNothingWhenOff(t *testing.T) {
	type withoutRecovery struct { // Socket, but for its pointer to a session
		_ [unsafe.Sizeof(Socket{}) - unsafe.Sizeof(uintptr(0))]byte
		_ *int
	}
	const class = 176 // of the allocator: what a Socket occupies with the pointer and without
	if size := unsafe.Sizeof(Socket{}); size > class || unsafe.Sizeof(withoutRecovery{}) > class {
		t.Errorf("a socket has %d bytes, more than %d", size, class)
	}
	srv := NewServer(Options{Logger: slog.New(slog.DiscardHandler)})
	defer srv.Close()
	if s := newSocket(srv.main, nil, Args{}.Args); s.recovery != nil || srv.main.recovery != nil {
		t.Error("there is something of recovery")
	}
	emit := func() {
		if err := srv.EmitContext(context.Background(), "event"); err != nil {
			t.Fatal(err)
		}
	}
	// The builder, the encoded bytes, and the message.
	if n := testing.AllocsPerRun(100, emit); n > 3 {
		t.Errorf("%v allocations", n)
	}
}
