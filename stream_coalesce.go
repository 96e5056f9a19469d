package rtmp

import "time"

// CoalesceReads lets what the peer sends wait for more: until 48 KiB have come, until delay is over, or until the peer
// closes. To be woken for every message is most of what a live stream costs, and a server with many publishers saves it
// where some delay does no harm. Zero, the default, takes every byte when it comes. If a connection has several streams,
// the shortest delay of them is that of all.
//
// It reports whether that is so now. It needs a plain TCP connection, and a system that minds SO_RCVLOWAT when it polls,
// such as Linux; elsewhere it changes nothing.
func (s *Stream) CoalesceReads(delay time.Duration) bool {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	if delay = max(delay, 0); s.delay != delay && s.state != streamEnded {
		s.delay = delay
		s.conn.coalesce()
	}
	return s.conn.delay == delay
}

// coalesce carries out what the streams of c want. c.mu is held.
func (c *Conn) coalesce() {
	delay := time.Duration(-1)
	for _, s := range c.streams {
		if delay < 0 || s.delay < delay {
			delay = s.delay
		}
	}
	delay = max(delay, 0)
	if c.readiness == nil || c.delay == delay || c.err() != nil {
		return
	}
	if c.readiness.coalesce(delay) {
		c.delay = delay
	}
}
