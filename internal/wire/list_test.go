package wire

import (
	"slices"
	"testing"
)

func TestListReturnsWhatWasAppended(t *testing.T) {
	for _, n := range []int{0, 1, 4, 5, maxCopied - 1, maxCopied, maxCopied + 1, maxCopied + growing, 1000} {
		for _, room := range []int{0, 4} {
			l := NewList[int](room)
			var want []int
			for i := range n {
				l.Append(i)
				want = append(want, i)
			}
			if got := l.All(); !slices.Equal(got, want) {
				t.Errorf("%d elements, room for %d: All = %v, want %v", n, room, got, want)
			}
		}
	}
}

func TestListAllocates(t *testing.T) {
	for _, tt := range []struct {
		n    int
		most float64
	}{{4, 1}, {1000, 5 + 5 + 4 + 3 + 1}} { // first; doubling chunks, full ones, their table, the result
		allocs := testing.AllocsPerRun(10, func() {
			l := NewList[any](4)
			for range tt.n {
				l.Append(nil)
			}
			if len(l.All()) != tt.n {
				t.Fatal("elements are missing")
			}
		})
		if allocs > tt.most {
			t.Errorf("%d elements cost %.0f allocations, want at most %.0f", tt.n, allocs, tt.most)
		}
	}
}
