package load

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// A histogram counts durations, to 2 percent. Any number of goroutines may add to it.
type histogram struct {
	counts [58 * steps]atomic.Uint64
	max    atomic.Int64
}

// steps is the number of buckets from a duration to twice as much.
const steps = 64

func (h *histogram) add(d time.Duration) {
	d = max(d, 0)
	h.counts[bucket(d)].Add(1)
	for old := h.max.Load(); int64(d) > old && !h.max.CompareAndSwap(old, int64(d)); old = h.max.Load() {
	}
}

// bucket returns the place of d: up to 2*steps nanoseconds each has its own.
func bucket(d time.Duration) int {
	shift := max(0, bits.Len64(uint64(d))-bits.Len(steps))
	return shift*steps + int(d>>shift)
}

// middle returns the duration in the middle of bucket i.
func middle(i int) time.Duration {
	if i < 2*steps {
		return time.Duration(i)
	}
	shift := i/steps - 1
	return time.Duration(i%steps+steps)<<shift + 1<<(shift-1)
}

// A Summary describes many durations.
type Summary struct {
	Count              uint64 // zero: nothing was measured, and all else is zero
	P50, P90, P99, Max time.Duration
}

func (h *histogram) summary() (s Summary) {
	for i := range h.counts {
		s.Count += h.counts[i].Load()
	}
	s.Max = time.Duration(h.max.Load())
	var sum uint64
	for i := range h.counts {
		sum += h.counts[i].Load()
		for _, p := range []struct {
			value   *time.Duration
			percent uint64
		}{{&s.P50, 50}, {&s.P90, 90}, {&s.P99, 99}} {
			if *p.value == 0 && sum > 0 && sum*100 >= s.Count*p.percent {
				*p.value = min(middle(i), s.Max)
			}
		}
	}
	return s
}
