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
		list[i] = *s.many.At(from + i - len(s.few))
	}
	s.n = from
	return list
}

// Chunks is an array that grows at its end without being copied. The zero value is ready.
type Chunks[T any] struct{ chunks [][]T }

const firstChunk = 1 << 3 // elements; each further chunk is twice as long

// At returns element i, which may be the first one behind those that were asked for before, but none farther.
func (c *Chunks[T]) At(i int) *T {
	i += firstChunk
	k := bits.Len(uint(i)) - bits.Len(firstChunk)
	if k == len(c.chunks) {
		c.chunks = append(c.chunks, make([]T, firstChunk<<k))
	}
	return &c.chunks[k][i-firstChunk<<k]
}
