package intern

import (
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Far more names than there are slots, from several goroutines.
func TestString(t *testing.T) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 4 * slots {
				want := strconv.Itoa(i)
				b := []byte(want)
				got := String(b)
				b[0] = 'x' // it must not share the memory
				if got != want {
					t.Errorf("got %q, want %q", got, want)
					return
				}
			}
		})
	}
	wg.Wait()
	if long := strings.Repeat("a", MaxLen+1); String([]byte(long)) != long || String(nil) != "" {
		t.Error("long or empty name")
	}
}
