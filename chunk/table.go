package chunk

// A table holds one T for each chunk stream that was used. The ids below 64, which are nearly all that is ever
// seen, cost a byte each and no hashing. Its zero value is ready.
type table[T any] struct {
	place [64]uint8 // for an id below 64: where it is in low, plus one
	low   []T
	high  map[uint32]*T
}

// get returns the entry of id, or nil. The pointer is good until the next call to add.
func (t *table[T]) get(id uint32) *T {
	if id >= uint32(len(t.place)) {
		return t.high[id]
	}
	if i := int(t.place[id]) - 1; uint(i) < uint(len(t.low)) {
		return &t.low[i]
	}
	return nil
}

// add makes an entry for id, which must not have one.
func (t *table[T]) add(id uint32) *T {
	if id >= uint32(len(t.place)) {
		if t.high == nil {
			t.high = make(map[uint32]*T)
		}
		s := new(T)
		t.high[id] = s
		return s
	}
	var zero T
	t.low = append(t.low, zero)
	t.place[id] = uint8(len(t.low))
	return &t.low[len(t.low)-1]
}

// len returns the number of entries.
func (t *table[T]) len() int { return len(t.low) + len(t.high) }
