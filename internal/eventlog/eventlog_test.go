package eventlog

import (
	"fmt"
	"testing"
	"time"
)

// start is a moment after the logs have been made.
var start = time.Now().Add(time.Hour)

func filled(n int) (*Log[int], []string) {
	l := New[int](time.Minute, 1<<20)
	offsets := []string{l.End()}
	for i := 1; i <= n; i++ {
		offset := l.Next()
		l.Append(offset, i, 0, start)
		offsets = append(offsets, offset)
	}
	return l, offsets
}

// events are the events since an offset, or "lost".
func events(l *Log[int], offset string) string {
	entries, ok := l.Since(offset)
	if !ok {
		return "lost"
	}
	var events []int
	for _, e := range entries {
		events = append(events, e.Event)
	}
	return fmt.Sprint(events)
}

func TestSince(t *testing.T) {
	l, offsets := filled(3)
	for i, want := range []string{"[1 2 3]", "[2 3]", "[3]", "[]"} {
		if got := events(l, offsets[i]); got != want {
			t.Errorf("since %d: %s, want %s", i, got, want)
		}
	}
	other, _ := filled(3)
	for _, offset := range []string{"", "x", other.End(), l.Next(), offsets[1][:nameLen+1] + "-00000001", offsets[1] + "0"} {
		if got := events(l, offset); got != "lost" {
			t.Errorf("since %q: %s", offset, got)
		}
	}
}

func TestOffsetsOfOtherLogs(t *testing.T) {
	l, offsets := filled(1)
	other, _ := filled(1)
	for offset, want := range map[string]bool{
		"": false, "x": false, offsets[0]: false, offsets[1]: false, l.Next(): false,
		other.End(): true, other.Next(): true,
		"an argument of 18.": false, "a string-of 18....": false, other.End() + "0": false,
	} {
		if got := l.IsForeign(offset); got != want {
			t.Errorf("IsForeign(%q) = %v", offset, got)
		}
	}
}

func TestOffsetsAreOrdered(t *testing.T) {
	l, offsets := filled(100)
	for i, a := range offsets {
		for j, b := range offsets {
			order, ok := l.Compare(a, b)
			if !ok || order < 0 != (i < j) || order > 0 != (i > j) || a < b != (i < j) {
				t.Fatalf("Compare(%s, %s) = %d, %v", a, b, order, ok)
			}
		}
		if len(a) != OffsetLen {
			t.Errorf("%q has %d characters", a, len(a))
		}
	}
	if _, ok := l.Compare(offsets[0], l.Next()); ok {
		t.Error("an offset of the future can be compared")
	}
	if _, ok := l.Compare("x", offsets[0]); ok {
		t.Error("what is no offset can be compared")
	}
}

// What is forgotten is never passed over in silence.
func TestAge(t *testing.T) {
	l, offsets := filled(3)
	offset := l.Next()
	l.Append(offset, 4, 0, start.Add(30*time.Second))
	if left := l.Trim(start.Add(59 * time.Second)); left != time.Second || events(l, offsets[0]) != "[1 2 3 4]" {
		t.Errorf("%v left, %s", left, events(l, offsets[0]))
	}
	if left := l.Trim(start.Add(time.Minute)); left != 30*time.Second {
		t.Errorf("%v left", left)
	}
	if got := events(l, offsets[2]); got != "lost" {
		t.Errorf("since a forgotten event: %s", got)
	}
	if got := events(l, offsets[3]); got != "[4]" {
		t.Errorf("since the last forgotten event: %s", got)
	}
	if left := l.Trim(start.Add(90 * time.Second)); left != 0 || l.Bytes() != 0 || l.Dropped() != 0 {
		t.Errorf("%v left, %d bytes, %d dropped", left, l.Bytes(), l.Dropped())
	}
	if l.End() != offset || events(l, offset) != "[]" || events(l, offsets[3]) != "lost" {
		t.Error("an empty log does not know where it ends")
	}
}

func TestBytes(t *testing.T) {
	const size, n = 1000, 10
	l := New[int](time.Minute, n*(size+entryCost))
	var offsets []string
	for i := range 500 {
		offsets = append(offsets, l.Next())
		l.Append(offsets[i], i, size, start)
		if l.Bytes() > n*(size+entryCost) {
			t.Fatalf("%d bytes", l.Bytes())
		}
	}
	if l.Dropped() != 490 || events(l, offsets[489]) != "[490 491 492 493 494 495 496 497 498 499]" || events(l, offsets[488]) != "lost" {
		t.Errorf("%d dropped, %s", l.Dropped(), events(l, offsets[489]))
	}
	l.Append(l.Next(), 500, 100*size, start)
	if l.Bytes() != 0 || events(l, offsets[499]) != "lost" {
		t.Error("an event that does not fit is there, or has not been missed")
	}
	l.Limit(time.Second, 200*size)
	l.Append(l.Next(), 501, 100*size, start)
	if events(l, l.End()) != "[]" || l.Bytes() == 0 {
		t.Error("Limit has no effect")
	}
}

// The ring, against a plain list.
func TestRing(t *testing.T) {
	l := New[int](time.Second, 1<<20)
	var model []Entry[int]
	now := l.start
	for i := range 3000 {
		// Events come faster and slower, so that the ring grows and shrinks.
		now = now.Add(time.Duration(1+i/300%4*i/300%4) * time.Millisecond * 5)
		offset := l.Next()
		l.Append(offset, i, 0, now)
		model = append(model, Entry[int]{Offset: offset, Event: i, at: now.Sub(l.start)})
		for now.Sub(l.start)-model[0].at >= time.Second {
			model = model[1:]
		}
		for _, back := range []int{1, len(model)/2 + 1, len(model)} {
			entries, ok := l.Since(model[len(model)-back].Offset)
			if !ok || len(entries) != back-1 {
				t.Fatalf("event %d, %d back: %d entries, %v", i, back, len(entries), ok)
			}
			for k, e := range entries {
				if want := model[len(model)-back+1+k]; e.Offset != want.Offset || e.Event != want.Event {
					t.Fatalf("event %d, %d back: entry %d is %v, want %v", i, back, k, e, want)
				}
			}
		}
		if before := uint64(len(model)) + 1; l.end >= before {
			if _, ok := l.Since(l.offset(l.end - before)); ok {
				t.Fatalf("event %d: more than there should be", i)
			}
		}
	}
}
