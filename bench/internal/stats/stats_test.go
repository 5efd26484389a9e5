package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestQuantilesAreCloseToThoseOfTheSortedValues(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var h Histogram
	var values []time.Duration
	for range 20000 {
		d := time.Duration(math.Exp(r.Float64() * 22)) // 1 ns to 3.6 s
		values = append(values, d)
		h.Record(d)
	}
	slices.Sort(values)
	for _, q := range []float64{0, 0.5, 0.9, 0.99, 0.999} {
		want := values[int(q*float64(len(values)))]
		got := h.Quantile(q)
		if got < want || float64(got) > float64(want)*(1+1.0/subBuckets)+1 {
			t.Errorf("quantile %v: %v, want %v or a little more", q, got, want)
		}
	}
	if h.Quantile(1) != values[len(values)-1] || h.Max() != values[len(values)-1] {
		t.Errorf("quantile 1 is %v, the maximum %v", h.Quantile(1), h.Max())
	}
	if h.Total() != 20000 {
		t.Errorf("total %d", h.Total())
	}
}

func TestEveryValueIsInABucketThatHoldsIt(t *testing.T) {
	for _, v := range []uint64{0, 1, 63, 64, 65, 127, 128, 1000, 1 << 20, 1<<20 + 1, 1<<62 - 1, math.MaxInt64} {
		b := bucket(v)
		if upper(b) < v || b > 0 && upper(b-1) >= v {
			t.Errorf("%d is in bucket %d, which ends at %d after %d", v, b, upper(b), upper(b-1))
		}
	}
}

func TestEmptyHistogram(t *testing.T) {
	var h Histogram
	if h.Quantile(0.5) != 0 {
		t.Error("an empty histogram has a median")
	}
	h.Record(-time.Second)
	if h.Quantile(0.5) != 0 || h.Total() != 1 {
		t.Error("a negative duration is not counted as 0")
	}
	h.Reset()
	if h.Total() != 0 {
		t.Error("not empty after Reset")
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3}, {[]float64{5, 1, 3}, 3}, {[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := Median(c.values); got != c.want {
			t.Errorf("median of %v: %v, want %v", c.values, got, c.want)
		}
	}
	if !math.IsNaN(Median(nil)) {
		t.Error("the median of nothing is a number")
	}
	unsorted := []float64{3, 1, 2}
	Median(unsorted)
	if !slices.Equal(unsorted, []float64{3, 1, 2}) {
		t.Error("Median sorts its argument")
	}
}

func TestMedianRatioPairsRounds(t *testing.T) {
	nan := math.NaN()
	// The second round ran on a machine half as fast: the ratios do not show it.
	if got := MedianRatio([]float64{1, 2, 1}, []float64{2, 4, 2}); got != 0.5 {
		t.Errorf("got %v, want 0.5", got)
	}
	if got := MedianRatio([]float64{1, nan, 9}, []float64{2, 4, nan}); got != 0.5 {
		t.Errorf("with missing rounds: got %v, want 0.5", got)
	}
	if !math.IsNaN(MedianRatio([]float64{nan}, []float64{1})) {
		t.Error("a ratio of nothing is a number")
	}
	if got := Present([]float64{nan, 1}); !slices.Equal(got, []float64{1}) {
		t.Errorf("Present: %v", got)
	}
}
