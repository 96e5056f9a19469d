package load

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The middle of the bucket of d is d, to 1 percent or a nanosecond.
func TestBuckets(t *testing.T) {
	last := -1
	for d := time.Duration(0); d >= 0 && d < math.MaxInt64/2; d += d/100 + 1 {
		i := bucket(d)
		if i < last || i >= len(histogram{}.counts) {
			t.Fatalf("bucket(%d) = %d, after %d of %d", d, i, last, len(histogram{}.counts))
		}
		last = i
		if off := middle(i) - d; off.Abs() > d/100+1 {
			t.Errorf("the middle of the bucket of %d ns is %d", d, middle(i))
		}
	}
	if i := bucket(math.MaxInt64); i >= len(histogram{}.counts) {
		t.Errorf("bucket(MaxInt64) = %d", i)
	}
}

func TestSummary(t *testing.T) {
	var h histogram
	if diff := cmp.Diff(Summary{}, h.summary()); diff != "" {
		t.Errorf("summary of nothing (-want +got):\n%s", diff)
	}
	for i := range 100 {
		h.add(time.Duration(100-i) * time.Nanosecond)
	}
	h.add(-time.Second) // a clock that went back
	want := Summary{Count: 101, P50: 50, P90: 90, P99: 99, Max: 100}
	if diff := cmp.Diff(want, h.summary()); diff != "" {
		t.Errorf("summary of 0 to 100 ns (-want +got):\n%s", diff)
	}
	var one histogram
	one.add(time.Second)
	if s := one.summary(); s.P50 > s.Max || s.P50 != s.P99 || s.P50 < 990*time.Millisecond {
		t.Errorf("summary of a second: %+v", s)
	}
}
