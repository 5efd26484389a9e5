package session

import "time"

// clock tells how long a session has lived, including the time that the whole
// machine was asleep, which the runtime's monotonic clock leaves out on some systems.
// The wall clock includes it. Because that may also be set, the two are compared at
// every reading: the wall clock counts if it ran ahead by more than a jump, and
// is ignored otherwise. A clock that is set to a later time looks like a sleep.
type clock struct {
	read    func() (mono time.Duration, wall time.Time)
	mono    time.Duration
	wall    time.Time
	elapsed time.Duration
}

// jump is more than a clock that is being adjusted gains in a watch interval.
const jump = time.Second

func newClock(read func() (time.Duration, time.Time)) clock {
	if read == nil {
		start := time.Now()
		read = func() (time.Duration, time.Time) {
			now := time.Now()
			return now.Sub(start), now.Round(0) // without its monotonic reading
		}
	}
	c := clock{read: read}
	c.mono, c.wall = read()
	return c
}

// now returns the time since the session began. It must be called every
// [watchInterval] or so.
func (c *clock) now() time.Duration {
	mono, wall := c.read()
	passed := mono - c.mono
	if w := wall.Sub(c.wall); w > passed+jump {
		passed = w
	}
	c.mono, c.wall = mono, wall
	c.elapsed += passed
	return c.elapsed
}
