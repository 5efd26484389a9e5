// Package eventlog keeps the latest events of a namespace, so that clients that come
// back can be given what they have missed.
package eventlog

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// An offset is the name of the log, a hyphen, and a number that counts events. All are
// of the same length, so that offsets of one log sort as strings as well.
const (
	nameLen   = 8
	numberLen = 9
	base      = 36

	// OffsetLen is the length of every offset.
	OffsetLen = nameLen + 1 + numberLen
)

// entryCost is about what an entry costs besides the size that Append is told.
const entryCost = 128

// Log is a list of events in the order of their offsets. It forgets what is too old or
// too much. It is not safe for concurrent use.
type Log[T any] struct {
	name     string
	start    time.Time
	maxAge   time.Duration
	maxBytes int

	// A ring: the list begins at head, and goes on at 0 behind the last element.
	ring    []Entry[T] // its length is 0 or a power of two
	head, n int
	end     uint64 // the number of the last event; 0 if there has been none
	bytes   int
	dropped uint64
}

// Entry is one event.
type Entry[T any] struct {
	Offset string
	Event  T

	at   time.Duration // since the log was made
	size int
}

// New returns an empty log. Its offsets differ from those of every other log.
func New[T any](maxAge time.Duration, maxBytes int) *Log[T] {
	name := make([]byte, nameLen*6/8)
	rand.Read(name)
	return &Log[T]{name: base64.RawURLEncoding.EncodeToString(name), start: time.Now(), maxAge: maxAge, maxBytes: maxBytes}
}

// Limit lets the log keep at least so much.
func (l *Log[T]) Limit(maxAge time.Duration, maxBytes int) {
	l.maxAge = max(l.maxAge, maxAge)
	l.maxBytes = max(l.maxBytes, maxBytes)
}

// Next is the offset that Append will give to the next event.
func (l *Log[T]) Next() string { return l.offset(l.end + 1) }

// End is the offset of the last event. If there has been none it is one before all.
func (l *Log[T]) End() string {
	if l.n > 0 {
		return l.entry(l.n - 1).Offset
	}
	return l.offset(l.end)
}

func (l *Log[T]) offset(n uint64) string {
	var b [OffsetLen]byte
	copy(b[:], l.name)
	b[nameLen] = '-'
	digits := strconv.AppendUint(b[:nameLen+1], n, base)[nameLen+1:]
	number := b[nameLen+1:]
	pad := copy(number[numberLen-len(digits):], digits)
	for i := range number[:numberLen-pad] {
		number[i] = '0'
	}
	return string(b[:])
}

// number returns the number of an offset; ok is false if it is none of this log.
func (l *Log[T]) number(offset string) (n uint64, ok bool) {
	if len(offset) != OffsetLen || !strings.HasPrefix(offset, l.name) || offset[nameLen] != '-' {
		return 0, false
	}
	n, err := strconv.ParseUint(offset[nameLen+1:], base, 64)
	return n, err == nil && n <= l.end
}

// IsForeign reports whether a string looks like an offset, but of another log.
func (l *Log[T]) IsForeign(offset string) bool {
	if len(offset) != OffsetLen || offset[nameLen] != '-' || strings.HasPrefix(offset, l.name) {
		return false
	}
	_, err := strconv.ParseUint(offset[nameLen+1:], base, 64)
	return err == nil
}

// Compare tells which of two offsets comes first: the result is negative, 0 or
// positive. ok is false if one of them is none that this log has given.
func (l *Log[T]) Compare(a, b string) (order int, ok bool) {
	x, okX := l.number(a)
	y, okY := l.number(b)
	if !okX || !okY {
		return 0, false
	}
	return cmp.Compare(x, y), true
}

// Append adds an event, whose offset is that which Next has returned last. The size is
// what it counts against the bound in bytes.
func (l *Log[T]) Append(offset string, event T, size int, now time.Time) {
	size += entryCost
	if l.n == len(l.ring) {
		l.resize(max(16, 2*len(l.ring)))
	}
	*l.entry(l.n) = Entry[T]{Offset: offset, Event: event, at: now.Sub(l.start), size: size}
	l.n++
	l.end++
	l.bytes += size
	l.Trim(now)
	for l.bytes > l.maxBytes {
		l.dropped++
		l.forget()
	}
}

// Trim forgets what is too old. It returns how long the rest may stay; 0 if there is
// none.
func (l *Log[T]) Trim(now time.Time) time.Duration {
	for l.n > 0 {
		if left := l.maxAge - now.Sub(l.start) + l.entry(0).at; left > 0 {
			return left
		}
		l.forget()
	}
	return 0
}

// entry returns the entry at place i, which may be that behind the last one.
func (l *Log[T]) entry(i int) *Entry[T] { return &l.ring[(l.head+i)&(len(l.ring)-1)] }

func (l *Log[T]) forget() {
	first := l.entry(0)
	l.bytes -= first.size
	*first = Entry[T]{}
	l.head = (l.head + 1) & (len(l.ring) - 1)
	l.n--
	switch {
	case l.n == 0:
		l.ring, l.head = nil, 0
	case l.n < len(l.ring)/4:
		l.resize(len(l.ring) / 2)
	}
}

func (l *Log[T]) resize(n int) {
	ring := make([]Entry[T], n)
	l.copyTo(ring, 0)
	l.ring, l.head = ring, 0
}

// copyTo copies the entries from place i on.
func (l *Log[T]) copyTo(dst []Entry[T], i int) {
	if i == l.n {
		return
	}
	from := (l.head + i) & (len(l.ring) - 1)
	n := copy(dst, l.ring[from:min(from+l.n-i, len(l.ring))])
	copy(dst[n:], l.ring[:l.n-i-n])
}

// Since returns the events after the given offset. ok is false if the offset is none
// of this log, or the log has forgotten some of them.
func (l *Log[T]) Since(offset string) (events []Entry[T], ok bool) {
	n, ok := l.number(offset)
	missed := l.end - n
	if !ok || missed > uint64(l.n) {
		return nil, false
	}
	events = make([]Entry[T], missed)
	l.copyTo(events, l.n-int(missed))
	return events, true
}

// Bytes is the size of what is kept.
func (l *Log[T]) Bytes() int { return l.bytes }

// Dropped counts the events that were forgotten before they were too old.
func (l *Log[T]) Dropped() uint64 { return l.dropped }
