// Package stats sums up measurements.
package stats

import (
	"math/bits"
	"time"
)

// Each power of two is divided into this many buckets, so that a quantile is at most
// 1/64 too large.
const (
	subBits    = 6
	subBuckets = 1 << subBits
)

// Histogram counts durations in buckets of relative width. The zero value is empty.
type Histogram struct {
	counts [(64 - subBits) * subBuckets]uint64
	total  uint64
	max    time.Duration
}

// Record counts d; a negative one counts as 0.
func (h *Histogram) Record(d time.Duration) {
	d = max(d, 0)
	h.counts[bucket(uint64(d))]++
	h.total++
	h.max = max(h.max, d)
}

// Total is how many durations have been counted.
func (h *Histogram) Total() uint64 { return h.total }

// Max is the longest duration.
func (h *Histogram) Max() time.Duration { return h.max }

// Quantile returns the duration that the share q, from 0 to 1, does not exceed; 0 if
// nothing has been counted.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.total == 0 {
		return 0
	}
	rank := uint64(q * float64(h.total))
	var seen uint64
	for i, n := range h.counts {
		seen += n
		if seen > rank || seen == h.total {
			return min(time.Duration(upper(i)), h.max)
		}
	}
	return h.max
}

// Reset empties the histogram.
func (h *Histogram) Reset() { *h = Histogram{} }

// bucket returns where v is counted: values below subBuckets have one each.
func bucket(v uint64) int {
	if v < subBuckets {
		return int(v)
	}
	shift := bits.Len64(v) - subBits - 1
	return shift<<subBits + int(v>>shift)
}

// upper is the largest value of a bucket.
func upper(i int) uint64 {
	if i < subBuckets {
		return uint64(i)
	}
	shift := i>>subBits - 1
	return (uint64(i)-uint64(shift)<<subBits+1)<<shift - 1
}
