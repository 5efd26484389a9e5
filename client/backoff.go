package client

import (
	"math/rand/v2"
	"time"
)

// backoff returns how long to wait before an attempt; attempt counts those in a row,
// from 0. The time is random between nothing and a ceiling that doubles: when a
// server restarts, its clients come back evenly spread over the whole ceiling.
func (o *Options) backoff(attempt int) time.Duration {
	ceiling := o.ReconnectDelay
	for ; attempt > 0 && ceiling < o.ReconnectDelayMax; attempt-- {
		ceiling *= 2
		if ceiling <= 0 { // overflow
			ceiling = o.ReconnectDelayMax
		}
	}
	return rand.N(min(ceiling, o.ReconnectDelayMax) + 1)
}
