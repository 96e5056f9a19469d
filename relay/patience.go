package relay

import "time"

// await waits, at most for the patience of the hub, until an entry of the given size can be added without taking
// anything away from a subscriber that has yet to read it.
func (st *stream) await(size int) {
	if st.patience <= 0 {
		return
	}
	var giveUp <-chan time.Time
	for {
		st.mu.Lock()
		st.trimAt = 0
		st.trim()
		if !st.wouldRob(size) {
			st.mu.Unlock()
			return
		}
		progress := st.progress.wait()
		st.mu.Unlock()
		if giveUp == nil {
			giveUp = time.After(st.patience)
		}
		select {
		case <-progress:
		case <-giveUp:
			return
		}
	}
}

// wouldRob reports whether an entry of the given size pushes out of the ring what somebody has yet to read. st.mu is
// held.
func (st *stream) wouldRob(size int) bool {
	r := &st.ring
	if st.ended || r.bytes+size <= r.maxBytes {
		return false
	}
	oldest := r.head
	for s := range st.roaming {
		if !s.needStart && !s.isPaused && s.cursor >= r.tail {
			oldest = min(oldest, s.cursor)
		}
	}
	n := r.tail
	for excess := r.bytes + size - r.maxBytes; excess > 0 && n < r.head; n++ {
		excess -= r.at(n).size()
	}
	return n > oldest
}
