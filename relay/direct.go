package relay

import "slices"

// A player that has read everything is parked: the publisher's own goroutine hands it what comes next, as long as its
// connection takes that without waiting. So a message usually costs a player one system call, and no goroutine has to
// be woken for it. As soon as a player does not keep up, or has something to say, its own goroutine goes on from where
// the publisher stopped, and parks it again when it has caught up.

// park leaves it to the publisher to serve s, if that is possible. stream.mu is held, and s has read everything.
func (s *Subscription) park() {
	if s.player == nil || s.isParked || s.needStart || s.isPaused || !s.stream.live {
		return
	}
	s.isParked = true
	s.stream.parked = append(s.stream.parked, s)
}

// unpark makes the goroutine of s go on. stream.mu is held.
func (s *Subscription) unpark() {
	s.isParked = false
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// leave takes s out of the publisher's hands when its goroutine goes on for another reason.
func (s *Subscription) leave() {
	st := s.stream
	st.mu.Lock()
	defer st.mu.Unlock()
	if s.isParked {
		s.isParked = false
		st.parked = slices.DeleteFunc(st.parked, func(other *Subscription) bool { return other == s })
	}
}

// serve hands e to the subscriptions that were parked when it became the newest entry; next is the number of the one
// after it. stream.serving is held.
func (st *stream) serve(e *entry, next uint64, parked []*Subscription) {
	for _, s := range parked {
		s.isServed = s.take(e)
	}
	st.mu.Lock()
	for _, s := range parked {
		if !s.isParked {
			continue // it has left meanwhile
		}
		if s.isServed {
			s.cursor, s.version = next, e.version
		}
		if s.isServed && st.live {
			st.parked = append(st.parked, s)
		} else {
			s.unpark()
		}
	}
	st.mu.Unlock()
	clear(parked)
	st.spare = parked[:0]
}

// take hands e to the player of s. It reports false if that is left to the goroutine of s.
func (s *Subscription) take(e *entry) bool {
	if e.class&s.unwanted != 0 || e.class&(isKey|isFrame) != 0 && !s.gate.opens(e) {
		return true
	}
	pm := s.form(e)
	if pm == nil {
		return true
	}
	ok, err := s.player.TryWritePrepared(pm)
	return ok && err == nil
}
