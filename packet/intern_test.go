package packet

import (
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Far more names than there are slots, from several goroutines.
func TestIntern(t *testing.T) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 4 * internSlots {
				want := strconv.Itoa(i)
				b := []byte(want)
				got := intern(b)
				b[0] = 'x' // it must not share the memory
				if got != want {
					t.Errorf("got %q, want %q", got, want)
					return
				}
			}
		})
	}
	wg.Wait()
	if long := strings.Repeat("a", maxInternLen+1); intern([]byte(long)) != long || intern(nil) != "" {
		t.Error("long or empty name")
	}
}
