package relay

import (
	"net"
	"time"
)

// Close ends the stream: subscribers get what they have not read yet and then io.EOF, and the name is free at once.
// With a Hub.Grace they go on with whoever publishes it next, if that is within the time. It returns net.ErrClosed if p
// was closed before, or another publisher has taken over.
func (p *Publication) Close() error {
	isFirst, err := p.close()
	if isFirst {
		p.hub.Trace.publishEnd(p)
	}
	return err
}

// close is Close without the hook. It also reports whether this was the first call.
func (p *Publication) close() (isFirst bool, err error) {
	h, st := p.hub, p.stream
	st.serving.Lock()
	defer st.serving.Unlock()
	st.mu.Lock()
	st.show()
	h.mu.Lock()
	defer h.mu.Unlock()
	st.mu.Lock()
	defer st.unlock()
	isFirst, p.closed = !p.closed, true
	if p.over != nil {
		return isFirst, net.ErrClosed
	}
	p.over = net.ErrClosed
	st.progress.signal()
	if h.Grace > 0 && h.mayContinue(p.identity, p.identity) {
		st.live = false
		st.turn.signal()
		time.AfterFunc(h.Grace, p.giveUp)
		return isFirst, nil
	}
	h.end(st)
	return isFirst, nil
}

// giveUp ends the stream if nobody has continued it since p was closed.
func (p *Publication) giveUp() {
	h, st := p.hub, p.stream
	st.serving.Lock()
	defer st.serving.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	st.mu.Lock()
	defer st.unlock()
	if st.pub == p {
		h.end(st)
	}
}

// end makes nothing more come on st. st.serving, h.mu and st.mu are held.
func (h *Hub) end(st *stream) {
	st.live, st.ended = false, true
	st.turn.signal()
	if st.window != nil {
		st.window.Stop()
	}
	for len(st.parked) > 0 {
		st.unpark(st.parked[0], st.shown, st.version)
	}
	h.leave(st)
}

// enter makes s a subscription of st. Whoever is there before a publisher's first message gets all of it, however much
// has come when the reader wakes up. Anybody else has to find a place to begin. st.mu is held, and
// that of the stream in which s was before.
func (s *Subscription) enter(st *stream) {
	s.stream, s.version = st, 0
	s.cursor, s.needStart, s.after = 0, st.ring.head > 0, nil
	if !st.live {
		s.cursor, s.needStart, s.after = st.ring.head, false, st.pub
	}
	s.pausedAt = s.cursor
	st.roaming[s] = struct{}{}
}

// reenter makes s wait on under the same name if its stream has ended and s, which came during the grace, has never
// had a publisher. It reports false if that is not so.
func (s *Subscription) reenter() bool {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.closed || s.after == nil || s.after != s.stream.pub {
		return false
	}
	old := s.stream
	h.leave(old)
	st := h.join(old.name)
	st.mu.Lock()
	defer st.mu.Unlock()
	old.mu.Lock()
	defer old.mu.Unlock()
	delete(old.roaming, s)
	s.enter(st)
	return true
}
