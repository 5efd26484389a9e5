// Package intern keeps names that come again and again.
//
// Event names, namespaces and names of members do, from every connection, so those
// seen lately are shared instead of being allocated for every packet. A slot is
// simply overwritten by the next name that falls into it; a hostile peer gains
// nothing but an allocation per name.
package intern

import (
	"hash/maphash"
	"sync/atomic"
)

const slots = 1024

// MaxLen is the length of the longest names that are kept, in bytes.
const MaxLen = 32

var (
	interned [slots]atomic.Pointer[string]
	seed     = maphash.MakeSeed()
)

// String returns b as a string that does not share its memory. It is safe for
// concurrent use.
func String(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > MaxLen {
		return string(b)
	}
	slot := &interned[maphash.Bytes(seed, b)%slots]
	if s := slot.Load(); s != nil && *s == string(b) {
		return *s
	}
	s := string(b)
	slot.Store(&s)
	return s
}
