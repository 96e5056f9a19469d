package relay

import "time"

// await waits, at most for the patience of the hub, until p can add an entry of the given size without taking anything
// away from a subscriber that has yet to read it, or until p is over.
func (st *stream) await(p *Publication, size int) {
	if st.patience <= 0 {
		return
	}
	var giveUp <-chan time.Time
	for {
		st.mu.Lock()
		st.trimAt = 0
		st.trim()
		if p.over != nil || !st.wouldRob(size) {
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
	if r.bytes+size <= r.maxBytes {
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
