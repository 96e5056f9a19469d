package relay

// What follows carries out what a player asks for while it plays. It must not be called during a read.

// pause makes the reader get nothing, or go on at the newest key frame that it has not seen. What it missed counts
// as not wanted.
func (s *Subscription) pause(on bool) {
	s.stream.mu.Lock()
	defer s.stream.mu.Unlock()
	if on == s.isPaused {
		return
	}
	s.isPaused = on
	if on {
		s.pausedAt = s.cursor
		return
	}
	s.cursor = s.pausedAt
	s.needStart, s.isBehind = s.needStart || s.cursor < s.stream.ring.head, false
}

// want makes the reader get messages with any of the bits of what, or not. Video goes on with a key frame.
func (s *Subscription) want(what class, on bool) {
	s.stream.mu.Lock()
	defer s.stream.mu.Unlock()
	if !on {
		s.unwanted |= what
		return
	}
	if s.unwanted&what&isVideo != 0 {
		s.gate, s.isBehind = gate{}, false
	}
	s.unwanted &^= what
}
