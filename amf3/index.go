package amf3

// An index is a reference table of the encoder: a key and the number that a reference to it carries.
type index[K comparable] struct {
	next int // the number of the next entry
	few  [8]numbered[K]
	used int       // of few
	many map[K]int // all of them, once few is full
}

type numbered[K comparable] struct {
	key    K
	number int
}

// find returns the number of key. If it has none it gets the next one.
func (x *index[K]) find(key K) (number int, found bool) {
	if x.many != nil {
		if number, found = x.many[key]; found {
			return number, true
		}
		x.many[key] = x.next
	} else {
		for i := range x.used {
			if x.few[i].key == key {
				return x.few[i].number, true
			}
		}
		if x.used < len(x.few) {
			x.few[x.used] = numbered[K]{key, x.next}
			x.used++
		} else {
			x.many = make(map[K]int, 4*len(x.few))
			for _, e := range x.few {
				x.many[e.key] = e.number
			}
			x.many[key] = x.next
		}
	}
	x.next++
	return x.next - 1, false
}

// skip gives a number to a value that is never referred to.
func (x *index[K]) skip() { x.next++ }
