package inflate

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// deflate compresses a message as a peer does: the last four bytes are not sent.
func deflate(t testing.TB, message string, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(message))
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\x00\x00\xff\xff"))
}

// The forms that a message may have, from the examples of RFC 7692, section 7.2.3.
func TestForms(t *testing.T) {
	for name, c := range map[string]struct{ message, want string }{
		"one block":                    {"\xf2\x48\xcd\xc9\xc9\x07\x00", "Hello"},
		"a block that is not deflated": {"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", "Hello"},
		"a last block":                 {"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", "Hello"},
		"two blocks":                   {"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", "Hello"},
		"nothing":                      {"\x00", ""},
	} {
		got, err := Message([]byte(c.message), 100)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// What is exactly as long as allowed is returned, and what is longer by a byte is not.
func TestLimit(t *testing.T) {
	for _, n := range []int{0, 1, 511, 512, 513, 40_000} {
		want := strings.Repeat("abcdefghijk", n/11+1)[:n]
		for _, level := range []int{flate.NoCompression, flate.BestSpeed, flate.BestCompression, flate.HuffmanOnly} {
			message := deflate(t, want, level)
			if got, err := Message(message, int64(n)); err != nil || string(got) != want {
				t.Errorf("%d bytes, level %d: %d bytes, %v", n, level, len(got), err)
			}
			if n == 0 {
				continue
			}
			if got, err := Message(message, int64(n)-1); got != nil || err != ErrTooLarge {
				t.Errorf("%d bytes, level %d, one less allowed: %d bytes, %v", n, level, len(got), err)
			}
		}
	}
}

// A bomb is not inflated further than allowed.
func TestBomb(t *testing.T) {
	message := deflate(t, strings.Repeat("\x00", 8<<20), flate.BestCompression)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Message(message, 1000)
	runtime.ReadMemStats(&after)
	if err != ErrTooLarge {
		t.Errorf("error %v", err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes of memory for a message of %d that may become 1000", n, len(message))
	}
}

func TestInvalid(t *testing.T) {
	whole := deflate(t, "a message of which the end is missing, or of which there is too much", flate.BestCompression)
	invalid := map[string]string{
		"not a single byte":                        "",
		"a block of no type":                       "\x07",
		"a length that is wrong":                   "\x00\x05\x00\x00\x00Hello\x00",
		"a copy of what came before the beginning": "\x02\x02\x00",
		"random bytes":                             "\xff\xff\xff\xff",
		"more behind the end":                      "\xf3\x48\xcd\xc9\xc9\x07\x00\x00more",
		"a message twice, the first of which says that it is the last": "\xf3\x48\xcd\xc9\xc9\x07\x00\xf3\x48\xcd\xc9\xc9\x07\x00",
	}
	for n := range whole[:len(whole)-1] {
		invalid[fmt.Sprintf("cut after %d bytes", n)] = string(whole[:n])
	}
	for name, message := range invalid {
		got, err := Message([]byte(message), 1000)
		if got != nil || !errors.Is(err, ErrInvalid) || errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// An inflater is used again, also after an error and by several at once; what it has
// returned is not.
func TestReuse(t *testing.T) {
	var all sync.WaitGroup
	for _, letter := range "abcd" {
		all.Go(func() {
			want := strings.Repeat(string(letter), 3000)
			message := deflate(t, want, flate.BestSpeed)
			var kept [][]byte
			for range 50 {
				Message(message[:len(message)/2], 10_000)
				Message(message, 10)
				got, err := Message(message, 10_000)
				if err != nil {
					t.Error(err)
				}
				kept = append(kept, got)
			}
			for _, got := range kept {
				if string(got) != want {
					t.Errorf("%.20q instead of %.20q", got, want)
				}
			}
		})
	}
	all.Wait()
}

// FuzzMessage inflates anything: the result is not longer than allowed, and the error one
// of the two. What has been deflated comes back.
func FuzzMessage(f *testing.F) {
	f.Add([]byte("\xf2\x48\xcd\xc9\xc9\x07\x00"), uint16(5))
	f.Add([]byte("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), uint16(4))
	f.Add([]byte("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"), uint16(100))
	f.Add(deflate(f, strings.Repeat("x", 10_000), flate.BestCompression), uint16(9999))
	f.Add([]byte("\xff\xff\xff"), uint16(0))
	f.Fuzz(func(t *testing.T, message []byte, max uint16) {
		got, err := Message(message, int64(max))
		switch {
		case err == nil && len(got) > int(max):
			t.Errorf("%d bytes, %d are allowed", len(got), max)
		case err != nil && (got != nil || !errors.Is(err, ErrInvalid) && err != ErrTooLarge):
			t.Errorf("%q, %v", got, err)
		}
		again, err := Message(deflate(t, string(message), flate.BestSpeed), int64(len(message)))
		if err != nil || !bytes.Equal(again, message) {
			t.Errorf("%q came back as %q, %v", message, again, err)
		}
	})
}
