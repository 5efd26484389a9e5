package packet

import (
	"hash/maphash"
	"sync/atomic"
)

// Event names, namespaces and names of members come again and again, from
// every connection, so those seen lately are kept and shared instead of being
// allocated for every packet. A slot is simply overwritten by the next name that
// falls into it; a hostile peer gains nothing but an allocation per name.

const (
	internSlots  = 1024
	maxInternLen = 32
)

var (
	interned   [internSlots]atomic.Pointer[string]
	internSeed = maphash.MakeSeed()
)

// intern returns b as a string that does not share its memory.
func intern(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > maxInternLen {
		return string(b)
	}
	slot := &interned[maphash.Bytes(internSeed, b)%internSlots]
	if s := slot.Load(); s != nil && *s == string(b) {
		return *s
	}
	s := string(b)
	slot.Store(&s)
	return s
}
