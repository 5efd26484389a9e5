package engine

import (
	"net/http/httptest"
	"testing"
	"unsafe"
)

// Whoever keeps a client's address or URL does not keep all its headers in memory.
func TestAddressAndURLAreOnTheirOwn(t *testing.T) {
	h := newHandshake(httptest.NewRequest("GET", "/engine.io/?EIO=4", nil), nil, nil)
	from := uintptr(unsafe.Pointer(unsafe.StringData(h.packed.own)))
	for _, s := range []string{h.Address(), h.URL()} {
		if at := uintptr(unsafe.Pointer(unsafe.StringData(s))); s == "" || at >= from && at < from+uintptr(len(h.packed.own)) {
			t.Errorf("%q is a part of what is kept of the request", s)
		}
	}
}
