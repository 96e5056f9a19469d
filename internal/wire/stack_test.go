package wire

import (
	"slices"
	"testing"
)

func TestStackTakesWhatWasPushed(t *testing.T) {
	for _, outer := range []int{0, 1, 15, 16, 17, 40} {
		for _, inner := range []int{0, 1, 15, 16, 17, 40} {
			var s Stack[int]
			var want [2][]int
			push := func(list, n int) {
				for range n {
					want[list] = append(want[list], s.Len())
					s.Push(s.Len())
				}
			}
			push(0, outer)
			push(1, inner)
			if got := s.Take(outer); !slices.Equal(got, want[1]) {
				t.Errorf("%d inside %d: Take = %v, want %v", inner, outer, got, want[1])
			}
			push(0, 20)
			s.Push(-1)
			if got := s.At(s.Len() - 1); got != -1 {
				t.Errorf("%d inside %d: At of the top = %d, want -1", inner, outer, got)
			}
			s.Drop()
			if got := s.Take(0); !slices.Equal(got, want[0]) {
				t.Errorf("%d inside %d: second Take = %v, want %v", inner, outer, got, want[0])
			}
			if s.Len() != 0 {
				t.Errorf("%d inside %d: Len = %d after everything was taken", inner, outer, s.Len())
			}
		}
	}
}

func TestChunksKeepTheirElements(t *testing.T) {
	var c Chunks[int]
	first := c.At(0)
	for i := range 1000 {
		*c.At(i) = i
	}
	for i := range 1000 {
		if got := *c.At(i); got != i {
			t.Fatalf("element %d = %d", i, got)
		}
	}
	if c.At(0) != first {
		t.Error("element 0 has moved")
	}
	room := 0
	for _, chunk := range c.chunks {
		room += len(chunk)
	}
	if room-1000 > fullChunk {
		t.Errorf("1,000 elements have room for %d", room)
	}
}
