package rtmp

import (
	"context"
	"slices"

	"github.com/gortmp/rtmp/session"
)

// A notice waits for a status with one of its codes.
type notice struct {
	codes  []string // what is hoped for
	failed []string // what is feared
	answer chan session.Status
}

// await registers for a status. conn.mu is held.
func (s *Stream) await(codes, failed []string) *notice {
	n := &notice{codes, failed, make(chan session.Status, 1)}
	s.notices = append(s.notices, n)
	return n
}

// wait returns nil if one of the hoped codes came, a *StatusError for a feared one.
func (s *Stream) wait(ctx context.Context, n *notice) error {
	select {
	case st, ok := <-n.answer:
		switch {
		case !ok:
			s.conn.mu.Lock()
			defer s.conn.mu.Unlock()
			return s.err
		case slices.Contains(n.failed, st.Code):
			return refusal(st)
		}
		return nil
	case <-ctx.Done():
		s.conn.mu.Lock()
		defer s.conn.mu.Unlock()
		s.forget(n)
		return context.Cause(ctx)
	}
}

// forget removes n. conn.mu is held.
func (s *Stream) forget(n *notice) {
	s.notices = slices.DeleteFunc(s.notices, func(other *notice) bool { return other == n })
}

// handleStatus gives a status to whoever waits for it.
func (c *Conn) handleStatus(ev session.StatusReceived) {
	s := c.streams[ev.StreamID]
	if s == nil {
		return
	}
	for _, n := range s.notices {
		if slices.Contains(n.codes, ev.Status.Code) || slices.Contains(n.failed, ev.Status.Code) {
			n.answer <- ev.Status
			s.forget(n)
			return
		}
	}
}
