package wire

// A Stack collects the elements of lists that lie inside each other, so that each list can be allocated once, at the
// length that it turned out to have. The first few elements need no memory of their own. The zero value is ready.
type Stack[T any] struct {
	few  [16]T
	many []T
	n    int
}

// Len returns the number of elements on the stack.
func (s *Stack[T]) Len() int { return s.n }

// Push puts v on top.
func (s *Stack[T]) Push(v T) {
	if s.n < len(s.few) {
		s.few[s.n] = v
	} else {
		s.many = append(s.many, v)
	}
	s.n++
}

// Take removes the elements from number from on, and returns them as a list, which is owned.
func (s *Stack[T]) Take(from int) []T {
	list := make([]T, s.n-from)
	k := 0
	if from < len(s.few) {
		k = copy(list, s.few[from:min(s.n, len(s.few))])
	}
	if k < len(list) {
		rest := s.many[from+k-len(s.few):]
		copy(list[k:], rest)
		clear(rest) // what was taken must not live as long as the stack
		s.many = s.many[:from+k-len(s.few)]
	}
	s.n = from
	return list
}
