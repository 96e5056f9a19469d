package wire

import "math/bits"

// A Stack collects the elements of lists that lie inside each other, so that each list can be allocated once, at the
// length that it turned out to have. The first few elements need no memory of their own. The zero value is ready.
type Stack[T any] struct {
	few  [16]T
	many Chunks[T]
	n    int
}

// Len returns the number of elements on the stack.
func (s *Stack[T]) Len() int { return s.n }

// At returns element i.
func (s *Stack[T]) At(i int) T {
	if i < len(s.few) {
		return s.few[i]
	}
	return *s.many.At(i - len(s.few))
}

// Drop removes the element on top.
func (s *Stack[T]) Drop() { s.n-- }

// Push puts v on top.
func (s *Stack[T]) Push(v T) {
	if s.n < len(s.few) {
		s.few[s.n] = v
	} else {
		*s.many.At(s.n - len(s.few)) = v
	}
	s.n++
}

// Take removes the elements from number from on, and returns them as a list, which is owned.
func (s *Stack[T]) Take(from int) []T {
	list := make([]T, s.n-from)
	i := 0
	if from < len(s.few) {
		i = copy(list, s.few[from:min(s.n, len(s.few))])
	}
	for ; i < len(list); i++ {
		list[i] = s.At(from + i)
	}
	s.n = from
	return list
}

// Chunks is an array that grows at its end without being copied, and never has room for more than 248 elements that are
// not there. The zero value is ready.
type Chunks[T any] struct{ chunks [][]T }

// Chunks of 8, 16, 32, 64 and 128 elements come first, then those of 248: a power of two and the word that the allocator
// adds would take a size class of its own and waste a sixth of it.
const (
	firstChunk = 1 << 3
	doublings  = 5
	growing    = firstChunk<<doublings - firstChunk // elements before the chunks of full length
	fullChunk  = 248
)

// At returns element i, which may be the first one behind those that were asked for before, but none farther.
func (c *Chunks[T]) At(i int) *T {
	var k, start, size int
	if i < growing {
		k = bits.Len(uint(i+firstChunk)) - bits.Len(firstChunk)
		size = firstChunk << k
		start = size - firstChunk
	} else {
		full := (i - growing) / fullChunk
		k = doublings + full
		size = fullChunk
		start = growing + full*fullChunk
	}
	if k == len(c.chunks) {
		c.chunks = append(c.chunks, make([]T, size))
	}
	return &c.chunks[k][i-start]
}
