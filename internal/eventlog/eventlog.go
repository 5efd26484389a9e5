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
	maxAge   time.Duration
	maxBytes int

	entries []Entry[T] // in order; those before head have been forgotten
	head    int
	end     uint64 // the number of the last event; 0 if there has been none
	bytes   int
	dropped uint64
}

// Entry is one event.
type Entry[T any] struct {
	Offset string
	Event  T

	at   time.Time
	size int
}

// New returns an empty log. Its offsets differ from those of every other log.
func New[T any](maxAge time.Duration, maxBytes int) *Log[T] {
	name := make([]byte, nameLen*6/8)
	rand.Read(name)
	return &Log[T]{name: base64.RawURLEncoding.EncodeToString(name), maxAge: maxAge, maxBytes: maxBytes}
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
	if n := len(l.entries); n > l.head {
		return l.entries[n-1].Offset
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
	l.entries = append(l.entries, Entry[T]{Offset: offset, Event: event, at: now, size: size})
	l.end++
	l.bytes += size
	l.Trim(now)
	for l.bytes > l.maxBytes {
		l.dropped++
		l.forget()
	}
	l.compact()
}

// Trim forgets what is too old. It returns how long the rest may stay; 0 if there is
// none.
func (l *Log[T]) Trim(now time.Time) time.Duration {
	for l.head < len(l.entries) {
		if left := l.maxAge - now.Sub(l.entries[l.head].at); left > 0 {
			return left
		}
		l.forget()
	}
	l.compact()
	return 0
}

func (l *Log[T]) forget() {
	l.bytes -= l.entries[l.head].size
	l.entries[l.head] = Entry[T]{}
	l.head++
}

// compact gives the memory of what has been forgotten back.
func (l *Log[T]) compact() {
	if l.head == len(l.entries) {
		l.entries, l.head = nil, 0
		return
	}
	if l.head >= 64 && l.head >= len(l.entries)/2 {
		l.entries = append(make([]Entry[T], 0, 2*(len(l.entries)-l.head)), l.entries[l.head:]...)
		l.head = 0
	}
}

// Since returns the events after the given offset, valid until the log changes. ok is
// false if the offset is none of this log, or the log has forgotten some of them.
func (l *Log[T]) Since(offset string) (events []Entry[T], ok bool) {
	n, ok := l.number(offset)
	missed, kept := l.end-n, uint64(len(l.entries)-l.head)
	if !ok || missed > kept {
		return nil, false
	}
	return l.entries[uint64(len(l.entries))-missed:], true
}

// Bytes is the size of what is kept.
func (l *Log[T]) Bytes() int { return l.bytes }

// Dropped counts the events that were forgotten before they were too old.
func (l *Log[T]) Dropped() uint64 { return l.dropped }
