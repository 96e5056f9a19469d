package wire

// Ours: up to so many elements a List is copied when it grows. The lists that peers really send are shorter.
const maxCopied = 64

// A List collects elements of which nobody knows how many will come. A long one is copied only once, at the end: what
// it allocates is at most twice its length. The zero value is ready.
type List[T any] struct {
	first []T
	rest  Chunks[T]
	n     int // in rest
}

// NewList returns a List with room for n elements.
func NewList[T any](n int) List[T] { return List[T]{first: make([]T, 0, n)} }

// Append adds v at the end.
func (l *List[T]) Append(v T) {
	if len(l.first) < maxCopied {
		l.first = append(l.first, v)
		return
	}
	*l.rest.At(l.n) = v
	l.n++
}

// All returns the elements, which are owned. The List must not be used any more.
func (l *List[T]) All() []T {
	if l.n == 0 {
		return l.first
	}
	all := make([]T, len(l.first)+l.n)
	for i := copy(all, l.first); i < len(all); i++ {
		all[i] = *l.rest.At(i - len(l.first))
	}
	return all
}
